"""Payment gateways: the port. A client pays on the gateway's page, and the gateway says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from models.money import Money

# What is signed is believed for so long, before and after: clocks differ.
TOLERANCE = timedelta(minutes=5)


class PaymentError(Exception):
    """A gateway did not do as it was told. Never tells a key, a secret, or what was sent."""


class PaymentRefusedError(PaymentError):
    """The gateway says no, and would say so again. `reason` is its own word for it, or ""."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(f"the payment gateway refused: {reason or 'no reason given'}")
        self.reason = reason


class PaymentUnavailableError(PaymentError):
    """No answer, or none that is clear. Whatever was asked may be asked again."""


class ForgedNoticeError(PaymentError):
    """A notice that the gateway has not signed, or not within TOLERANCE of now."""


class UnreadableNoticeError(PaymentError):
    """A genuine notice that concerns us and does not say what it should."""


class PaymentState(StrEnum):
    """Only what is open can be paid. Who pays by a way that takes days leaves it open meanwhile."""

    OPEN = "open"
    PAID = "paid"
    EXPIRED = "expired"


@dataclass(frozen=True)
class PaymentWanted:
    """What a client is to pay, and the page to which he returns. A gateway takes no `expires_at`
    that is nearer than 30 minutes or further than 24 hours by its own clock. Whoever asks for the
    same order again must want the same.
    """

    order_number: str
    amount: Money
    title: str
    expires_at: datetime
    return_url: str


@dataclass(frozen=True)
class Payment:
    """What a client opens to pay: `reference` is the gateway's name for it, `pay_type` says how the
    page is opened ("redirect"), `pay_data` is what it needs besides. It ends at `expires_at`.
    """

    reference: str
    pay_type: str
    pay_url: str
    pay_data: str
    expires_at: datetime


@dataclass(frozen=True)
class Standing:
    """How a payment stands; `amount` is what was asked for, or paid."""

    state: PaymentState
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Notice:
    """What a gateway says of a payment by itself: it is paid, or can no longer be. A gateway tells
    the same event more than once, and what has happened first not always first.
    """

    event_id: str
    order_number: str
    reference: str
    state: PaymentState
    amount: Decimal
    currency: str
    at: datetime


class PaymentPort(Protocol):
    """One channel's gateway. The first three methods raise PaymentRefusedError or
    PaymentUnavailableError; each may be repeated, and comes about once. They call outside: never
    within a transaction.
    """

    def create(self, wanted: PaymentWanted) -> Payment:
        """A page on which the order can be paid. Whoever repeats it within a day gets the same
        page; if it is not the same that he wants, he is refused.
        """

    def cancel(self, reference: str) -> None:
        """It can no longer be paid. Refused if it is paid, or is being paid."""

    def query(self, reference: str) -> Standing:
        """How it stands now."""

    def notice(self, headers: Mapping[str, str], content: bytes, now: datetime) -> Notice | None:
        """What was sent to us, byte for byte, under headers with lower-case names: None if it is
        genuine and does not concern us. Calls nobody. Raises ForgedNoticeError or
        UnreadableNoticeError.
        """
