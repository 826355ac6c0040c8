"""Those who log in: clients, IBs and the broker's own people."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, select

from contract.problems import Problem
from models.boundaries import InTenant
from models.columns import moment, row_id, word
from models.locking import fresh
from models.tenant import Portal


@dataclass(frozen=True)
class Caller:
    """Who is calling, and the session that he is logged in with."""

    user_id: int
    session_id: int
    portal: Portal
    email: str


class UserStatus(StrEnum):
    """Whether somebody may log in."""

    ENABLED = "enabled"
    DISABLED = "disabled"


class User(InTenant, table=True):
    """A person in one portal; the same person as client and as IB is two users. The email address
    is kept in lower case. `password_hash` is argon2id's own text.
    """

    __table_args__ = (UniqueConstraint("tenant_id", "user_type", "email"),)

    id: int = row_id()
    user_type: Portal = word(Portal)
    email: str = Field(max_length=254)
    password_hash: str = Field(max_length=200)
    password_changed_at: datetime = moment()
    first_name: str = Field(max_length=100)
    last_name: str = Field(max_length=100)
    full_name: str = Field(max_length=200)
    language: str = Field(max_length=20)
    status: UserStatus = word(UserStatus, UserStatus.ENABLED)
    email_verified_at: datetime | None = moment(optional=True)
    last_login_at: datetime | None = moment(optional=True)

    @classmethod
    def by_email(cls, session: Session, portal: Portal, email: str) -> "User | None":
        """The user of a portal with this address, in whatever case it is written."""
        found = select(cls).where(cls.user_type == portal, cls.email == normal(email))
        return session.exec(found).first()

    @classmethod
    def is_registered(cls, session: Session, portal: Portal, email: str) -> bool:
        """Whether there is such a user; takes as long where there is none."""
        found = select(cls.id).where(cls.user_type == portal, cls.email == normal(email))
        return session.exec(found).first() is not None

    @classmethod
    def present(cls, session: Session, user_id: int) -> "User":
        """A user who is known to be there."""
        return session.exec(select(cls).where(cls.id == user_id)).one()

    @classmethod
    def locked(cls, session: Session, user_id: int) -> "User":
        """The user, whom nobody else changes until this transaction ends."""
        return session.exec(fresh(select(cls).where(cls.id == user_id))).one()

    @property
    def may_log_in(self) -> bool:
        """See below."""
        return may_log_in(self.status, self.email_verified_at)

    def require_enabled(self) -> None:
        """Raises Problem USER_DISABLED."""
        if not self.may_log_in:
            raise Problem("USER_DISABLED")

    def set_password(self, password_hash: str, now: datetime) -> None:
        """Puts a new password into force."""
        self.password_hash = password_hash
        self.password_changed_at = now

    def guessable(self, broker: str) -> list[str]:
        """Words that somebody who wants to guess the password would try first."""
        return [*self.email.split("@"), self.first_name, self.last_name, broker]

    @property
    def masked_email(self) -> str:
        """The address for a screen that somebody else may see: a***@example.com."""
        name, _, host = self.email.rpartition("@")
        return f"{name[:1]}***@{host}"


def may_log_in(status: UserStatus, email_verified_at: datetime | None) -> bool:
    """Whether the broker has enabled somebody and the address is known to be his."""
    return status is UserStatus.ENABLED and email_verified_at is not None


def normal(email: str) -> str:
    """The one spelling of an address: who has typed it in capitals means the same one."""
    return email.strip().lower()
