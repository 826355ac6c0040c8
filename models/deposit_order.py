"""Deposits: money that clients pay in."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlmodel import Field, Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from contract.problems import Problem
from models.cash_order import CashOrder
from models.cash_states import CREDIT, CreditState
from models.columns import Number, exact, moment, reference, row_id, word
from models.locking import fresh
from models.machines import Machine


class DepositStatus(StrEnum):
    """From the draft to the decision."""

    DRAFTED = "drafted"
    PENDING = "pending"
    AUDITING = "auditing"
    APPROVED = "approved"
    DISAPPROVED = "disapproved"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


# What the gateway says is paid is approved without an operator, or is his to decide if it does not
# fit or comes late.
DEPOSIT = Machine(
    starts=frozenset([DepositStatus.DRAFTED]),
    edges={
        DepositStatus.DRAFTED: frozenset(
            [
                DepositStatus.PENDING,
                DepositStatus.APPROVED,
                DepositStatus.CANCELLED,
                DepositStatus.EXPIRED,
            ]
        ),
        DepositStatus.CANCELLED: frozenset([DepositStatus.PENDING]),
        DepositStatus.EXPIRED: frozenset([DepositStatus.PENDING]),
        DepositStatus.PENDING: frozenset([DepositStatus.AUDITING]),
        DepositStatus.AUDITING: frozenset(
            [DepositStatus.PENDING, DepositStatus.APPROVED, DepositStatus.DISAPPROVED]
        ),
    },
)


class DepositOrder(CashOrder, table=True):
    """The account gets `amount`; the client pays `pay_amount` (minor units of `pay_currency`): the
    amount and the fee at `rate`. These are frozen in the draft, and so is `account_info`, the
    instructions that he pays by. Of an online payment `pay_type`, `pay_url` and `pay_data` say how,
    and `gateway_reference` is its name there. `is_late` is a payment that came when nobody expected
    it any more. A draft that is not paid by `expires_at` comes to nothing.
    """

    __tablename__ = "deposit_order"
    __table_args__ = (UniqueConstraint("tenant_id", "order_number"),)
    MACHINES: ClassVar[Mapping[str, Machine]] = {"status": DEPOSIT, "credit_state": CREDIT}

    id: int = row_id()
    trading_account_id: int = reference("trading_account.id")
    channel_id: int = reference("channel.id", index=False)
    fee: int = Field(sa_type=Number)
    pay_currency: str = Field(max_length=20)
    pay_amount: int = Field(sa_type=Number)
    rate: Decimal = exact()
    account_info: str = Field(default="", max_length=4000)
    status: DepositStatus = word(DepositStatus, DepositStatus.DRAFTED)
    credit_state: CreditState = word(CreditState, CreditState.NONE)
    receipt_url: str = Field(default="", max_length=2008)
    pay_type: str = Field(default="", max_length=32)
    pay_url: str = Field(default="", max_length=2008)
    pay_data: str = Field(default="", max_length=4000)
    gateway_reference: str = Field(default="", max_length=255)
    is_late: bool = Field(default=False)
    # When it was submitted; until then, when it was drafted.
    submitted_at: datetime = moment()
    expires_at: datetime = moment()

    @classmethod
    def submission(cls) -> Mapped[datetime]:
        """That of drafts tells when they were drafted."""
        return col(cls.submitted_at)

    @classmethod
    def require(cls, session: Session, user_id: int, order_number: str) -> "DepositOrder":
        """A user's own order. Raises Problem NOT_FOUND."""
        return _found(session.exec(_own(user_id, order_number)).first())

    @classmethod
    def require_locked(cls, session: Session, user_id: int, order_number: str) -> "DepositOrder":
        """The same; nobody else changes it meanwhile. Raises Problem NOT_FOUND."""
        return _found(session.exec(fresh(_own(user_id, order_number))).first())

    @classmethod
    def count_drafts(cls, session: Session, user_id: int, now: datetime) -> int:
        """How many drafts of a user's are not over."""
        drafts = select(func.count()).where(
            cls.user_id == user_id,
            cls.status == DepositStatus.DRAFTED,
            col(cls.expires_at) > now,
        )
        return session.exec(drafts).one()

    @property
    def is_online(self) -> bool:
        """Whether it is paid at a gateway."""
        return bool(self.gateway_reference)

    def status_at(self, now: datetime) -> DepositStatus:
        """A draft is over when its time is, whether or not somebody has written that down."""
        is_over = self.status is DepositStatus.DRAFTED and now >= self.expires_at
        return DepositStatus.EXPIRED if is_over else self.status

    def require_drafted(self, now: datetime) -> None:
        """Raises Problem ORDER_STATE_CONFLICT."""
        if self.status_at(now) is not DepositStatus.DRAFTED:
            raise self.conflict(now)

    def conflict(self, now: datetime) -> Problem:
        """What is answered where its status does not allow what is asked."""
        return Problem("ORDER_STATE_CONFLICT", details={"status": self.status_at(now)})


def _own(user_id: int, order_number: str) -> SelectOfScalar[DepositOrder]:
    own = select(DepositOrder).where(DepositOrder.user_id == user_id)
    return own.where(DepositOrder.order_number == order_number)


def _found(order: DepositOrder | None) -> DepositOrder:
    if order is None:
        raise Problem("NOT_FOUND")
    return order
