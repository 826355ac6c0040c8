"""What payment gateways have told."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field, Session, select

from models.columns import Number, moment, reference, row_id, word
from models.locking import fresh
from models.machines import Machine, Moving
from models.money import Money


class Outcome(StrEnum):
    """How a payment has ended."""

    PAID = "paid"
    EXPIRED = "expired"


class EventState(StrEnum):
    """What has become of an event: its order was changed, no order fits it and an operator has to
    look, or it changes nothing. What no order fitted is resolved once the operator has done so.
    Of an order that is refused afterwards it is unmatched again: the money is there all the same.
    """

    RECEIVED = "received"
    APPLIED = "applied"
    UNMATCHED = "unmatched"
    IGNORED = "ignored"
    RESOLVED = "resolved"


EVENT = Machine(
    starts=frozenset([EventState.RECEIVED]),
    edges={
        EventState.RECEIVED: frozenset(
            [EventState.APPLIED, EventState.UNMATCHED, EventState.IGNORED]
        ),
        EventState.UNMATCHED: frozenset([EventState.RESOLVED]),
        EventState.APPLIED: frozenset([EventState.UNMATCHED]),
        EventState.RESOLVED: frozenset([EventState.UNMATCHED]),
    },
)


class PaymentEvent(Moving, table=True):
    """One event of a channel's gateway, as it was told: nothing in it is held against an order yet.
    A gateway tells an event more than once, and may make two of the same payment: here it is one.
    `reference` is the gateway's name for the payment, `amount_minor` in minor units of the
    currency, None where we have no such amount; `raw` is all that was told, sealed.
    """

    __tablename__ = "payment_event"
    __table_args__ = (
        UniqueConstraint("channel_id", "event_id"),
        UniqueConstraint("channel_id", "reference", "outcome"),
    )
    MACHINES: ClassVar[Mapping[str, Machine]] = {"state": EVENT}

    id: int = row_id()
    channel_id: int = reference("channel.id", index=False)
    event_id: str = Field(max_length=255)
    order_number: str = Field(max_length=20, index=True)
    reference: str = Field(max_length=255)
    outcome: Outcome = word(Outcome)
    state: EventState = word(EventState, EventState.RECEIVED)
    amount_minor: int | None = Field(default=None, sa_type=Number)
    currency: str = Field(max_length=20)
    raw: bytes = Field(sa_type=LargeBinary)
    told_at: datetime = moment()
    received_at: datetime = moment()

    @classmethod
    def locked(cls, session: Session, number: int) -> "PaymentEvent":
        """An event that nobody else changes until this transaction ends."""
        return session.exec(fresh(select(cls).where(cls.id == number))).one()

    @classmethod
    def of_payment(cls, session: Session, channel_id: int, reference: str) -> "PaymentEvent | None":
        """What told that a payment was made; nobody else changes it meanwhile."""
        found = select(cls).where(
            cls.channel_id == channel_id, cls.reference == reference, cls.outcome == Outcome.PAID
        )
        return session.exec(fresh(found)).first()

    def is_of(self, amount: Money) -> bool:
        """Whether exactly this was paid."""
        return (self.amount_minor, self.currency) == (amount.minor, amount.unit.code)
