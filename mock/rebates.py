"""Rebates of an IB: each was earned by a closed order of a client, and five make a payout."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property

from mock.people import Person
from mock.records import PER_PAYOUT, Record

_LOWER_IBS = (41, 42, 43)


class Rebate:
    """What an order of a client earned."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.place = record.identity - record.first("rebates")

    @property
    def amount(self) -> Decimal:
        """US dollars: four a lot."""
        return (4 * self.record.trade.volume).quantize(Decimal("0.01"))

    @cached_property
    def client(self) -> Record:
        """The client whose order it was: an approved one that the IB's client list shows."""
        clients = [each for each in self.record.siblings("ib") if each.registration.approved]
        return self.record.draw.choice("client", clients)

    @cached_property
    def lower_ib(self) -> int:
        """User id of the lower IB that the client belongs to, 0 for a direct client."""
        draw = self.client.draw
        return draw.choice("ib", _LOWER_IBS) if draw.chance("has_lower_ib", 30) else 0

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

    def __init__(self, record: Record, place: int) -> None:
        self.record = record
        self.place = place

    @property
    def identity(self) -> int:
        """Its id."""
        return self.record.first("payouts") + self.place

    @cached_property
    def _rebates(self) -> list[Rebate]:
        first = self.record.first("rebates") + self.place * PER_PAYOUT
        records = [self.record.other("rebates", str(first + n)) for n in range(PER_PAYOUT)]
        return [Rebate(record) for record in records]

    @property
    def amount(self) -> Decimal:
        """US dollars: the sum of its rebates."""
        return sum((rebate.amount for rebate in self._rebates), Decimal("0.00"))

    @property
    def calculated_at(self) -> datetime:
        """UTC: with its last rebate."""
        return self._rebates[-1].record.created

    @property
    def paid_at(self) -> datetime | None:
        """UTC: an hour later, but not yet for the newest payout."""
        newest = self.record.total("rebates") // PER_PAYOUT - 1
        due = self.calculated_at + timedelta(hours=1)
        return due if self.place < newest and due <= self.record.world.now else None
