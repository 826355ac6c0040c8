"""Being logged in: an opaque token, of which only the hash is kept."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import update
from sqlmodel import Field, Session, col, select

from contract.problems import Problem
from models.boundaries import OfUser
from models.columns import moment, row_id
from models.user import User

# So that scanners recognise a token that has strayed into a file.
PREFIX = "crm_"
_SEEN_EVERY = timedelta(minutes=1)


class LoginSession(OfUser, table=True):
    """A user logged in at one place. It ends at `expires_at`, earlier if it stays idle for longer
    than `idle_seconds`, and at once when it is revoked.
    """

    __tablename__ = "login_session"

    id: int = row_id()
    token_hash: str = Field(max_length=64, unique=True)
    created_at: datetime = moment()
    last_seen_at: datetime = moment()
    expires_at: datetime = moment()
    idle_seconds: int
    revoked_at: datetime | None = moment(optional=True)

    @classmethod
    def opened(
        cls, user_id: int, now: datetime, life: timedelta, idle: timedelta
    ) -> tuple["LoginSession", str]:
        """A new session and its token, which is told this once."""
        token = PREFIX + secrets.token_urlsafe(32)
        session = cls(
            user_id=user_id,
            token_hash=token_hash(token),
            created_at=now,
            last_seen_at=now,
            expires_at=now + life,
            idle_seconds=int(idle.total_seconds()),
        )
        return session, token

    @classmethod
    def of_token(cls, session: Session, token: str) -> "tuple[LoginSession, User] | None":
        """The session that was opened with this token, and whose it is."""
        both = select(cls, User).join(User, col(User.id) == cls.user_id)
        return session.exec(both.where(cls.token_hash == token_hash(token))).first()

    @classmethod
    def revoke(cls, session: Session, session_id: int, now: datetime) -> None:
        """Ends a session, unless it is ended already."""
        own = (col(cls.id) == session_id, col(cls.revoked_at).is_(None))
        session.execute(update(cls).where(*own).values(revoked_at=now))

    @classmethod
    def revoke_all(cls, session: Session, user_id: int, now: datetime, *, but: int = 0) -> None:
        """Ends every session of a user, but for one."""
        session.execute(
            update(cls)
            .where(col(cls.user_id) == user_id, col(cls.revoked_at).is_(None), col(cls.id) != but)
            .values(revoked_at=now)
        )

    @classmethod
    def mark(cls, session: Session, seen: "LoginSession", now: datetime) -> None:
        """Notes that the session was used now."""
        session.execute(update(cls).where(col(cls.id) == seen.id).values(last_seen_at=now))

    def require_open(self, now: datetime) -> None:
        """Raises Problem TOKEN_EXPIRED."""
        idle_until = self.last_seen_at + timedelta(seconds=self.idle_seconds)
        if now >= min(self.expires_at, idle_until):
            raise Problem("TOKEN_EXPIRED")

    def is_to_be_marked(self, now: datetime) -> bool:
        """Whether it was last seen so long ago that it is worth a write."""
        return now - self.last_seen_at >= _SEEN_EVERY


def token_hash(token: str) -> str:
    """What is kept of a token of 256 random bits: nothing leads back from it."""
    return sha256(token.encode()).hexdigest()
