"""Prices: a random walk that is a function of seed, symbol and second alone. So every process, and
whoever looks back later, sees the same.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import blake2b

from simulator.refusals import NO_PRICE, NOT_FOUND, Refusal

_SEED = 7
# The walk is a sum of waves, each four times as long and twice as high as the one before: as with a
# walk of single steps, the distance grows with the square root of the time.
_WAVES = 11
_STEP = 100_000


@dataclass(frozen=True)
class Symbol:
    """`start` and `spread` are in points, the last decimal place of the price."""

    name: str
    digits: int
    contract_size: int
    base_currency: str
    profit_currency: str
    start: int
    spread: int


SYMBOLS = {
    symbol.name: symbol
    for symbol in (
        Symbol("EURUSD", 5, 100_000, "EUR", "USD", 110_000, 12),
        Symbol("GBPUSD", 5, 100_000, "GBP", "USD", 128_000, 15),
        Symbol("AUDUSD", 5, 100_000, "AUD", "USD", 66_000, 14),
        Symbol("USDJPY", 3, 100_000, "USD", "JPY", 150_000, 13),
        Symbol("USDCHF", 5, 100_000, "USD", "CHF", 88_000, 15),
        Symbol("USDCAD", 5, 100_000, "USD", "CAD", 136_000, 16),
        Symbol("XAUUSD", 2, 100, "XAU", "USD", 240_000, 30),
        Symbol("BTCUSD", 2, 1, "BTC", "USD", 6_500_000, 2_000),
    )
}
_AT_PAR_WITH_USD = ("USD", "USDT")


@dataclass(frozen=True)
class Quote:
    """What one gets for a unit, and what one pays."""

    bid: Decimal
    ask: Decimal


def symbol_named(name: object) -> Symbol:
    """Raises Refusal if there is none."""
    if not isinstance(name, str) or name not in SYMBOLS:
        raise Refusal(NOT_FOUND)
    return SYMBOLS[name]


def quote(symbol: Symbol, now: datetime) -> Quote:
    """The price in this second."""
    second = int(now.timestamp())
    steps = sum(_wave(symbol.name, number, second) for number in range(_WAVES))
    bid = symbol.start + steps * symbol.start // (_STEP * 40_000)
    point = Decimal(1).scaleb(-symbol.digits)
    return Quote(bid * point, (bid + symbol.spread) * point)


def _wave(name: str, number: int, second: int) -> int:
    """Between two random heights, straight on; in hundred-thousandths of a step."""
    length = 1 << 2 * number
    index, passed = divmod(second, length)
    left, right = (_height(name, number, each) for each in (index, index + 1))
    return (left * length + (right - left) * passed) * (1 << number) // length


def _height(name: str, number: int, index: int) -> int:
    digest = blake2b(f"{_SEED} {name} {number} {index}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) % (2 * _STEP + 1) - _STEP


def converted(amount: Decimal, source: str, target: str, now: datetime) -> Decimal:
    """The amount in another currency, not rounded. Raises Refusal if there is no price for it."""
    if source == target:
        return amount
    return amount * _in_dollars(source, now) / _in_dollars(target, now)


def _in_dollars(currency: str, now: datetime) -> Decimal:
    if currency in _AT_PAR_WITH_USD:
        return Decimal(1)
    if f"{currency}USD" in SYMBOLS:
        return quote(SYMBOLS[f"{currency}USD"], now).bid
    if f"USD{currency}" in SYMBOLS:
        return 1 / quote(SYMBOLS[f"USD{currency}"], now).bid
    raise Refusal(NO_PRICE)
