"""Letting people in, and keeping them out."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from backoffice.desk import Desk
from contract.errors import RefusedError
from models.audit_entry import Deed
from models.client_profile import ClientProfile
from models.login_session import LoginSession
from models.message_recipient import MessageBox
from models.reset_token import ResetToken
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
    session.add(MessageBox(user_id=user.id))
    if portal is Portal.CLIENT:
        session.add(ClientProfile(user_id=user.id))
    return user


def invite(desk: Desk, portal: Portal, email: str, person: Person, password_hash: str) -> str:
    """A user who sets his password himself, with the token that is returned: good once, for half an
    hour. `password_hash` is of something that nobody knows. Raises RefusedError.
    """
    if User.by_email(desk.session, portal, email):
        raise RefusedError(f"there is such a user of {portal} already")
    user = create_user(desk.session, portal, email, person, password_hash, desk.now)
    told = {"portal": portal.value, "email": user.email, "full_name": user.full_name}
    desk.note(Deed.USER_CREATED, f"user {user.id}", after=told)
    return ResetToken.issue(desk.session, user.id, desk.now)


def disable_user(session: Session, user_id: int, now: datetime) -> None:
    """Keeps him out, at once."""
    User.locked(session, user_id).status = UserStatus.DISABLED
    LoginSession.revoke_all(session, user_id, now)


def set_enabled(desk: Desk, portal: Portal, email: str, enabled: bool) -> None:
    """Lets somebody in again, or keeps him out. Raises RefusedError."""
    user = known(desk, portal, email)
    before = {"status": user.status.value}
    if enabled:
        User.locked(desk.session, user.id).status = UserStatus.ENABLED
    else:
        disable_user(desk.session, user.id, desk.now)
    after = {"status": User.present(desk.session, user.id).status.value}
    desk.note(Deed.USER_CHANGED, f"user {user.id}", before, after)


def known(desk: Desk, portal: Portal, email: str) -> User:
    """The user of a portal with this address. Raises RefusedError."""
    user = User.by_email(desk.session, portal, email)
    if user is None:
        raise RefusedError(f"there is no such user of {portal}")
    return user


def everybody(desk: Desk, portal: Portal) -> list[User]:
    """The users of a portal, in the order of their addresses."""
    of_portal = select(User).where(User.user_type == portal)
    return list(desk.session.exec(of_portal.order_by(col(User.email))))
