"""One thing that an answer speaks of, with all the facts that its fields are read from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from mock.accounts import PER_CLIENT, TradingAccount
from mock.draw import Draw
from mock.orders import TradeOrder
from mock.people import Person
from mock.personas import Persona
from mock.registrations import STAGES, Registration
from mock.texts import data, spoken
from mock.world import World

Json = Any

_SPACING = timedelta(hours=7)
_PREFIX = {"deposits": "D", "withdrawals": "W", "transfers": "T", "rebates": "R"}
SUBMITTED = ("pending", "auditing", "approved", "disapproved")
_NOT_SUBMITTED = ("drafted", "cancelled", "expired")
PAYOUT_METHODS = ("bank_transfer", "international_wire_transfer", "cryptocurrency")


@dataclass(frozen=True)
class Scene:
    """Who asks for what: the part of a request that values may depend on."""

    world: World
    language: str
    persona: Persona
    portal: str = "client"
    sent: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """The same kind and key give the same facts, in a list, in a detail and as a reference.

    `entry` holds values that are fixed (an entry of reference.yaml); `component` and `properties`
    are name and fields of the schema through which the record is seen.
    """

    scene: Scene
    kind: str
    key: str
    entry: Mapping[str, Json] = field(default_factory=dict)
    owner: "Record | None" = None
    component: str = ""
    properties: Mapping[str, Json] = field(default_factory=dict)

    def showing(self, component: str, properties: Mapping[str, Json]) -> "Record":
        """The same thing, seen through a schema of that name and fields."""
        return replace(self, component=component, properties=properties)

    def within(self, entry: Mapping[str, Json]) -> "Record":
        """The same thing with fixed values."""
        return replace(self, entry=entry)

    def other(self, kind: str, key: str) -> "Record":
        """Another thing of the same scene, owned by this one. What was sent is not about it."""
        return Record(replace(self.scene, sent={}), kind, key, owner=self)

    @property
    def world(self) -> World:
        """Seed and clock."""
        return self.scene.world

    @cached_property
    def draw(self) -> Draw:
        """This record's own randomness."""
        return self.world.draw(self.kind, self.key)

    @cached_property
    def identity(self) -> int:
        """The key as a number; a key that is none gets one of the kind's usual numbers."""
        if self.key.isdecimal():
            return int(self.key)
        return first_identity(self.world, self.kind) + self.draw.integer("identity", 0, 20)

    @property
    def order_number(self) -> str:
        """Kind, year and identity: D26000002101."""
        return f"{_PREFIX.get(self.kind, 'D')}{self.created.year % 100:02}{self.identity:09}"

    # People

    @cached_property
    def person(self) -> Person:
        """Whom the record is about: the caller in his own data, else somebody of its own."""
        if self.is_about_somebody:
            return Person(self.world, self.draw, self.scene.language)
        return self.owner.person if self.owner else self.caller

    @property
    def is_about_somebody(self) -> bool:
        """True for clients of an IB and users of a partner, false for what is the caller's own."""
        return self.kind in ("ib", "lwork") and self.key != self.scene.persona.name

    @cached_property
    def caller(self) -> Person:
        """The persona that asks."""
        draw = self.world.draw("persona", self.scene.persona.name)
        return Person(self.world, draw, self.scene.language)

    def stranger(self, role: str) -> Person:
        """Somebody else who plays a part in the record, such as its auditor."""
        return Person(self.world, self.draw.of(role), self.scene.language)

    @property
    def user_id(self) -> int:
        """The caller's own id."""
        return self.world.draw("persona", self.scene.persona.name).integer("id", 5100, 9900)

    # Times, UTC: created <= updated <= now

    @cached_property
    def created(self) -> datetime:
        """The higher the id, the later; seconds are whole."""
        newest = first_identity(self.world, self.kind) + total(self.world, self.kind) - 1
        steps = newest - self.identity
        if not 0 <= steps <= 1000:
            steps = self.draw.integer("steps", 0, 1000)
        jitter = timedelta(seconds=self.draw.integer("created", 60, 6 * 3600))
        return self.world.now - steps * _SPACING - jitter

    def later(self, name: str, most: timedelta = timedelta(days=3)) -> datetime:
        """A moment after creation, and not in the future."""
        room = min(most, self.world.now - self.created)
        seconds = self.draw.integer(name, 0, int(room.total_seconds()))
        return self.created + timedelta(seconds=seconds)

    # Money, in US dollars

    @cached_property
    def amount(self) -> Decimal:
        """From 50 to 5,000 dollars; most people take round sums."""
        step = 1 if self.draw.chance("odd", 30) else 50
        dollars = 50 + step * self.draw.integer("amount", 0, 4950 // step)
        return Decimal(dollars).quantize(Decimal("0.01"))

    @cached_property
    def order(self) -> TradeOrder:
        """The trade behind a report's row or a rebate."""
        return TradeOrder(self.draw, self.created)

    # Accounts

    @cached_property
    def account(self) -> TradingAccount:
        """The account itself, or the one of the caller's that the record belongs to."""
        if self.kind in ("trading_accounts", "ib", "rebate_accounts", "lwork"):
            return self._account(self.identity)
        return self._account(self.account_identity)

    @property
    def account_identity(self) -> int:
        """Id of a live account of the caller."""
        place = self.draw.integer("account", 0, PER_CLIENT - 2)
        return first_identity(self.world, "trading_accounts") + place

    @property
    def other_account_identity(self) -> int:
        """Id of another live account of the caller: where a transfer goes."""
        first = first_identity(self.world, "trading_accounts")
        return first + (self.account_identity - first + 1) % (PER_CLIENT - 1)

    def _account(self, identity: int) -> TradingAccount:
        draw = self.world.draw("trading_accounts", str(identity))
        return TradingAccount(draw, identity, first_identity(self.world, "trading_accounts"))

    # Choices

    def chosen(self, name: str) -> str:
        """What an enum field of this record says, for other fields to fit to."""
        options = self.properties[name].get("enum", [""])
        sent = self.scene.sent.get(name)
        if sent in options:
            return str(sent)
        if "example" in self.properties[name]:
            return str(self.properties[name]["example"])
        if self.kind == "deposits" and name == "status" and self.deposit_status in options:
            return self.deposit_status
        return str(self.draw.choice(name, options))

    @property
    def deposit_status(self) -> str:
        """Of a deposit, in histories and reports alike."""
        return self.draw.choice("status", SUBMITTED + _NOT_SUBMITTED)

    @property
    def status(self) -> str:
        """Its status, or nothing if it shows none."""
        return self.chosen("status") if "status" in self.properties else ""

    @cached_property
    def registration(self) -> Registration:
        """The caller's own is approved, unless he is new; clients of an IB are at every stage."""
        if self.is_about_somebody:
            return self.draw.choice("stage", STAGES)
        return self.scene.persona.registration

    @property
    def payout_method(self) -> str:
        """How a payee is paid."""
        return PAYOUT_METHODS[self.identity % 3]

    @property
    def is_newest_of_its_method(self) -> bool:
        """Of payees: one of the three newest, which have three different methods."""
        newest = first_identity(self.world, self.kind) + total(self.world, self.kind) - 1
        return newest - len(PAYOUT_METHODS) < self.identity <= newest

    @cached_property
    def channel(self) -> dict[str, Json]:
        """The channel's entry in reference.yaml: the one that was asked for, if any."""
        if self.kind == "withdrawals":
            channels: list[dict[str, Json]] = data("reference")["WithdrawalChannel"]
            return channels[self.identity % len(channels)]
        channels = data("reference")["DepositChannel"]
        wanted = self.scene.sent.get("remittance_id")
        drawn = self.draw.choice("channel", channels)
        return next((channel for channel in channels if channel["id"] == wanted), drawn)

    @cached_property
    def bank(self) -> dict[str, Json]:
        """A bank of texts.yaml."""
        bank: dict[str, Json] = self.draw.choice("bank", data("texts")["bank"])
        return bank

    @property
    def bank_number(self) -> str:
        """Number of a bank account."""
        return "62" + self.draw.text("bank_number", 17, "0123456789")

    @property
    def wallet(self) -> str:
        """A TRC20 address."""
        return "T" + self.draw.text("wallet", 33, "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkm")

    def topic(self, name: str) -> Json:
        """A phrase of texts.yaml in all its languages."""
        return self.draw.choice(name, data("texts")[name])

    def phrase(self, topic: str) -> Json:
        """A phrase of texts.yaml: `message.title` is the title of the message that this is.
        Neighbours have different ones.
        """
        name, _, part = topic.partition(".")
        phrases = data("texts")[name]
        phrase = phrases[(self.identity + self.world.draw(name).bits("first")) % len(phrases)]
        return spoken(phrase[part] if part else phrase, self.scene.language)


def key_in(order_number: str) -> str:
    """The key of the record that has this order number: its digits after kind and year."""
    found = re.fullmatch(r"[A-Z][0-9]{2}0*([1-9][0-9]{0,15})", order_number)
    return found[1] if found else order_number


def first_identity(world: World, kind: str) -> int:
    """Ids of a kind start here."""
    return world.draw("first", kind).integer("id", 200, 900) * 10 + 1


_FEW = {"trading_accounts": PER_CLIENT, "rebate_accounts": 2, "promotions": 4, "payees": 7}


def total(world: World, kind: str) -> int:
    """How many things of a kind there are."""
    if kind in _FEW:
        return _FEW[kind]
    return world.draw("total", kind).integer("count", 23, 60)
