"""One thing that an answer speaks of, with all the facts that its fields are read from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from mock.accounts import PER_CLIENT, TradingAccount
from mock.draw import Draw
from mock.money_orders import MoneyOrder
from mock.order_numbers import numbered
from mock.orders import TradeOrder
from mock.payees import PayeeAccount
from mock.people import Person
from mock.registrations import APPROVED, STAGES, Registration
from mock.scene import Scene
from mock.texts import data, spoken
from mock.world import World

Json = Any

# Things that belong to nobody, or to others than the caller.
_SHARED = "ib lwork client_accounts promotions tools settings currencies permissions".split()
_ABOUT_SOMEBODY = ("ib", "lwork")
_FEW = {"trading_accounts": PER_CLIENT, "rebate_accounts": 2, "promotions": 4, "payees": 7}
_PREFIX = {"withdrawals": "W", "transfers": "T"}
PER_PAYOUT = 5
_SPACING = timedelta(hours=7)
_MEMBER_FOR = timedelta(days=430)
# An IB's clients were there before the trades that earned his rebates.
_CLIENTS_FOR = timedelta(days=40)


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

    # Which thing it is, and which others there are

    @property
    def world(self) -> World:
        """Seed and clock."""
        return self.scene.world

    @cached_property
    def draw(self) -> Draw:
        """This record's own randomness; two personas do not own the same things."""
        whose = () if self.kind in _SHARED else (self.scene.persona.name,)
        return self.world.draw(self.kind, *whose, self.key)

    @cached_property
    def identity(self) -> int:
        """The key as a number; a key that is none gets one of the kind's usual numbers."""
        if self.key.isdecimal():
            return int(self.key)
        return self.first() + self.draw.integer("identity", 0, 20)

    def first(self, kind: str = "") -> int:
        """Ids of a kind, else of this record's, start here."""
        return self.world.draw("first", kind or self.kind).integer("id", 200, 900) * 10 + 1

    def total(self, kind: str = "") -> int:
        """How many things there are of a kind, else of this record's."""
        kind = kind or self.kind
        if self.scene.persona.is_new and kind not in _SHARED:
            return 0
        if kind == "payouts":
            return self.total("rebates") // PER_PAYOUT
        usual = self.world.draw("total", kind).integer("count", 23, 60)
        return _FEW.get(kind, usual)

    def siblings(self, kind: str = "") -> Iterator["Record"]:
        """All things of a kind, newest first; trading accounts in their order."""
        kind = kind or self.kind
        first, count = self.first(kind), self.total(kind)
        places = range(count) if kind == "trading_accounts" else range(count - 1, -1, -1)
        return (self.other(kind, str(first + place)) for place in places)

    @property
    def order_number(self) -> str:
        """Kind, year and identity: D26000002101."""
        return numbered(_PREFIX.get(self.kind, "D"), self.created, self.identity)

    # People

    @property
    def is_about_somebody(self) -> bool:
        """True for clients of an IB and users of a partner, false for what is the caller's own."""
        return self.kind in _ABOUT_SOMEBODY and self.key != self.scene.persona.name

    @cached_property
    def person(self) -> Person:
        """Whom the record is about: the caller in his own data, else somebody of its own."""
        if self.is_about_somebody:
            return Person(self.world, self.draw, self.scene.language)
        return self.owner.person if self.owner else self.caller

    @cached_property
    def caller(self) -> Person:
        """The persona that asks."""
        draw = self.world.draw("persona", self.scene.persona.name)
        return Person(self.world, draw, self.scene.language, self.scene.persona.email)

    def stranger(self, role: str) -> Person:
        """Somebody else who plays a part in the record, such as its auditor."""
        return Person(self.world, self.draw.of(role), self.scene.language)

    @property
    def user_id(self) -> int:
        """Id of the user whom the record is about."""
        if self.is_about_somebody:
            return self.identity
        return self.world.draw("persona", self.scene.persona.name).integer("id", 9100, 9900)

    @cached_property
    def registration(self) -> Registration:
        """The caller's own is approved, unless he is new; clients of an IB are at every stage."""
        if not self.is_about_somebody:
            return self.scene.persona.registration
        newest = self.first() + self.total() - 1
        return APPROVED if self.identity == newest else self.draw.choice("stage", STAGES)

    # Times, UTC: registered <= created <= updated <= now

    @cached_property
    def created(self) -> datetime:
        """The higher the id, the later; seconds are whole."""
        steps = self.first() + self.total() - 1 - self.identity
        if not 0 <= steps <= 1000:
            steps = self.draw.integer("steps", 0, 1000)
        jitter = timedelta(seconds=self.draw.integer("created", 60, 6 * 3600))
        before = _CLIENTS_FOR if self.kind == "ib" else timedelta(0)
        return self.world.now - before - steps * _SPACING - jitter

    @property
    def registered(self) -> datetime:
        """When the user whom it is about registered: before everything of his."""
        if self.is_about_somebody:
            return self.created
        jitter = timedelta(seconds=self.draw.integer("registered", 0, 80_000))
        return (
            self.world.now - (timedelta(0) if self.scene.persona.is_new else _MEMBER_FOR) - jitter
        )

    def later(self, name: str, most: timedelta = timedelta(days=3)) -> datetime:
        """A moment after creation, and not in the future."""
        return self.after(self.created, name, most)

    def after(self, start: datetime, name: str, most: timedelta) -> datetime:
        """A moment after another, and not in the future."""
        room = min(most, self.world.now - start)
        return start + timedelta(seconds=self.draw.integer(name, 0, int(room.total_seconds())))

    # What it is made of

    @cached_property
    def money(self) -> MoneyOrder:
        """The deposit or withdrawal."""
        age = self.world.now - self.created
        return MoneyOrder(self.draw, self.kind, age, self.scene.sent.get("remittance_id"))

    @cached_property
    def payee(self) -> PayeeAccount:
        """The account to pay out to."""
        return PayeeAccount(self.draw, self.identity)

    @cached_property
    def trade(self) -> TradeOrder:
        """The order on the trading server. Open positions of one symbol have one price now."""
        if self.kind in ("open_positions", "pending_orders"):
            return TradeOrder(self.draw, self.created, self.world.now, self.world.draw("market"))
        held = timedelta(minutes=self.draw.integer("held", 3, 9_000))
        return TradeOrder(self.draw, self.created - held, self.created, self.draw)

    @cached_property
    def account(self) -> TradingAccount:
        """The trading account itself, or the one that the record belongs to."""
        if self.kind == "trading_accounts":
            return TradingAccount(self.draw, (self.identity - self.first()) % PER_CLIENT)
        if self.kind in ("rebate_accounts", "client_accounts"):
            return TradingAccount(self.draw, self.draw.integer("place", 0, PER_CLIENT - 2))
        if self.kind in ("rebates", "payouts"):
            return next(self.siblings("rebate_accounts")).account
        if self.is_about_somebody:
            return self.client_accounts[0].account
        return self.other("trading_accounts", str(self.account_identity)).account

    @property
    def client_accounts(self) -> list["Record"]:
        """The live accounts of an IB's client or a partner's user; no two share one."""
        return [self.other("client_accounts", str(2 * self.identity + n)) for n in range(2)]

    @property
    def account_identity(self) -> int:
        """Id of a live account of the caller."""
        if self.kind == "trading_accounts":
            return self.identity
        return self.first("trading_accounts") + self.draw.integer("account", 0, PER_CLIENT - 2)

    @property
    def other_account_identity(self) -> int:
        """Id of another live account of the caller: where a transfer goes."""
        first = self.first("trading_accounts")
        return first + (self.account_identity - first + 1) % (PER_CLIENT - 1)

    # Choices

    def chosen(self, name: str) -> str:
        """What an enum field of this record says, for other fields to fit to."""
        schema = self.properties[name]
        options = schema.get("enum", [""])
        sent = self.scene.sent.get(name)
        if sent in options:
            return str(sent)
        if "example" in schema:
            return str(schema["example"])
        known = self.money.status if self.kind in ("deposits", "withdrawals") else ""
        return known if known in options else str(self.draw.choice(name, options))

    @property
    def is_read(self) -> bool:
        """Of a message or tool popup."""
        return self.draw.chance("is_read", 50)

    @property
    def status(self) -> str:
        """Its status, or nothing if it shows none."""
        return self.chosen("status") if "status" in self.properties else ""

    def phrase(self, topic: str) -> Json:
        """A phrase of texts.yaml: `message.title` is the title of the message that this is.
        Neighbours have different ones.
        """
        name, _, part = topic.partition(".")
        phrases = data("texts")[name]
        phrase = phrases[(self.identity + self.world.draw(name).bits("first")) % len(phrases)]
        return spoken(phrase[part] if part else phrase, self.scene.language)
