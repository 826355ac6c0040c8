"""What operators decide of withdrawals and transfers, who may, and what is written down of it."""

from functools import partial
from typing import Any

import pytest

from backoffice import cash_orders, payouts, stuck_money
from models.user import User
from tests.cashier import LETTERS, Till, kind_of, till
from tests.outgoing import (
    WITHDRAW,
    Way,
    at_desk,
    deeds,
    each_way,
    person,
    refused,
    release,
    states,
)
from tests.trading import floor

__all__ = ["floor", "till"]

Json = Any

CONFLICT = "that cannot be done: it is {}"


@pytest.fixture
def rich(till: Till) -> Till:
    till.fund("500.00")
    return till


def approve(till: Till, number: str, by: User | None = None) -> None:
    """Somebody does; without a name, at the console."""
    orders = till.broker.server.services.orders
    approving = partial(
        cash_orders.approve, orders=orders, kind=kind_of(number), order_number=number
    )
    at_desk(till, by, approving) if by else till.desk(approving)
    till.work()


def claim(till: Till, number: str, by: User) -> None:
    at_desk(till, by, lambda desk: cash_orders.claim(desk, kind_of(number), number))


def reject(till: Till, number: str, reason: str = "No.") -> None:
    till.decide(cash_orders.reject, number, reason)


@each_way
def test_what_is_undecided_is_listed_the_oldest_first(rich: Till, way: Way) -> None:
    rich.fund("100.00", rich.second)
    first = way.order(rich, "100.00")
    kind = kind_of(first)
    back: Json = {way.source: rich.second}
    if way is not WITHDRAW:
        back["target_trading_account_id"] = rich.account
    second = way.order(rich, "100.00", **back)
    rich.claim(first)
    listed = rich.desk(lambda desk: cash_orders.waiting(desk, kind))
    assert [(order.order_number, user.email) for order, user in listed] == [
        (first, rich.floor.user.email),
        (second, rich.floor.user.email),
    ]
    approve(rich, first)
    reject_waiting = rich.desk(lambda desk: cash_orders.waiting(desk, kind))
    assert [order.order_number for order, _ in reject_waiting] == [second]


@each_way
def test_only_what_is_claimed_is_decided_and_only_once(rich: Till, way: Way) -> None:
    number = way.order(rich, "100.00")
    assert refused(partial(approve, rich, number)) == CONFLICT.format("pending")
    assert refused(partial(reject, rich, number)) == CONFLICT.format("pending")
    assert refused(partial(release, rich, number)) == CONFLICT.format("pending")
    operator = person(rich, "anna")
    claim(rich, number, operator)
    assert rich.order(number).auditor_id == operator.id
    assert refused(partial(rich.claim, number)) == CONFLICT.format("auditing")
    release(rich, number)
    assert rich.order(number).auditor_id is None
    claim(rich, number, operator)
    approve(rich, number, operator)
    for again in (approve, reject, release, Till.claim):
        assert refused(partial(again, rich, number)) == CONFLICT.format("approved")


@each_way
def test_what_was_rejected_stays_so(rich: Till, way: Way) -> None:
    number = way.order(rich, "100.00")
    rich.reject(number)
    for again in (approve, reject, release, Till.claim):
        assert refused(partial(again, rich, number)) == CONFLICT.format("disapproved")


@each_way
def test_an_order_is_known_by_its_kind_and_its_broker(rich: Till, way: Way) -> None:
    number = way.order(rich, "100.00")
    other = rich.broker.server.broker()
    kind = kind_of(number)
    (foreign,) = (each for each in LETTERS.values() if each.name not in ("deposit", kind.name))
    for broker, known in ((rich.broker, foreign), (other, kind)):
        claiming = partial(cash_orders.claim, kind=known, order_number=number)
        told = refused(partial(broker.desk, claiming))
        assert told == f"there is no {known.name} {number}"


@each_way
@pytest.mark.parametrize("reason", ["", "  ", "x" * 501])
def test_a_refusal_has_a_reason(rich: Till, way: Way, reason: str) -> None:
    number = way.order(rich, "100.00")
    rich.claim(number)
    told = refused(partial(reject, rich, number, reason))
    assert told == "a reason has 1 to 500 characters"
    assert states(rich, number)["status"] == "auditing"


@each_way
def test_above_the_limit_two_people_agree(rich: Till, way: Way) -> None:
    rich.set(second_person_above=100)
    anna, bert = person(rich, "anna"), person(rich, "bert")
    number = way.order(rich, "100.01")
    claim(rich, number, anna)
    told = (
        "above 100 USD it takes two operators, each under his name:"
        " whoever has had it in his hands last does not decide alone"
    )
    assert refused(partial(approve, rich, number, anna)) == told
    assert refused(partial(approve, rich, number)) == told
    approve(rich, number, bert)
    assert rich.order(number).auditor_id == bert.id


@each_way
def test_nobody_is_a_second_person_without_a_first_one(rich: Till, way: Way) -> None:
    rich.set(second_person_above=100)
    number = way.order(rich, "100.01")
    rich.claim(number)
    assert "each under his name" in refused(partial(approve, rich, number, person(rich, "bert")))
    reject(rich, number)


@each_way
@pytest.mark.parametrize(("limit", "amount"), [(100, "100.00"), (None, "500.00")])
def test_up_to_the_limit_one_person_is_enough(
    rich: Till, way: Way, limit: int | None, amount: str
) -> None:
    rich.set(second_person_above=limit)
    anna = person(rich, "anna")
    number = way.order(rich, amount)
    claim(rich, number, anna)
    approve(rich, number, anna)
    assert states(rich, number)["status"] == "approved"


def test_a_payout_goes_its_way_step_by_step(rich: Till) -> None:
    number = rich.withdraw("100.00")
    again = partial(payouts.pay_again, order_number=number)
    fail = partial(payouts.fail, order_number=number, reason="Closed.")
    refund = partial(payouts.refund, orders=rich.broker.server.services.orders, order_number=number)

    def conflicts(state: str, *deeds_: Any) -> None:
        for each in deeds_:
            assert refused(partial(rich.desk, each)) == CONFLICT.format(state)

    returned = partial(
        payouts.come_back,
        orders=rich.broker.server.services.orders,
        order_number=number,
        reason="Unknown account.",
    )
    conflicts("none", again, fail, refund, returned)
    assert refused(partial(rich.pay_out, number)) == CONFLICT.format("none")
    rich.approve(number)
    conflicts("paying", again, refund, returned)
    rich.desk(fail)
    assert rich.order(number).remark == "Closed."
    conflicts("failed", fail, returned)
    assert refused(partial(rich.pay_out, number)) == CONFLICT.format("failed")
    rich.desk(again)
    assert rich.order(number).remark == "", "it need not stay so"
    rich.pay_out(number, "SEPA 4711")
    assert rich.order(number).payout_reference == "SEPA 4711"
    conflicts("paid", again, fail, refund)
    assert refused(partial(rich.pay_out, number)) == CONFLICT.format("paid")


@pytest.mark.parametrize("reference", ["", "  ", "x" * 101])
def test_a_payout_has_a_reference(rich: Till, reference: str) -> None:
    number = rich.withdraw("100.00")
    rich.approve(number)
    told = refused(partial(rich.pay_out, number, reference))
    assert told == "a reference has 1 to 100 characters"


@each_way
def test_only_what_the_server_has_refused_is_tried_again(rich: Till, way: Way) -> None:
    number = way.order(rich, "100.00")
    told = refused(partial(rich.decide, stuck_money.retry, number))
    assert told == "the trading server has not refused its money"
    rich.reject(number)
    told = refused(partial(rich.decide, stuck_money.retry, number))
    assert told == "the trading server has not refused its money"


def test_whatever_is_done_is_written_down(rich: Till) -> None:
    number = rich.withdraw("100.00")
    before = len(deeds(rich))
    rich.claim(number)
    release(rich, number)
    rich.approve(number)
    rich.desk(lambda desk: payouts.fail(desk, number, "Closed."))
    rich.desk(lambda desk: payouts.pay_again(desk, number))
    rich.pay_out(number, "SEPA 4711")
    states_ = {"debit_state": "debited", "refund_state": "none"}
    approved: Json = {"status": "approved", **states_}
    waiting: Json = {"payout_state": "none", **states_}
    assert deeds(rich)[before:] == [
        (deed, f"withdrawal {number}", after)
        for deed, after in (
            ("order_claimed", {"status": "auditing", **waiting}),
            ("order_released", {"status": "pending", **waiting}),
            ("order_claimed", {"status": "auditing", **waiting}),
            ("order_approved", {**approved, "payout_state": "paying", "amount": "100.00"}),
            ("payout_failed", {**approved, "payout_state": "failed", "reason": "Closed."}),
            ("payout_repeated", {**approved, "payout_state": "paying"}),
            ("payout_done", {**approved, "payout_state": "paid", "reference": "SEPA 4711"}),
        )
    ]
