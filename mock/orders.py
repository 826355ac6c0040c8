"""Trading orders whose prices, volumes and profits fit together."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from mock.draw import Draw


@dataclass(frozen=True)
class Instrument:
    """A symbol with its usual price, decimal places, units in a lot, and the value of one unit of
    the quote currency in US dollars.
    """

    symbol: str
    price: Decimal
    places: int
    lot: int
    quote_in_usd: Decimal


INSTRUMENTS = (
    Instrument("EURUSD", Decimal("1.16430"), 5, 100_000, Decimal(1)),
    Instrument("GBPUSD", Decimal("1.34210"), 5, 100_000, Decimal(1)),
    Instrument("AUDUSD", Decimal("0.66840"), 5, 100_000, Decimal(1)),
    Instrument("USDJPY", Decimal("148.250"), 3, 100_000, Decimal("0.00674536")),
    Instrument("XAUUSD", Decimal("2384.50"), 2, 100, Decimal(1)),
    Instrument("XAGUSD", Decimal("29.350"), 3, 5_000, Decimal(1)),
    Instrument("USOIL", Decimal("71.40"), 2, 1_000, Decimal(1)),
)


class TradeOrder:
    """One order, from its opening to its closing or, if it still stands, to now (UTC).

    `market` draws the closing or current price: open positions share it.
    """

    def __init__(self, draw: Draw, opened_at: datetime, seen_at: datetime, market: Draw) -> None:
        self.draw = draw
        self.opened_at = opened_at
        self.seen_at = seen_at
        self.market = market

    @cached_property
    def instrument(self) -> Instrument:
        """What is traded."""
        return self.draw.choice("symbol", INSTRUMENTS)

    @cached_property
    def side(self) -> str:
        """BUY or SELL."""
        return self.draw.choice("trading_type", ("BUY", "SELL"))

    @property
    def direction(self) -> int:
        """1 for a buy, -1 for a sell."""
        return 1 if self.side == "BUY" else -1

    @property
    def volume(self) -> Decimal:
        """Lots."""
        return Decimal(self.draw.integer("volume", 1, 200)).scaleb(-2)

    def _price(self, draw: Draw, name: str) -> Decimal:
        """The usual price, moved by at most six thousandths: stop loss and take profit, which are
        further away, are never passed.
        """
        move = Decimal(draw.integer(f"{name} {self.instrument.symbol}", -600, 600)) / 100_000
        return self._rounded(self.instrument.price * (1 + move))

    def _rounded(self, price: Decimal) -> Decimal:
        return price.quantize(Decimal(1).scaleb(-self.instrument.places))

    @cached_property
    def open_price(self) -> Decimal:
        """Price at opening."""
        return self._price(self.draw, "open_price")

    @cached_property
    def close_price(self) -> Decimal:
        """Price at closing, or now."""
        return self._price(self.market, "price")

    @property
    def profit(self) -> Decimal:
        """US dollars: (close - open) x direction x lots x contract size, in the quote's worth."""
        moved = (self.close_price - self.open_price) * self.direction
        return _dollars(moved * self.volume * self.instrument.lot * self.instrument.quote_in_usd)

    @property
    def commission(self) -> Decimal:
        """US dollars: seven a lot."""
        return _dollars(-7 * self.volume)

    @property
    def swap(self) -> Decimal:
        """US dollars: a little for every night."""
        nights = (self.seen_at - self.opened_at).days
        return _dollars(nights * self.volume * self.draw.integer("swap", -6, 2))

    @property
    def stop_loss(self) -> Decimal:
        """On the losing side of the opening price."""
        return self._rounded(self.open_price * (1 - self.direction * Decimal("0.015")))

    @property
    def take_profit(self) -> Decimal:
        """On the winning side of the opening price."""
        return self._rounded(self.open_price * (1 + self.direction * Decimal("0.02")))

    @property
    def ticket(self) -> str:
        """Number on the trading server."""
        return str(self.draw.integer("ticket", 81_000_000, 89_999_999))


def _dollars(sum_of_money: Decimal) -> Decimal:
    """With cents, and without the sign that a negative zero would have."""
    return sum_of_money.quantize(Decimal("0.01")) + 0
