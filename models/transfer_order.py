"""Transfers: money that clients move between their own accounts."""

from collections.abc import Mapping
from typing import ClassVar

from sqlalchemy import Index, UniqueConstraint, text

from models.audit_status import AUDIT, AuditStatus
from models.cash_states import CREDIT, DEBIT, REFUND, CreditState
from models.columns import reference, row_id, word
from models.machines import Machine
from models.outgoing_order import OutgoingOrder
from models.trading_operation import Kind

# What is small enough is approved as soon as it is debited; what the trading server refuses to
# debit is over.
TRANSFER = Machine(
    starts=frozenset([AuditStatus.PENDING]),
    edges={
        **AUDIT.edges,
        AuditStatus.PENDING: frozenset(
            [AuditStatus.AUDITING, AuditStatus.APPROVED, AuditStatus.DISAPPROVED]
        ),
    },
)
_OPEN = text("status IN ('pending', 'auditing')")


class TransferOrder(OutgoingOrder, table=True):
    """`amount` leaves the source and comes to the target. One order at a time for each source is
    open.
    """

    __tablename__ = "transfer_order"
    __table_args__ = (
        UniqueConstraint("tenant_id", "order_number"),
        Index(
            "uq_transfer_order_open",
            "source_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )
    MACHINES: ClassVar[Mapping[str, Machine]] = {
        "status": TRANSFER,
        "debit_state": DEBIT,
        "credit_state": CREDIT,
        "refund_state": REFUND,
    }
    DEBITED_BY: ClassVar[Kind] = Kind.TRANSFER_OUT

    id: int = row_id()
    source_id: int = reference("trading_account.id")
    target_id: int = reference("trading_account.id")
    status: AuditStatus = word(AuditStatus, AuditStatus.PENDING)
    credit_state: CreditState = word(CreditState, CreditState.NONE)
