"""Exchange rates of the mock: those of reference.yaml, their inverses, and crosses over USD."""

from decimal import Decimal

from mock.texts import data

_PLACES = Decimal("0.00000001")
_UNKNOWN = Decimal("1.25")


def rate(base: str, quote: str) -> Decimal:
    """How much of `quote` one `base` is worth, eight decimals."""
    if base == quote:
        return Decimal(1).quantize(_PLACES)
    return (_in_dollars(base) / _in_dollars(quote)).quantize(_PLACES)


def _in_dollars(currency: str) -> Decimal:
    for entry in data("reference")["Rate"]:
        pair = (entry["base_currency"], entry["quote_currency"])
        if pair == (currency, "USD"):
            return Decimal(entry["exchange_rate"])
        if pair == ("USD", currency):
            return 1 / Decimal(entry["exchange_rate"])
    return Decimal(1) if currency == "USD" else _UNKNOWN
