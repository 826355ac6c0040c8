"""Amounts as Stripe counts them: whole numbers, and not always of the places that a currency has
(docs.stripe.com/currencies).
"""

import re
from decimal import Decimal

from gateways.payments import PaymentRefusedError
from models.money import Money

_WHOLE = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())
_THOUSANDTHS = frozenset("BHD JOD KWD OMR TND".split())
# Nobody pays a fraction of these, and yet Stripe counts them in hundredths.
_WHOLE_IN_HUNDREDTHS = frozenset(["ISK", "UGX"])
_CODE = re.compile("[A-Z]{3}", re.ASCII)


def counted(amount: Money) -> int:
    """What is sent for an amount. Raises PaymentRefusedError where Stripe would refuse it, or could
    not count it exactly: in thousandths it takes none but tens.
    """
    code = amount.unit.code
    if not _CODE.fullmatch(code):
        raise PaymentRefusedError("currency_not_supported")
    number = Decimal(amount.text).scaleb(_places(code))
    step = 100 if code in _WHOLE_IN_HUNDREDTHS else 10 if code in _THOUSANDTHS else 1
    if number <= 0 or number % step:
        raise PaymentRefusedError("amount_not_countable")
    return int(number)


def amount_of(number: int, code: str) -> Decimal:
    """The other way round."""
    return Decimal(number).scaleb(-_places(code))


def _places(code: str) -> int:
    return 0 if code in _WHOLE else 3 if code in _THOUSANDTHS else 2
