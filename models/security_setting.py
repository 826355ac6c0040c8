"""What a tenant asks of those who log in."""

from datetime import timedelta
from enum import StrEnum

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, Session, select

from models.boundaries import InTenant
from models.columns import row_id, word


class Strength(StrEnum):
    """How hard a new password must be to guess."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    STRONG = "strong"


class SecuritySetting(InTenant, table=True):
    """One row per tenant. `reveals_registered` says whether the answers of the registration tell
    an address that is taken (wlink 14 and 15 ask for it); without it they look alike.
    """

    __tablename__ = "security_setting"
    __table_args__ = (UniqueConstraint("tenant_id"),)

    id: int = row_id()
    required_password_strength: Strength = word(Strength, Strength.MEDIUM)
    email_verification_scenarios: list[str] = Field(default_factory=list, sa_type=JSON)
    re_captcha_enabled: bool = Field(default=False)
    tencent_captcha_enabled: bool = Field(default=False)
    session_idle_seconds: int = Field(default=24 * 3600)
    session_seconds: int = Field(default=7 * 24 * 3600)
    reveals_registered: bool = Field(default=True)

    @classmethod
    def of_tenant(cls, session: Session) -> "SecuritySetting":
        """The setting of the session's tenant."""
        return session.exec(select(cls)).one()

    @property
    def session_life(self) -> timedelta:
        """After this time a session ends, however busy."""
        return timedelta(seconds=self.session_seconds)

    @property
    def idle_life(self) -> timedelta:
        """After this time without a request a session ends."""
        return timedelta(seconds=self.session_idle_seconds)
