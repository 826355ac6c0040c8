"""Applications for another leverage."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, text
from sqlmodel import Field, Session, col, select

from contract.problems import Problem
from models.audit_status import AUDIT, OPEN, AuditStatus
from models.boundaries import OfUser
from models.columns import Number, moment, reference, row_id, word
from models.machines import Machine, Moving


class ApplyState(StrEnum):
    """How far the trading server has come with a leverage that is approved."""

    NONE = "none"
    APPLYING = "applying"
    APPLIED = "applied"
    APPLY_FAILED = "apply_failed"


APPLY = Machine(
    starts=frozenset([ApplyState.NONE]),
    edges={
        ApplyState.NONE: frozenset([ApplyState.APPLYING]),
        ApplyState.APPLYING: frozenset([ApplyState.APPLIED, ApplyState.APPLY_FAILED]),
        ApplyState.APPLY_FAILED: frozenset([ApplyState.APPLYING]),
    },
)
_OPEN = text("status IN ('pending', 'auditing')")


class LeverageApplication(Moving, OfUser, table=True):
    """A client wants another leverage for an account; one at a time. `client_remark` is his own
    word, `remark` the operator's.
    """

    __tablename__ = "leverage_application"
    __table_args__ = (
        Index(
            "uq_leverage_application_open",
            "trading_account_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )
    MACHINES: ClassVar[Mapping[str, Machine]] = {"status": AUDIT, "apply_state": APPLY}

    id: int = row_id()
    trading_account_id: int = reference("trading_account.id")
    before: int
    wanted: int
    status: AuditStatus = word(AuditStatus, AuditStatus.PENDING)
    apply_state: ApplyState = word(ApplyState, ApplyState.NONE)
    operation_key: str = Field(default="", max_length=31, index=True)
    client_remark: str = Field(max_length=500)
    auditor_id: int | None = Field(default=None, foreign_key="user.id", sa_type=Number)
    remark: str = Field(default="", max_length=500)
    created_at: datetime = moment()

    @classmethod
    def newest(cls, session: Session, trading_account_id: int) -> "LeverageApplication | None":
        """The last one of an account."""
        found = select(cls).where(cls.trading_account_id == trading_account_id)
        return session.exec(found.order_by(col(cls.id).desc())).first()

    @classmethod
    def require_none_open(cls, session: Session, trading_account_id: int) -> None:
        """Raises Problem APPLICATION_PENDING, also while the last one is being carried out."""
        last = cls.newest(session, trading_account_id)
        if last and (last.status in OPEN or last.apply_state is ApplyState.APPLYING):
            raise Problem("APPLICATION_PENDING", details={"audit_id": last.id})

    @classmethod
    def of_operation(cls, session: Session, key: str) -> "LeverageApplication":
        """The one that an operation carries out."""
        return session.exec(select(cls).where(cls.operation_key == key)).one()
