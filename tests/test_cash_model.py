"""Whatever clients, operators, gateways and trading servers do in whatever order: the cashier
agrees with some lines of Python, and its books are sound.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule, run_state_machine_as_test

from backoffice import cash_orders, deposits, payouts, stuck_money
from backoffice.desk import Desk
from tests.cash_branch import App, Outside, apps_on
from tests.cash_world import World
from tests.cashier import kind_of
from tests.own_server import server
from tests.reference_money import Order, text_of
from tests.server import Server
from trading.orders import Orders

__all__ = ["server"]

Json = Any

# By their names, and how often.
HAPPENINGS = [
    *["go_on"] * 6,
    *["draft"] * 2,
    *["withdraw"] * 4,
    *["transfer"] * 3,
    *["decide"] * 6,
    *["claim_and_decide"] * 4,
    *["fail"] * 3,
    *["wait_long"] * 2,
    *("ask_again", "gateway_fails", "win_or_lose", "look", "restart"),
]
# Which of those that there are; see `pick` and `caller`.
picks = st.integers(0, 99)
# Cents: such as there are, but for one time in four.
LIMITS = st.sampled_from([200_00, 9_99, 10_00, 49_99, 50_00, 1000_01, 5000_00, 5000_01])
AMOUNTS = st.integers(50_00, 450_00)
amounts = st.one_of(AMOUNTS, AMOUNTS, AMOUNTS, LIMITS)
# After a step: nothing, or the worker comes after so many seconds.
pauses = st.sampled_from([-1, -1, 0, 0, 0, 1, 61])

Decision = Callable[[Desk, Orders, str, int], None]


def of_kind(how: Callable[..., None]) -> Decision:
    """What is done with orders of every kind."""
    return lambda desk, orders, number, _: how(desk, orders, kind_of(number), number)


# What operators do with orders; the last argument is an amount.
DECISIONS: dict[str, Decision] = {
    "claim": lambda desk, _, number, __: cash_orders.claim(desk, kind_of(number), number),
    "release": lambda desk, _, number, __: cash_orders.release(desk, kind_of(number), number),
    "approve": of_kind(cash_orders.approve),
    "reject": lambda desk, orders, number, _: cash_orders.reject(
        desk, orders, kind_of(number), number, "We need a proof."
    ),
    "retry": of_kind(stuck_money.retry),
    "give_up": lambda desk, orders, number, _: stuck_money.give_up(
        desk, orders, kind_of(number), number, "Paid back."
    ),
    "correct": lambda desk, _, number, amount: deposits.correct(desk, number, text_of(amount)),
    "pay": lambda desk, orders, number, _: payouts.pay(desk, orders, number, "SEPA 4711"),
    "fail": lambda desk, _, number, __: payouts.fail(desk, number, "Returned by the bank."),
    "come_back": lambda desk, orders, number, _: payouts.come_back(
        desk, orders, number, "Returned by the bank."
    ),
    "pay_again": lambda desk, _, number, __: payouts.pay_again(desk, number),
    "refund": lambda desk, orders, number, _: payouts.refund(desk, orders, number),
}
# What may be done in which state, but for the last two; what comes more often stands there more
# than once.
NEXT = {
    ("status", "pending"): ["claim"],
    ("status", "auditing"): ["approve", "approve", "reject", "release", "correct"],
    ("payout_state", "paying"): ["pay", "fail", "fail"],
    ("payout_state", "failed"): ["pay_again", "refund", "refund"],
    ("payout_state", "paid"): ["come_back"],
    ("credit_state", "credit_failed"): ["retry", "retry", "give_up"],
    ("refund_state", "refund_failed"): ["retry", "retry", "give_up"],
    ("status", "approved"): ["correct"],
    ("status", "disapproved"): ["pay_again"],
}


def choices(order: Order) -> list[str]:
    found = [name for state in order.states.items() for name in NEXT.get(state, [])]
    return [name for name in found if name != "correct" or order.kind == "D"]


class Machine(World):
    """Operators decide; and whatever may happen does, one after the other. It is one rule, because
    of many rules Hypothesis would leave out most.
    """

    @initialize(
        accounts=st.sampled_from([[2], [2, 1], [1, 2], [3]]),
        at_once=st.booleans(),
        up_to=st.sampled_from([0, 200]),
        waits=st.booleans(),
    )
    def open(self, accounts: list[int], at_once: bool, up_to: int, waits: bool) -> None:
        self.begin(accounts, at_once, up_to, waits)

    @rule(what=st.sampled_from(HAPPENINGS), pick=picks, by=picks, amount=amounts, seconds=pauses)
    def happen(self, what: str, pick: int, by: int, amount: int, seconds: int) -> None:
        getattr(self, what)(pick, by, amount)
        self.go_by(seconds)

    def decide(self, pick: int, by: int, amount: int) -> None:
        """What may be done, but for one time in ten."""
        order = self.pick(pick, choices)
        if order is None:
            self.withdraw(pick, by, amount)
            return
        may = (choices(order) if by < 90 else []) or [*DECISIONS]
        self._decided(may[by % len(may)], order, amount)

    def claim_and_decide(self, pick: int, by: int, amount: int) -> None:
        order = self.pick(pick, lambda each: each.status == "pending")
        if order:
            self._decided("claim", order, amount)
            self._decided("reject" if by % 3 == 0 else "approve", order, amount)

    def _decided(self, name: str, order: Order, amount: int) -> None:
        wanted = getattr(self.reference, name)
        further = [amount] if name == "correct" else []
        orders = self.branch.parts.orders
        self.operate(
            *(name, order, lambda: wanted(order, *further)),
            lambda desk: DECISIONS[name](desk, orders, order.number, amount),
        )


@pytest.fixture(scope="module")
def apps(server: Server) -> Iterator[list[App]]:
    with apps_on(server) as found:
        yield found


def run(server: Server, apps: list[App], examples: int, steps: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        outside = Outside()
        outside.listen(patch)
        parts = {"server": server, "apps": apps, "outside": outside}
        often = settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        run_state_machine_as_test(type("Machine", (Machine,), parts), settings=often)


@pytest.mark.long
def test_the_cashier_agrees_with_some_lines_of_python(server: Server, apps: list[App]) -> None:
    run(server, apps, examples=60, steps=40)
