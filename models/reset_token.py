"""The mailed link that sets a new password."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Field, Session, col, select

from contract.problems import Problem
from models.boundaries import OfUser
from models.columns import moment, row_id
from models.locking import fresh
from models.login_session import token_hash

LIFE = timedelta(minutes=30)


class ResetToken(OfUser, table=True):
    """A token of 256 random bits, good once and for 30 minutes; only its hash is kept. A newer one
    ends it, too: `used_at` then says when.
    """

    __tablename__ = "reset_token"

    id: int = row_id()
    token_hash: str = Field(max_length=64, unique=True)
    expires_at: datetime = moment()
    used_at: datetime | None = moment(optional=True)

    @classmethod
    def issue(cls, session: Session, user_id: int, now: datetime) -> str:
        """A new token, told this once; older ones of the user are good no more."""
        cls.end_all(session, user_id, now)
        token = secrets.token_urlsafe(32)
        session.add(cls(user_id=user_id, token_hash=token_hash(token), expires_at=now + LIFE))
        return token

    @classmethod
    def end_all(cls, session: Session, user_id: int, now: datetime) -> None:
        """No token of the user is good any more."""
        unused = (col(cls.user_id) == user_id, col(cls.used_at).is_(None))
        session.execute(update(cls).where(*unused).values(used_at=now))

    @classmethod
    def of_token(cls, session: Session, token: str) -> "ResetToken | None":
        """The row of a token."""
        return session.exec(select(cls).where(cls.token_hash == token_hash(token))).first()

    @classmethod
    def usable(cls, session: Session, token: str, now: datetime) -> "ResetToken":
        """The row of a token, which nobody else uses until this transaction ends. Raises Problem
        RESET_TOKEN_INVALID or RESET_TOKEN_EXPIRED.
        """
        found = fresh(select(cls).where(cls.token_hash == token_hash(token)))
        row = session.exec(found).first()
        if row is None or row.used_at is not None:
            raise Problem("RESET_TOKEN_INVALID")
        if now >= row.expires_at:
            raise Problem("RESET_TOKEN_EXPIRED")
        return row

    def is_usable(self, now: datetime) -> bool:
        """Whether it still sets a password."""
        return self.used_at is None and now < self.expires_at
