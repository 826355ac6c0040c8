"""What becomes of deposits at payment gateways, and what trading servers may do, in any order; and
time, and restarts.
"""

import json

from simulator.faults import Fault
from tests.cash_clients import Clients
from tests.cash_machine import HOUR
from tests.reference_cashier import Notice
from tests.reference_money import Order

FAULTS = [each for each in Fault if each is not Fault.NONE]
BOOKING = ["balance_operation"]
LOOKING = [*BOOKING, "find_balance_operations"]
GATEWAY_FAULTS = [Fault.HANG, Fault.ERROR, Fault.REFUSE, Fault.LOSE]


class World(Clients):
    """Payments are made and told of, servers fail, money is lost in trading, the worker works."""

    def go_on(self, pick: int, by: int, amount: int) -> None:
        """With a deposit: whatever can come next, but for one time in ten."""
        order = self.pick(pick, lambda each: each.kind == "D" and self.ways(each))
        if order is None or order.kind != "D":
            self.draft(pick, by, amount)
            return
        ways = (self.ways(order) if amount % 10 else []) or ["submit", "cancel"]
        getattr(self, ways[amount % len(ways)])(order, by)

    def ways(self, order: Order) -> list[str]:
        """By their names; what comes more often more than once."""
        if order.paid:
            return ["tell_again", "tell_again", "pay_another_page"]
        if order.reference and (self.now >= order.ends or not order.is_open):
            return ["tell_of_the_end", "pay"]
        is_drafted = order.status_at(self.now) == "drafted"
        if order.reference:
            often = ["pay", "pay", "pay", "cancel", "pay_another_page"]
            return often if is_drafted else ["pay"]
        return ["submit", "submit", "submit", "cancel"] if is_drafted else []

    def pay(self, order: Order, by: int) -> None:
        """What was asked for, or another amount; then we are told, or never, or twice."""
        paid = order.pays + (0, 0, 0, 1, -1)[by % 5]
        can_be_paid = order.is_open and not order.paid and self.now < order.ends
        happened = self.branch.stand_in.pay(order.reference, self.now, paid)
        assert (happened is not None) is can_be_paid
        if happened:
            order.paid, order.paid_at = paid, self.now
            for _ in range((0, 0, 1, 2)[by % 4]):
                self.tell(order, happened.body, "paid")

    def tell_again(self, order: Order, by: int) -> None:
        """Or for the first time."""
        self.tell(order, self._last(order), "paid")

    def pay_another_page(self, order: Order, by: int) -> None:
        """Of the same order: what is told of it is no forgery, and not what was asked for."""
        reference, channel = f"cs_another_{order.number}", str(self.branch.till.card)
        session = {
            "id": reference,
            "amount_total": order.pays,
            "currency": "jpy",
            "metadata": {"order_number": order.number, "channel": channel},
            "payment_status": "paid",
        }
        told = {
            "id": f"evt_another_{order.number}",
            "created": int(self.now.timestamp()),
            "type": "checkout.session.completed",
            "data": {"object": session},
        }
        self.tell(order, json.dumps(told).encode(), "paid", reference)

    def _last(self, order: Order) -> bytes:
        happened = self.branch.stand_in.last_event(order.reference)
        assert happened is not None
        return happened.body

    def tell_of_the_end(self, order: Order, by: int) -> None:
        """The gateway says that nobody can pay any more."""
        happened = self.branch.stand_in.expired(order.reference, self.now)
        self.tell(order, happened.body, "expired")

    def tell(self, order: Order, body: bytes, outcome: str, reference: str = "") -> None:
        self.client = order.client
        self.branch.tell(body)
        reference = reference or order.reference
        told = Notice(order.number, reference, outcome, order.paid, order.paid_at)
        self.reference.told(told)

    def fail(self, pick: int, by: int, amount: int) -> None:
        """The trading server does, once or twice."""
        coming = [FAULTS[pick % len(FAULTS)], FAULTS[by % len(FAULTS)]][: 1 + amount % 2]
        self.branch.fail(*coming, actions=LOOKING if by % 3 == 0 else BOOKING)

    def gateway_fails(self, pick: int, by: int, amount: int) -> None:
        """Once: for a client who wants to pay, or for the worker."""
        parts = self.branch.app.parts if by % 2 else self.branch.parts
        coming = parts.payments.gateways.stand_in.coming
        if not coming:
            coming.append(GATEWAY_FAULTS[pick % len(GATEWAY_FAULTS)])

    def win_or_lose(self, pick: int, by: int, amount: int) -> None:
        account = self.account(pick)
        change = max(amount if by % 4 == 0 else -amount, -self.reference.at_server[account])
        if change:
            self.trade(account, change)

    def look(self, pick: int, by: int, amount: int) -> None:
        self.look_at(self.account(pick))

    def restart(self, pick: int, by: int, amount: int) -> None:
        self.branch.restart()

    def wait_long(self, pick: int, by: int, amount: int) -> None:
        """Most often until drafts are over; clients see it before the worker writes it down."""
        self.wait((20 * 60, 6 * HOUR, 6 * HOUR)[by % 3])
        for client in range(len(self.branch.clients)):
            self.see(client, "count_deposit_drafts")
            self.see(client, "list_deposits")
