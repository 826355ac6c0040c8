"""The cashier in some lines, without a database: what the real one must agree with."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from tests.reference_looks import wanted
from tests.reference_money import Move, NoError, Order, ReferenceMoney

LEAST = {"offline": 50_00, "card": 50_00, "bank": 10_00}
MOST = 5000_00


class Notice(NamedTuple):
    """What a gateway has told of a payment."""

    number: str
    reference: str
    outcome: str
    amount: int
    at: datetime


@dataclass
class ReferenceCashier(ReferenceMoney):
    """`owners` are the clients of accounts; `at_once` is whether payments need no operator. Methods
    raise NoError.
    """

    owners: dict[int, int] = field(default_factory=dict)
    at_once: bool = True
    noticed: set[tuple[str, str]] = field(default_factory=set)
    waiting: list[Notice] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)

    def require_draft(self, client: int, account: int, channel: str, amount: int) -> None:
        if self.owners[account] != client:
            raise NoError("NOT_FOUND")
        if not LEAST[channel] <= amount <= MOST:
            raise NoError("AMOUNT_OUT_OF_RANGE")

    def require_withdrawal(self, client: int, account: int, amount: int, is_right: bool) -> None:
        if self.owners[account] != client:
            raise NoError("NOT_FOUND")
        if not LEAST["bank"] <= amount <= MOST:
            raise NoError("AMOUNT_OUT_OF_RANGE")
        if not is_right:
            raise NoError("QUOTE_CHANGED")
        self._require_movable(account, amount)

    def require_transfer(self, client: int, account: int, target: int, amount: int) -> None:
        if account == target:
            raise NoError("SAME_ACCOUNT")
        if {self.owners[account], self.owners[target]} != {client}:
            raise NoError("NOT_FOUND")
        self._require_movable(account, amount)

    def _require_movable(self, account: int, amount: int) -> None:
        if any(each.account == account and each.is_undecided for each in self.orders.values()):
            raise NoError("PENDING_ORDER_EXISTS")
        if amount > self.known[account]:
            raise NoError("INSUFFICIENT_FUNDS")

    def _own(self, client: int, order: Order) -> None:
        if order.client != client:
            raise NoError("NOT_FOUND")

    def submit(self, client: int, order: Order, receipt: str, now: datetime) -> None:
        self._own(client, order)
        if order.receipt == receipt:
            return
        if order.reference or order.receipt or order.status_at(now) != "drafted":
            raise NoError("ORDER_STATE_CONFLICT")
        order.receipt, order.shown_at = receipt, now
        order.states["status"] = "pending"

    def cancel(self, client: int, order: Order, now: datetime) -> None:
        self._own(client, order)
        if order.status == "cancelled":
            return
        if order.status_at(now) != "drafted":
            raise NoError("ORDER_STATE_CONFLICT")
        order.states["status"] = "cancelled"
        order.is_unwanted = bool(order.reference)

    def shown(self, name: str, client: int, now: datetime) -> Any:
        """What a client must see."""
        own = [each for each in self.orders.values() if each.client == client]
        accounts = [number for number, owner in self.owners.items() if owner == client]
        return wanted(name, own, {number: self.known[number] for number in accounts}, now)

    def claim(self, order: Order) -> None:
        order.step("status", "pending", "auditing")

    def release(self, order: Order) -> None:
        if order.waits and order.states["debit_state"] == "debiting":
            raise NoError
        order.step("status", "auditing", "pending")

    def approve(self, order: Order) -> None:
        self._require_at_rest(order)
        if order.states.get("debit_state") != "none":
            order.step("status", "auditing", "approved")
            self.go_on(order)
            return
        order.step("status", "auditing", "auditing")
        if order.amount > self.known[order.account]:
            raise NoError
        self.debit(order)

    def reject(self, order: Order) -> None:
        self._require_at_rest(order)
        order.step("status", "auditing", "disapproved")
        if order.states.get("debit_state") == "debited":
            self.give_back(order)
        elif order.reference:
            self.events.update(applied=-1, unmatched=1)

    def _require_at_rest(self, order: Order) -> None:
        if order.states.get("debit_state") in ("debiting", "refused"):
            raise NoError

    def correct(self, order: Order, amount: int) -> None:
        if order.kind != "D":
            raise NoError
        order.step("status", "auditing", "auditing")
        order.amount = amount

    def pay(self, order: Order) -> None:
        order.step("payout_state", "paying", "paid")
        self.post("payable", "payments", order.amount - order.fee)

    def come_back(self, order: Order) -> None:
        order.step("payout_state", "paid", "failed")
        self.post("payments", "payable", order.amount - order.fee)

    def fail(self, order: Order) -> None:
        order.step("payout_state", "paying", "failed")

    def pay_again(self, order: Order) -> None:
        order.step("payout_state", "failed", "paying")

    def refund(self, order: Order) -> None:
        order.step("payout_state", "failed", "refunded")
        transit = f"clearing {order.account}"
        self.post("payable", transit, order.amount - order.fee)
        self.post("fees", transit, order.fee)
        self.give_back(order)

    def retry(self, order: Order) -> None:
        move = self._failed(order)
        move.is_waiting = True
        move.becomes(f"{move.what}ing")

    def give_up(self, order: Order) -> None:
        move = self._failed(order)
        self.held[move.source] -= move.amount
        order.states[f"{move.what}_state"] = "given_up"
        if (order.kind, move.what) == ("T", "credit"):
            self.give_back(order)
            return
        self.post(move.source, "payments", order.amount)
        if order.kind == "D":
            self.post("fees", "payments", order.fee)

    def _failed(self, order: Order) -> Move:
        """What a trading server has refused of it."""
        for move in self.moves.values():
            state = order.states.get(f"{move.what}_state", "")
            if move.order is order and state.endswith("_failed"):
                return move
        raise NoError

    def told(self, notice: Notice) -> None:
        """Each outcome of a payment counts once, however often it is told."""
        if (notice.reference, notice.outcome) not in self.noticed:
            self.noticed.add((notice.reference, notice.outcome))
            self.waiting.append(notice)

    def worked(self, now: datetime, asked: set[str]) -> None:
        """The worker has come to payments, and these are the ones that gateways told it of."""
        self._act(now)
        for order in self.orders.values():
            is_known = order.reference in asked if order.reference else True
            is_over = order.status == "drafted" and now >= order.ends
            if not is_known or not (is_over or order.is_unwanted):
                continue
            order.is_open = order.is_unwanted = False
            if order.paid:
                self.told(Notice(order.number, order.reference, "paid", order.paid, now))
            elif is_over:
                order.states["status"] = "expired"
        self._act(now)

    def _act(self, now: datetime) -> None:
        while self.waiting:
            notice = self.waiting.pop(0)
            order = self.orders[notice.number]
            if notice.outcome == "paid":
                self.events[self._paid(order, notice, now)] += 1
            elif notice.reference == order.reference and order.status == "drafted":
                order.states["status"] = "expired"
                self.events["applied"] += 1
            else:
                self.events["ignored"] += 1

    def _paid(self, order: Order, notice: Notice, now: datetime) -> str:
        is_over = order.status in ("cancelled", "expired")
        if notice.reference != order.reference or not (is_over or order.status == "drafted"):
            return "unmatched"
        order.shown_at, order.is_late = now, is_over or notice.at >= order.ends
        if notice.amount == order.pays and self.at_once and not order.is_late:
            order.states["status"] = "approved"
            self.go_on(order)
        else:
            order.states["status"] = "pending"
        return "applied"
