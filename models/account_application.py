"""Applications for live trading accounts."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import LargeBinary
from sqlmodel import Field, Session, col, select

from contract.problems import Problem
from models.audit_status import AUDIT, OPEN, AuditStatus
from models.boundaries import OfUser
from models.columns import Number, moment, reference, row_id, word
from models.machines import Machine, Moving


class ProvisionState(StrEnum):
    """How far the trading server has come with an account that is approved."""

    NONE = "none"
    OPENING = "opening"
    OPENED = "opened"
    OPEN_FAILED = "open_failed"


PROVISION = Machine(
    starts=frozenset([ProvisionState.NONE]),
    edges={
        ProvisionState.NONE: frozenset([ProvisionState.OPENING]),
        ProvisionState.OPENING: frozenset([ProvisionState.OPENED, ProvisionState.OPEN_FAILED]),
        ProvisionState.OPEN_FAILED: frozenset([ProvisionState.OPENING]),
    },
)


class AccountApplication(Moving, OfUser, table=True):
    """A client wants the account. Its passwords wait here, sealed, until somebody has decided."""

    __tablename__ = "account_application"
    MACHINES: ClassVar[Mapping[str, Machine]] = {"status": AUDIT, "provision_state": PROVISION}

    id: int = row_id()
    trading_account_id: int = reference("trading_account.id")
    status: AuditStatus = word(AuditStatus, AuditStatus.PENDING)
    provision_state: ProvisionState = word(ProvisionState, ProvisionState.NONE)
    passwords: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    operation_key: str = Field(default="", max_length=31, index=True)
    auditor_id: int | None = Field(default=None, foreign_key="user.id", sa_type=Number)
    remark: str = Field(default="", max_length=500)
    created_at: datetime = moment()

    @classmethod
    def require_none_open(cls, session: Session, user_id: int) -> None:
        """Raises Problem APPLICATION_PENDING."""
        waiting = select(cls.id).where(cls.user_id == user_id, col(cls.status).in_(OPEN))
        number = session.exec(waiting).first()
        if number is not None:
            raise Problem("APPLICATION_PENDING", details={"audit_id": number})

    @classmethod
    def of_operation(cls, session: Session, key: str) -> "AccountApplication":
        """The one that an operation carries out."""
        return session.exec(select(cls).where(cls.operation_key == key)).one()
