"""Deposits and withdrawals: channel, amount and fee fit together."""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

from mock.draw import Draw
from mock.texts import data

Json = Any

SUBMITTED = ("pending", "auditing", "approved", "disapproved")
_NOT_SUBMITTED = ("drafted", "cancelled", "expired")
PAYOUT_METHODS = ("bank_transfer", "international_wire_transfer", "cryptocurrency")
_DRAFT_LIVES = timedelta(hours=72)
_CENT = Decimal("0.01")


class MoneyOrder:
    """Money in or out through a channel of reference.yaml. `wanted` is the id of the channel that
    the request names, if it names one.
    """

    def __init__(self, draw: Draw, kind: str, age: timedelta, wanted: Json) -> None:
        self.draw = draw
        self.kind = kind
        self.age = age
        self.wanted = wanted

    @cached_property
    def channel(self) -> dict[str, Json]:
        """The channel's entry in reference.yaml."""
        name = "WithdrawalChannel" if self.kind == "withdrawals" else "DepositChannel"
        channels: list[dict[str, Json]] = data("reference")[name]
        drawn = self.draw.choice("channel", channels)
        return next((channel for channel in channels if channel["id"] == self.wanted), drawn)

    @property
    def is_online(self) -> bool:
        """Whether it is paid at a gateway."""
        return bool(self.channel["method"] not in ("offline", *PAYOUT_METHODS))

    @cached_property
    def amount(self) -> Decimal:
        """US dollars, within the channel's limits up to 5,000; most people take round sums."""
        low = int(Decimal(self.channel["min_amount"]))
        step = 1 if self.draw.chance("odd", 30) else 50
        steps = (5000 - low) // step
        return Decimal(low + step * self.draw.integer("amount", 0, steps)).quantize(_CENT)

    @property
    def fee(self) -> Decimal:
        """US dollars: fixed, or a share of the amount."""
        fee = str(self.channel["fee"])
        if fee.endswith("%"):
            share = self.amount * Decimal(fee.removesuffix("%")) / 100
            return share.quantize(_CENT, ROUND_HALF_UP)
        return Decimal(fee)

    @property
    def status(self) -> str:
        """Where it is on its way, in histories and reports alike."""
        options = SUBMITTED + (_NOT_SUBMITTED if self.kind == "deposits" else ())
        drawn = self.draw.choice("status", options)
        if drawn in ("drafted", "expired"):
            return "drafted" if self.age < _DRAFT_LIVES else "expired"
        return drawn
