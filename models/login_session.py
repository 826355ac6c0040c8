"""Being logged in: an opaque token, of which only the hash is kept."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam, update
from sqlmodel import Field, Session, col

from contract.problems import Problem
from models.boundaries import OfUser
from models.columns import moment, row_id
from models.reading import Query, Reading
from models.tenant import Portal
from models.user import User, UserStatus, may_log_in

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
    def of_token(cls, reading: Reading, token: str) -> "Login | None":
        """What is known of the session that was opened with this token, and whose it is."""
        found = reading.rows(_OF_TOKEN, token_hash=token_hash(token))
        return Login(*found[0]) if found else None

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
    def mark(cls, session: Session, session_id: int, now: datetime) -> None:
        """Notes that the session was used now."""
        session.execute(update(cls).where(col(cls.id) == session_id).values(last_seen_at=now))


class Login(NamedTuple):
    """A session and its user, as far as it matters to whoever asks whether to let him in."""

    session_id: int
    last_seen_at: datetime
    expires_at: datetime
    idle_seconds: int
    revoked_at: datetime | None
    user_id: int
    portal: Portal
    email: str
    status: UserStatus
    email_verified_at: datetime | None

    def require_enabled(self) -> None:
        """Raises Problem USER_DISABLED."""
        if not may_log_in(self.status, self.email_verified_at):
            raise Problem("USER_DISABLED")

    def require_open(self, now: datetime) -> None:
        """Raises Problem TOKEN_EXPIRED."""
        idle_until = self.last_seen_at + timedelta(seconds=self.idle_seconds)
        if now >= min(self.expires_at, idle_until):
            raise Problem("TOKEN_EXPIRED")

    def is_to_be_marked(self, now: datetime) -> bool:
        """Whether it was last seen so long ago that it is worth a write."""
        return now - self.last_seen_at >= _SEEN_EVERY


_OF_TOKEN = Query(
    sa.select(
        *(col(LoginSession.id), col(LoginSession.last_seen_at), col(LoginSession.expires_at)),
        *(col(LoginSession.idle_seconds), col(LoginSession.revoked_at)),
        *(col(User.id), col(User.user_type), col(User.email)),
        *(col(User.status), col(User.email_verified_at)),
    )
    .join(User, col(User.id) == LoginSession.user_id)
    .where(col(LoginSession.token_hash) == bindparam("token_hash"))
)


def token_hash(token: str) -> str:
    """What is kept of a token of 256 random bits: nothing leads back from it."""
    return sha256(token.encode()).hexdigest()
