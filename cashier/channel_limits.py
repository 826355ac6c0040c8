"""What a channel lets through."""

from contract.problems import Problem
from models.channel import Channel
from models.money import LARGEST, Denomination, Money


def require_in_range(channel: Channel, amount: Money) -> None:
    """Raises Problem AMOUNT_OUT_OF_RANGE."""
    least, most = channel.limits(amount.unit)
    if not least <= amount <= most:
        raise out_of_range(channel, amount.unit)


def require_sum(channel: Channel, unit: Denomination, worth: Money) -> None:
    """That there is such a sum of what is paid. Raises Problem AMOUNT_OUT_OF_RANGE."""
    if not 0 < worth.minor <= LARGEST:
        raise out_of_range(channel, unit)


def out_of_range(channel: Channel, unit: Denomination, left: Money | None = None) -> Problem:
    """What is answered where the limits of the channel, in the account's currency, are not kept, or
    what is `left` of another one is smaller.
    """
    least, most = channel.limits(unit)
    if left is not None:
        most = max(min(most, left), Money(0, unit))
    return Problem("AMOUNT_OUT_OF_RANGE", details={"min": least.text, "max": most.text})
