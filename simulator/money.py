"""Amounts: whole numbers of a currency's smallest unit inside, decimal texts outside."""

import re
from decimal import Decimal

from simulator.refusals import WRONG_PARAMETERS, Refusal

# The largest amount, in smallest units: sums of many still fit SQLite's whole numbers.
LARGEST = 10**15
_PLACES = {"JPY": 0, "KRW": 0, "VND": 0, "USDT": 6, "BTC": 8}
_DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,8})?", re.ASCII)


def places(currency: str) -> int:
    """How many decimal places its amounts have."""
    return _PLACES.get(currency, 2)


def decimal(text: object) -> Decimal:
    """Raises Refusal if it is no decimal text."""
    if not isinstance(text, str) or not _DECIMAL.fullmatch(text):
        raise Refusal(WRONG_PARAMETERS)
    return Decimal(text)


def units(text: object, currency: str) -> int:
    """Raises Refusal if it is no amount of the currency: nothing is ever rounded away."""
    scaled = decimal(text).scaleb(places(currency))
    if scaled != scaled.to_integral_value() or abs(scaled) > LARGEST:
        raise Refusal(WRONG_PARAMETERS)
    return int(scaled)


def shown(amount: int, currency: str) -> str:
    """The other way round."""
    return format(Decimal(amount).scaleb(-places(currency)), "f")
