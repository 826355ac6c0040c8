"""Withdrawals: money that clients take out."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from sqlalchemy import Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, Session, func, select

from models.audit_status import AUDIT, AuditStatus
from models.cash_states import (
    DEBIT,
    PAYOUT,
    REFUND,
    PayoutState,
)
from models.columns import Number, exact, moment, reference, row_id, word
from models.machines import Machine
from models.outgoing_order import OutgoingOrder
from models.payout_method import PayoutMethod
from models.trading_operation import Kind

# The trading server may refuse the debit before an operator has seen the order.
REFUSABLE = Machine(
    starts=frozenset([AuditStatus.PENDING]),
    edges={
        **AUDIT.edges,
        AuditStatus.PENDING: frozenset([AuditStatus.AUDITING, AuditStatus.DISAPPROVED]),
    },
)
_OPEN = text("status IN ('pending', 'auditing')")


class WithdrawalOrder(OutgoingOrder, table=True):
    """`amount` leaves the trading account, `fee` of it stays with the broker, and the payee gets
    `remittance_amount` (minor units of `remittance_currency`), which is the rest at `rate`. `payee`
    is sealed: the copy of what was asked for. Not to be approved before `held_until`, if that is
    set. `payout_reference` is what the bank, or the chain, knows the payout by; `returned` is how
    often it has sent it back. One order at a time for each account is open.
    """

    __tablename__ = "withdrawal_order"
    __table_args__ = (
        UniqueConstraint("tenant_id", "order_number"),
        Index(
            "uq_withdrawal_order_open",
            "trading_account_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )
    MACHINES: ClassVar[Mapping[str, Machine]] = {
        "status": REFUSABLE,
        "debit_state": DEBIT,
        "refund_state": REFUND,
        "payout_state": PAYOUT,
    }
    DEBITED_BY: ClassVar[Kind] = Kind.WITHDRAWAL

    id: int = row_id()
    trading_account_id: int = reference("trading_account.id")
    channel_id: int = reference("channel.id", index=False)
    method: PayoutMethod = word(PayoutMethod)
    fee: int = Field(sa_type=Number)
    rate: Decimal = exact()
    remittance_currency: str = Field(max_length=20)
    remittance_amount: int = Field(sa_type=Number)
    payee: bytes = Field(sa_type=LargeBinary)
    held_until: datetime | None = moment(optional=True)
    status: AuditStatus = word(AuditStatus, AuditStatus.PENDING)
    payout_state: PayoutState = word(PayoutState, PayoutState.NONE)
    payout_reference: str = Field(default="", max_length=100)
    returned: int = Field(default=0)

    @classmethod
    def sum_since(cls, session: Session, user_id: int, currency: str, since: datetime) -> int:
        """What a user has ordered in a currency, and has not got back; minor units."""
        ordered = select(func.sum(cls.amount)).where(
            cls.user_id == user_id,
            cls.currency == currency,
            cls.status != AuditStatus.DISAPPROVED,
            cls.payout_state != PayoutState.REFUNDED,
            cls.created_at > since,
        )
        return int(session.exec(ordered).one() or 0)
