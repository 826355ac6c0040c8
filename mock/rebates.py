"""Rebates of an IB: each was earned by a closed order of a client, and five make a payout."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from mock.people import Person

if TYPE_CHECKING:
    from mock.records import Record

PER_PAYOUT = 5
_LOWER_IBS = (41, 42, 43)


class Rebate:
    """What an order of a client earned. `place` counts from the oldest, 0."""

    def __init__(self, record: "Record", place: int) -> None:
        self.record = record
        self.place = place

    @property
    def amount(self) -> Decimal:
        """US dollars: four a lot."""
        return (4 * self.record.trade.volume).quantize(Decimal("0.01"))

    @cached_property
    def client(self) -> "Record":
        """The client whose order it was: one of those that the IB's client list shows."""
        clients = list(self.record.siblings("ib"))
        return self.record.draw.choice("client", clients)

    @cached_property
    def lower_ib(self) -> int:
        """User id of the lower IB that the client belongs to, 0 for a direct client."""
        if self.record.draw.chance("lower_ib", 70):
            return 0
        return self.record.draw.choice("ib_user_id", _LOWER_IBS)

    @property
    def lower_ib_name(self) -> str:
        """Name of the lower IB; empty for a direct client."""
        if not self.lower_ib:
            return ""
        draw = self.record.world.draw("lower_ib", str(self.lower_ib))
        return Person(self.record.world, draw, self.record.scene.language).full_name

    @cached_property
    def payout(self) -> "Payout | None":
        """The payout that it is part of; the newest rebates wait for theirs."""
        number = self.place // PER_PAYOUT
        payouts = self.record.total("rebates") // PER_PAYOUT
        return Payout(self.record, number) if number < payouts else None


class Payout:
    """Five rebates, paid together; the newest payout is still on its way."""

    def __init__(self, record: "Record", place: int) -> None:
        self.record = record
        self.place = place

    @property
    def identity(self) -> int:
        """Its id."""
        return self.record.first("payouts") + self.place

    @cached_property
    def _rebates(self) -> list["Record"]:
        first = self.record.first("rebates") + self.place * PER_PAYOUT
        return [self.record.other("rebates", str(first + n)) for n in range(PER_PAYOUT)]

    @property
    def amount(self) -> Decimal:
        """US dollars: the sum of its rebates."""
        return sum((rebate.rebate.amount for rebate in self._rebates), Decimal("0.00"))

    @property
    def calculated_at(self) -> datetime:
        """UTC: with its last rebate."""
        return self._rebates[-1].created

    @property
    def paid_at(self) -> datetime | None:
        """UTC: an hour later, if that has come and an older payout is not still waiting."""
        newest = self.record.total("rebates") // PER_PAYOUT - 1
        due = self.calculated_at + timedelta(hours=1)
        return due if self.place < newest and due <= self.record.world.now else None
