"""Orders and the money that they move, without a database. Amounts are cents, but for what is paid
in, which is in minor units of the channel's currency.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

FEES = {"offline": Fraction("0.015"), "card": Fraction("0.029"), "bank": Fraction("0.007")}
# What one cent is worth, in minor units.
RATES = {"USD": Fraction(1), "JPY": Fraction("151.37") / 100, "CNY": Fraction("7.1234")}
PAID_IN_AS = {"offline": "USD", "card": "JPY"}


class NoError(Exception):
    """Refused, with the code of the problem; operators are told none."""

    def __init__(self, code: str = "") -> None:
        super().__init__(code)
        self.code = code


def fee_of(channel: str, amount: int) -> int:
    return ceil(amount * FEES[channel])


def pays(channel: str, amount: int) -> int:
    return ceil((amount + fee_of(channel, amount)) * RATES[PAID_IN_AS[channel]])


def arrives(amount: int, currency: str) -> int:
    return floor((amount - fee_of("bank", amount)) * RATES[currency])


def text_of(amount: int) -> str:
    return f"{Decimal(amount) / 100:.2f}"


@dataclass(eq=False)
class Order:
    """`states` are those that the product keeps. `reference` is the payment of a deposit that is
    paid online: it comes to `pays`, and once it is made to `paid`; it can be made while `is_open`.
    One that `waits` is debited when it is approved; that was refused so many `times`.
    """

    number: str
    client: int
    account: int
    amount: int
    fee: int
    shown_at: datetime
    states: dict[str, str]
    target: int = 0
    ends: datetime = datetime.max
    receipt: str = ""
    reference: str = ""
    pays: int = 0
    paid: int = 0
    paid_at: datetime = datetime.max
    is_open: bool = True
    is_unwanted: bool = False
    is_late: bool = False
    waits: bool = False
    times: int = 0

    @property
    def kind(self) -> str:
        return self.number[0]

    @property
    def status(self) -> str:
        return self.states["status"]

    def status_at(self, now: datetime) -> str:
        is_over = self.status == "drafted" and now >= self.ends
        return "expired" if is_over else self.status

    def is_payable(self, now: datetime) -> bool:
        return bool(self.reference) and self.status_at(now) == "drafted"

    @property
    def is_undecided(self) -> bool:
        """A withdrawal or a transfer: there is one at a time for each account."""
        return self.kind != "D" and self.status in ("pending", "auditing")

    def step(self, name: str, was: str, becomes: str) -> None:
        """Raises NoError unless it was in that state."""
        if self.states.get(name) != was:
            raise NoError
        self.states[name] = becomes


@dataclass(eq=False)
class Move:
    """Money that a trading server is to put on an account, or to take off it; meanwhile the ledger
    holds it at its source. `is_booked` is what the server has done, `is_waiting` that we do not
    know the end.
    """

    order: Order
    what: str
    account: int
    amount: int
    source: str
    target: str
    is_waiting: bool = True
    is_booked: bool = False

    def becomes(self, state: str) -> None:
        """debiting, debited, refused; crediting, credited, credit_failed; and so on."""
        self.order.states[f"{self.what}_state"] = state


@dataclass
class ReferenceMoney:
    """What the ledger and the trading servers must have: `known` are the balances that the servers
    told last. `transfers_up_to` need no operator; the others are debited when they are approved if
    money `waits`.
    """

    transfers_up_to: int
    waits: bool
    orders: dict[str, Order] = field(default_factory=dict)
    moves: dict[str, Move] = field(default_factory=dict)
    posted: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    at_server: Counter[int] = field(default_factory=Counter)
    known: Counter[int] = field(default_factory=Counter)

    def begin(self, order: Order) -> None:
        """A withdrawal or a transfer is to be debited, or waits."""
        self.orders[order.number] = order
        order.waits = self.waits and not self._is_small(order)
        if order.waits:
            order.states["debit_state"] = "none"
        else:
            self.debit(order)

    def debit(self, order: Order) -> None:
        own, transit = f"trading {order.account}", f"clearing {order.account}"
        key = f"{order.kind}:{order.number}:out{order.times or ''}"
        self._move(key, Move(order, "debit", order.account, -order.amount, own, transit))

    def go_on(self, order: Order) -> None:
        """What follows once it is approved."""
        transit, left = f"clearing {order.account}", order.amount - order.fee
        if order.kind == "D":
            self.post("payments", transit, order.amount)
            self.post("payments", "fees", order.fee)
            self._arrive(order, "credit", f"D:{order.number}", order.account)
        elif order.kind == "T":
            self._arrive(order, "credit", f"T:{order.number}:in", order.target)
        else:
            self.post(transit, "payable", left)
            self.post(transit, "fees", order.fee)
            order.step("payout_state", "none", "paying")

    def give_back(self, order: Order) -> None:
        """What was debited."""
        self._arrive(order, "refund", f"{order.kind}:{order.number}:refund", order.account)

    def _arrive(self, order: Order, what: str, key: str, account: int) -> None:
        source, target = f"clearing {order.account}", f"trading {account}"
        self._move(key, Move(order, what, account, order.amount, source, target))

    def _move(self, key: str, move: Move) -> None:
        assert key not in self.moves, key
        self.moves[key] = move
        self.held[move.source] += abs(move.amount)
        move.becomes(f"{move.what}ing")

    def post(self, source: str, target: str, amount: int) -> None:
        self.posted[source] -= amount
        self.posted[target] += amount

    def booked(self, key: str, account: int, amount: int) -> None:
        """A trading server has moved money under a key: once, and as somebody wanted it."""
        assert key in self.moves, f"nobody wanted {key}"
        move = self.moves[key]
        assert (move.account, move.amount, move.is_booked) == (account, amount, False), key
        move.is_booked = True
        self.at_server[account] += amount

    def answered(self, key: str, is_done: bool) -> None:
        """We have come to know what has become of it."""
        move = self.moves[key]
        assert move.is_waiting, key
        assert move.is_booked is is_done, key
        move.is_waiting = False
        if is_done:
            self._done(move)
        elif move.what == "debit":
            self.held[move.source] += move.amount
            self._not_debited(move.order)
        else:
            move.becomes(f"{move.what}_failed")

    def _done(self, move: Move) -> None:
        amount, order = abs(move.amount), move.order
        self.held[move.source] -= amount
        self.post(move.source, move.target, amount)
        move.becomes(f"{move.what}ed")
        if move.what == "debit":
            self.known[move.account] -= amount  # until the server tells more
        needs_nobody = self._is_small(order) and order.status == "pending"
        if move.what == "debit" and (order.waits or needs_nobody):
            order.states["status"] = "approved"
            self.go_on(order)

    def _not_debited(self, order: Order) -> None:
        if order.waits:
            order.states["debit_state"] = "none"
            order.times += 1
        else:
            order.states |= {"debit_state": "refused", "status": "disapproved"}

    def _is_small(self, order: Order) -> bool:
        return order.kind == "T" and order.amount <= self.transfers_up_to
