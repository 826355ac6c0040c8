"""What a withdrawal comes to: the client tells what he was shown, we reckon what is right."""

from dataclasses import dataclass
from decimal import Decimal

from cashier.channel_limits import require_sum
from contract.problems import Problem
from models.boundaries import BoundSession
from models.channel import Channel
from models.exchange_rate import ExchangeRate
from models.money import Denomination, Money
from models.offer_setting import OfferSetting


@dataclass(frozen=True)
class Shown:
    """The quote that a client saw, as he has written it."""

    currency: str
    fee: str
    exchange_rate: str
    remittance_amount: str


@dataclass(frozen=True)
class Quote:
    """`remittance` is what arrives: the amount less the fee at `rate`, rounded down."""

    fee: Money
    rate: Decimal
    remittance: Money

    def require_shown(self, shown: Shown) -> None:
        """Raises Problem QUOTE_CHANGED, which tells what is right, unless the client saw just
        this; zeros at the end of a figure do not matter.
        """
        right = {
            "fee": self.fee.text,
            "exchange_rate": f"{self.rate:f}",
            "remittance_amount": self.remittance.text,
        }
        if any(Decimal(getattr(shown, name)) != Decimal(text) for name, text in right.items()):
            raise Problem("QUOTE_CHANGED", details=right)


def quoted(session: BoundSession, channel: Channel, amount: Money, currency: str) -> Quote:
    """Raises Problem CURRENCY_MISMATCH for a currency that the channel does not take or that has no
    rate, and AMOUNT_OUT_OF_RANGE where nothing would be left.
    """
    offered = OfferSetting.of_tenant(session).currencies
    if currency not in channel.currencies or currency not in offered:
        raise Problem("CURRENCY_MISMATCH")
    rate = ExchangeRate.known(session, amount.unit.code, currency)
    if rate is None:
        raise Problem("CURRENCY_MISMATCH")
    fee = channel.fee_of(amount)
    left = (amount - fee).converted_down(rate, Denomination.of(session, currency))
    require_sum(channel, amount.unit, left)
    return Quote(fee, rate, left)
