"""What one currency is worth in another, and what a client gets for it."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

from sqlalchemy import UniqueConstraint, and_, or_
from sqlmodel import Field, Session, col, select

from contract.problems import Problem
from models.boundaries import InTenant
from models.columns import exact, moment, row_id

# What every trading account is kept in, and what other currencies are crossed over.
ACCOUNT_CURRENCY = "USD"
# Who has set a rate: an operator, else the feed of this name.
MANUAL = "manual"
# The digits that the contract has room for, before the point and behind it.
WHOLE_DIGITS, DECIMALS = 13, 8

_NO_MARKUP = Decimal(0)


class ExchangeRate(InTenant, table=True):
    """One `base` is worth `rate` of `quote`. The mark-ups are what the broker keeps, in percent of
    what the client would get: `markup_in` when he changes into the account currency to pay in,
    `markup_out` when he changes out of it to withdraw. Between two other currencies neither counts.
    """

    __tablename__ = "exchange_rate"
    __table_args__ = (UniqueConstraint("tenant_id", "base", "quote"),)

    id: int = row_id()
    base: str = Field(max_length=20)
    quote: str = Field(max_length=20)
    rate: Decimal = exact()
    markup_in: Decimal = exact(_NO_MARKUP)
    markup_out: Decimal = exact(_NO_MARKUP)
    source: str = Field(default=MANUAL, max_length=32)
    is_enabled: bool = Field(default=True)
    at: datetime = moment()

    @classmethod
    def enabled(cls, session: Session) -> "list[ExchangeRate]":
        """In the order of their codes."""
        shown = select(cls).where(col(cls.is_enabled))
        return list(session.exec(shown.order_by(col(cls.base), col(cls.quote))))

    @classmethod
    def of_pair(cls, session: Session, base: str, quote: str) -> Decimal:
        """What a client gets in `quote` for one `base`: see `pair_rate`. Raises RATE_NOT_FOUND."""
        rate = cls.known(session, base, quote)
        if rate is None:
            raise Problem("RATE_NOT_FOUND")
        return rate

    @classmethod
    def known(cls, session: Session, base: str, quote: str) -> Decimal | None:
        """The same; None where there is none."""
        codes = {base, quote, ACCOUNT_CURRENCY}
        of_codes = (col(cls.base).in_(codes), col(cls.quote).in_(codes))
        enabled = session.exec(select(cls).where(col(cls.is_enabled), *of_codes))
        return pair_rate(enabled, base, quote)

    @classmethod
    def to_pay_in(cls, session: Session, currency: str, paid_in: str) -> Decimal:
        """What a client pays in another currency for one unit of the account's: the inverse of what
        he gets for what he pays, rounded up. Raises RATE_NOT_FOUND.
        """
        if currency == paid_in:
            return Decimal(1)
        pair = or_(
            and_(col(cls.base) == currency, col(cls.quote) == paid_in),
            and_(col(cls.base) == paid_in, col(cls.quote) == currency),
        )
        rows = list(session.exec(select(cls).where(col(cls.is_enabled), pair)))
        # As in `pair_rate`: the row that is written in the direction of the change comes first.
        rows.sort(key=lambda row: row.base != paid_in)
        worth = rows[0]._after_markup(paid_in) if rows else Fraction(0)
        rate = _decimal(ceil(10**DECIMALS / worth)) if worth else None
        if rate is None:
            raise Problem("RATE_NOT_FOUND")
        return rate

    def for_client(self) -> Decimal | None:
        """What he gets in `quote` for one `base`; None where `pair_rate` has none, either."""
        return _told(self._after_markup(self.base))

    def _worth(self, currency: str) -> Fraction:
        """One unit of either of both currencies in the other one."""
        return Fraction(self.rate) if currency == self.base else 1 / Fraction(self.rate)

    def _after_markup(self, currency: str) -> Fraction:
        """The same, less what the broker keeps."""
        other = self.quote if currency == self.base else self.base
        markup = _NO_MARKUP
        if currency == ACCOUNT_CURRENCY:
            markup = self.markup_out
        elif other == ACCOUNT_CURRENCY:
            markup = self.markup_in
        return self._worth(currency) * (1 - Fraction(markup) / 100)


def pair_rate(enabled: Iterable[ExchangeRate], base: str, quote: str) -> Decimal | None:
    """What a client gets in `quote` for one `base`, by the first of these that there is (wlink 47):
    1 for the same currency; the rate of the pair; the inverse of the opposite one; a cross over the
    account currency, each leg by its rate or the inverse.

    The mark-up is that of the row which is used, also where it is used inversely, and that of the
    direction in which the client changes, however the row is written. A cross has none, because
    neither end of it is the account currency.

    It is reckoned exactly and rounded once, down: nobody gets more than the rate. None if there is
    no such row, if nothing is left of the rate, or if it has more digits than the contract.
    """
    rows = {(row.base, row.quote): row for row in enabled}

    def between(one: str, other: str) -> ExchangeRate | None:
        return rows.get((one, other)) or rows.get((other, one))

    if base == quote:
        return _told(Fraction(1))
    if row := between(base, quote):
        return _told(row._after_markup(base))
    there, back = between(base, ACCOUNT_CURRENCY), between(ACCOUNT_CURRENCY, quote)
    if there and back:
        return _told(there._worth(base) * back._worth(ACCOUNT_CURRENCY))
    return None


def _told(exactly: Fraction) -> Decimal | None:
    """Rounded down; None for what no answer could say."""
    return _decimal(floor(exactly * 10**DECIMALS))


def _decimal(units: int) -> Decimal | None:
    if not 0 < units < 10 ** (WHOLE_DIGITS + DECIMALS):
        return None
    return Decimal(f"{units}e-{DECIMALS}")  # reading rounds nothing, whatever the context says
