"""Enabling people."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from models.login_session import LoginSession
from models.tenant import Portal
from models.user import User, UserStatus, normal


@dataclass(frozen=True)
class Person:
    """Somebody whom the broker knows by name."""

    first_name: str
    last_name: str
    full_name: str
    language: str


def create_user(
    session: Session, portal: Portal, email: str, person: Person, password_hash: str, now: datetime
) -> User:
    """A user whose address is known to be his."""
    user = User(
        user_type=portal,
        email=normal(email),
        password_hash=password_hash,
        password_changed_at=now,
        first_name=person.first_name,
        last_name=person.last_name,
        full_name=person.full_name,
        language=person.language,
        email_verified_at=now,
    )
    session.add(user)
    session.flush()
    return user


def disable_user(session: Session, user_id: int, now: datetime) -> None:
    """Keeps him out, at once."""
    User.locked(session, user_id).status = UserStatus.DISABLED
    LoginSession.revoke_all(session, user_id, now)
