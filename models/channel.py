"""The ways on which money comes in and goes out."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import JSON, LargeBinary
from sqlmodel import Field, Session, col, select

from contract.problems import Problem
from models.boundaries import InTenant
from models.columns import exact, moment, row_id, word
from models.money import Denomination, Money
from models.texts import Texts, texts


class Direction(StrEnum):
    """Whether money comes in or goes out."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"


class ChannelMethod(StrEnum):
    """How money is paid: in offline, and a receipt shows it, or online at a gateway; out by the
    others.
    """

    OFFLINE = "offline"
    STRIPE = "stripe"
    BANK_TRANSFER = "bank_transfer"
    INTERNATIONAL_WIRE_TRANSFER = "international_wire_transfer"
    CRYPTOCURRENCY = "cryptocurrency"

    @property
    def is_online(self) -> bool:
        """Whether a gateway takes the money, and says so."""
        return self is ChannelMethod.STRIPE

    @property
    def direction(self) -> Direction:
        """The only one that it is for."""
        pays_in = self in (ChannelMethod.OFFLINE, ChannelMethod.STRIPE)
        return Direction.DEPOSIT if pays_in else Direction.WITHDRAWAL


class FeeType(StrEnum):
    """How a fee is reckoned."""

    FIXED = "fixed"
    PERCENT = "percent"


class Channel(InTenant, table=True):
    """One way, and what it takes: `currencies` of the payment, from `countries`, of which none
    stands for all. `min_amount`, `max_amount` and a fixed `fee_value` are in the account's
    currency. Without a `gateway_address` the gateway of an online channel is the built-in
    stand-in; `gateway_key` and `webhook_secret` are sealed.
    """

    id: int = row_id()
    name: Texts = texts()
    direction: Direction = word(Direction)
    method: ChannelMethod = word(ChannelMethod)
    icon_url: str = Field(default="", max_length=2008)
    account_info: Texts = texts()
    currencies: list[str] = Field(sa_type=JSON)
    countries: list[str] = Field(default_factory=list, sa_type=JSON)
    min_amount: Decimal = exact(Decimal(1))
    max_amount: Decimal = exact(Decimal(1_000_000))
    fee_type: FeeType = word(FeeType, FeeType.FIXED)
    fee_value: Decimal = exact(Decimal(0))
    gateway_address: str = Field(default="", max_length=2008)
    gateway_key: bytes = Field(default=b"", sa_type=LargeBinary)
    webhook_secret: bytes = Field(default=b"", sa_type=LargeBinary)
    is_enabled: bool = Field(default=True)
    sort_order: int = Field(default=0)
    created_at: datetime = moment()
    updated_at: datetime = moment()

    @classmethod
    def present(cls, session: Session, number: int) -> "Channel":
        """A channel that is known to be there, whether or not it is offered."""
        return session.exec(select(cls).where(cls.id == number)).one()

    @classmethod
    def offered(cls, session: Session, direction: Direction, country: str) -> "list[Channel]":
        """Those that a client of a country (an ISO code, or "" where none is known) can use, in
        display order.
        """
        found = select(cls).where(cls.direction == direction, col(cls.is_enabled))
        in_order = session.exec(found.order_by(col(cls.sort_order), col(cls.id)))
        return [channel for channel in in_order if channel._can_be_used_in(country)]

    @classmethod
    def available(cls, session: Session, number: int, country: str) -> "Channel":
        """The channel with this id, if a client of a country can use it. Raises Problem
        CHANNEL_UNAVAILABLE.
        """
        found = session.exec(select(cls).where(cls.id == number, col(cls.is_enabled))).first()
        if found is None or not found._can_be_used_in(country):
            raise Problem("CHANNEL_UNAVAILABLE")
        return found

    @classmethod
    def available_to(
        cls, session: Session, direction: Direction, number: int, country: str
    ) -> "Channel":
        """The same for one direction. Raises Problem CHANNEL_UNAVAILABLE."""
        found = cls.available(session, number, country)
        if found.direction is not direction:
            raise Problem("CHANNEL_UNAVAILABLE")
        return found

    @classmethod
    def currencies_of(cls, session: Session, method: ChannelMethod) -> set[str]:
        """Codes of the currencies that any enabled channel of a method takes."""
        enabled = select(cls.currencies).where(cls.method == method, col(cls.is_enabled))
        return {code for currencies in session.exec(enabled) for code in currencies}

    def fee_of(self, amount: Money) -> Money:
        """For an amount in the account's currency: a share of it is rounded up."""
        if self.fee_type is FeeType.PERCENT:
            return amount.percent_up(self.fee_value)
        return Money.exactly(self.fee_value, amount.unit)

    def fee_text(self, unit: Denomination) -> str:
        """As clients are told it: "2.00" of the account's currency, or "2.9%"."""
        if self.fee_type is FeeType.PERCENT:
            return f"{self.fee_value:f}%"
        return Money.exactly(self.fee_value, unit).text

    def limits(self, unit: Denomination) -> tuple[Money, Money]:
        """The smallest and the largest amount of an order."""
        return Money.exactly(self.min_amount, unit), Money.exactly(self.max_amount, unit)

    def _can_be_used_in(self, country: str) -> bool:
        """A gateway cannot be asked, nor believed, before its secrets are there."""
        is_ready = not self.gateway_address or bool(self.gateway_key and self.webhook_secret)
        return is_ready and (not self.countries or country in self.countries)
