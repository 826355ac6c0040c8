"""What is known of a client beyond his login."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, select

from contract.problems import Problem
from models.boundaries import OfUser
from models.columns import moment, row_id, word
from models.locking import fresh


class ApplyStatus(StrEnum):
    """How far his registration has come."""

    FILLING = "filling"
    APPLYING = "applying"
    APPROVED = "approved"
    DISAPPROVED = "disapproved"


class ClientProfile(OfUser, table=True):
    """One row per client. `country` is the ISO code of where he lives, empty while nobody knows."""

    __tablename__ = "client_profile"
    __table_args__ = (UniqueConstraint("user_id"),)

    id: int = row_id()
    apply_status: ApplyStatus = word(ApplyStatus, ApplyStatus.FILLING)
    kyc_approved_at: datetime | None = moment(optional=True)
    country: str = Field(default="", max_length=20)

    @classmethod
    def of_user_id(cls, session: Session, user_id: int) -> "ClientProfile":
        """That of a client, whom nobody else changes meanwhile."""
        return session.exec(fresh(select(cls).where(cls.user_id == user_id))).one()

    @classmethod
    def country_of(cls, session: Session, user_id: int) -> str:
        """Where a client lives, as an ISO code; empty while nobody knows."""
        return session.exec(select(cls.country).where(cls.user_id == user_id)).one()

    def require_approved(self) -> None:
        """Raises Problem KYC_REQUIRED."""
        if self.apply_status is not ApplyStatus.APPROVED:
            raise Problem("KYC_REQUIRED")
