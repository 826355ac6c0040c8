"""What operators decide of deposits: claimed, corrected, approved, refused, tried again."""

from functools import partial
from typing import Any

import pytest

from backoffice import cash_orders, deposits, stuck_money, trading_operations
from backoffice.cash_orders import DEPOSIT
from simulator.faults import Fault
from tests.cashier import Till, till
from tests.incoming import ask_cancel, status
from tests.outgoing import at_desk, deeds, person, refused, release, standing, states
from tests.trading import LIVE, floor, told

__all__ = ["floor", "till"]

Json = Any

CONFLICT = "that cannot be done: it is {}"


def claim(till: Till, order: str) -> None:
    till.claim(order)


def approve(till: Till, order: str) -> None:
    till.decide(cash_orders.approve, order)


def reject(till: Till, order: str) -> None:
    till.decide(cash_orders.reject, order, "No.")


def correct(till: Till, order: str, amount: str = "400.00") -> None:
    """What has come is another amount."""
    till.desk(lambda desk: deposits.correct(desk, order, amount))


def letters(till: Till, order: str) -> list[str]:
    """The client's about an order, each on one line."""
    return [" ".join(text.split()) for _, text in till.floor.letters() if order in text]


def test_nothing_is_decided_that_nobody_has_submitted(till: Till) -> None:
    drafted, cancelled = till.draft(), till.draft()
    told(ask_cancel(till, cancelled))
    for order, state in ((drafted, "drafted"), (cancelled, "cancelled")):
        for deed in (claim, release, approve, reject):
            assert refused(partial(deed, till, order)) == CONFLICT.format(state)
        assert refused(partial(correct, till, order)).endswith(f"it is {state}")
    till.floor.later(72 * 3600)
    for deed in (claim, release, approve, reject):
        assert refused(partial(deed, till, drafted)) == CONFLICT.format("expired")
    assert standing(till) == {}


def test_what_waits_is_claimed_first_and_decided_once(till: Till) -> None:
    order = till.paid_in()
    for deed in (release, approve, reject):
        assert refused(partial(deed, till, order)) == CONFLICT.format("pending")
    till.claim(order)
    assert refused(partial(till.claim, order)) == CONFLICT.format("auditing")
    release(till, order)
    till.approve(order)
    for deed in (claim, release, approve, reject):
        assert refused(partial(deed, till, order)) == CONFLICT.format("approved")
    assert standing(till) == {"payments": "-500.00", "trading 1": "500.00"}


def test_what_waits_is_listed_the_oldest_first_and_then_what_is_underway(till: Till) -> None:
    till.draft()
    first, second = till.paid_in(), till.paid_in("100.00")
    email = till.floor.user.email

    def listed(which: Any) -> list[tuple[str, str]]:
        found = till.desk(lambda desk: which(desk, DEPOSIT))
        return [(order.order_number, user.email) for order, user in found]

    assert listed(cash_orders.waiting) == [(first, email), (second, email)]
    till.claim(first)
    orders = till.broker.server.services.orders
    till.desk(lambda desk: cash_orders.approve(desk, orders, DEPOSIT, first))
    assert (listed(cash_orders.waiting), listed(cash_orders.underway)) == (
        [(second, email)],
        [(first, email)],
    )
    assert standing(till) == {"payments": "-500.00", "clearing 1": "500.00, 500.00 held"}
    till.work()
    assert listed(cash_orders.underway) == []


def test_the_fee_stays_with_the_broker_and_the_client_is_told_of_the_rest(till: Till) -> None:
    till.costs(till.offline, fee_type="percent", fee_value="1.5")
    order = till.paid_in("74.37")
    till.approve(order)
    assert standing(till) == {"payments": "-75.49", "fees": "1.12", "trading 1": "74.37"}
    (letter,) = letters(till, order)
    login = till.floor.account(till.account).login
    assert letter.startswith(
        f"74.37 USD of your deposit {order} has been credited to your trading account {login}."
    )


def test_what_is_refused_is_told_with_its_reason_and_moves_nothing(till: Till) -> None:
    order = till.paid_in()
    till.reject(order, "The receipt is another one's.")
    (letter,) = letters(till, order)
    assert letter.startswith(f"Your deposit {order} of 500.00 USD was not accepted.")
    assert "The receipt is another one's." in letter
    assert (standing(till), till.balance()) == ({}, "0.00")
    for deed in (claim, release, approve, reject):
        assert refused(partial(deed, till, order)) == CONFLICT.format("disapproved")


def test_a_corrected_amount_is_what_the_account_gets(till: Till) -> None:
    till.costs(till.offline, fee_value="2")
    order = till.paid_in("500.00")
    assert refused(partial(correct, till, order)) == (
        "only what is claimed is corrected: it is pending"
    )
    till.claim(order)
    for amount in ("0", "-1", "1.001", "much", ""):
        told_off = refused(partial(correct, till, order, amount))
        assert told_off == "an amount is above zero, such as 500.00"
    correct(till, order, "433.21")
    approve(till, order)
    assert standing(till) == {"payments": "-435.21", "fees": "2.00", "trading 1": "433.21"}
    assert (till.balance(), letters(till, order)[0][:10]) == ("433.21", "433.21 USD")
    assert refused(partial(correct, till, order)).endswith("it is approved")


def test_above_the_limit_two_people_agree_on_what_the_amount_is_by_then(till: Till) -> None:
    till.set(second_person_above=400)
    anna, bert = person(till, "anna"), person(till, "bert")
    order, orders = till.paid_in("400.00"), till.broker.server.services.orders
    approving = partial(cash_orders.approve, orders=orders, kind=DEPOSIT, order_number=order)
    at_desk(till, anna, lambda desk: cash_orders.claim(desk, DEPOSIT, order))
    at_desk(till, anna, lambda desk: deposits.correct(desk, order, "400.01"))
    for deed in (partial(at_desk, till, anna, approving), partial(till.desk, approving)):
        assert "it takes two operators" in refused(deed)
    assert status(till, order) == "auditing"
    at_desk(till, bert, approving)
    till.work()
    assert (till.order(order).auditor_id, till.balance()) == (bert.id, "400.01")


def test_above_the_limit_who_corrects_an_amount_does_not_approve_it(till: Till) -> None:
    till.set(second_person_above=400)
    anna, bert = person(till, "anna"), person(till, "bert")
    order, orders = till.paid_in("100.00"), till.broker.server.services.orders
    approving = partial(cash_orders.approve, orders=orders, kind=DEPOSIT, order_number=order)
    at_desk(till, anna, lambda desk: cash_orders.claim(desk, DEPOSIT, order))
    at_desk(till, bert, lambda desk: deposits.correct(desk, order, "9999.00"))
    told_off = refused(partial(at_desk, till, bert, approving))
    assert "it takes two operators" in told_off
    at_desk(till, anna, approving)
    till.work()
    assert (till.order(order).auditor_id, till.balance()) == (anna.id, "9999.00")


def test_what_the_server_refuses_is_set_aside_and_tried_again(till: Till) -> None:
    order = till.paid_in()
    till.floor.suffers(LIVE, Fault.REFUSE, actions=["balance_operation"])
    till.approve(order)
    assert states(till, order) == {"status": "approved", "credit_state": "credit_failed"}
    assert standing(till) == {"payments": "-500.00", "clearing 1": "500.00, 500.00 held"}
    assert letters(till, order) == []
    for _ in range(2):
        till.floor.later()
    assert till.balance() == "0.00"
    till.decide(stuck_money.retry, order)
    assert states(till, order)["credit_state"] == "credited"
    assert standing(till) == {"payments": "-500.00", "trading 1": "500.00"}
    assert (till.balance(), len(letters(till, order))) == ("500.00", 1)
    told_off = refused(partial(till.decide, stuck_money.retry, order))
    assert told_off == "the trading server has not refused its money"


def test_what_only_an_operator_says_was_not_done_is_looked_for_before_it_is_tried_again(
    till: Till,
) -> None:
    order, parts = till.paid_in(), till.broker.server.services
    till.floor.suffers(LIVE, Fault.LOSE, actions=["balance_operation"])
    till.approve(order)
    till.desk(lambda desk: trading_operations.mark_not_done(desk, parts.outcomes, f"D:{order}"))
    assert states(till, order)["credit_state"] == "credit_failed"
    till.decide(stuck_money.retry, order)
    till.floor.at_last()
    assert (states(till, order)["credit_state"], till.balance()) == ("credited", "500.00")


@pytest.mark.parametrize("fault", [Fault.HANG_APPLIED, Fault.LOSE])
def test_what_the_server_has_done_unheard_is_done_once(till: Till, fault: Fault) -> None:
    order = till.paid_in()
    till.floor.suffers(LIVE, fault, actions=["balance_operation"])
    till.approve(order)
    assert states(till, order)["credit_state"] == "crediting"
    till.floor.at_last()
    assert (states(till, order)["credit_state"], till.balance()) == ("credited", "500.00")


def test_a_deposit_is_known_to_its_broker_alone(till: Till) -> None:
    order = till.paid_in()
    other = till.broker.server.broker()
    claiming = partial(cash_orders.claim, kind=DEPOSIT, order_number=order)
    assert refused(partial(other.desk, claiming)) == f"there is no deposit {order}"


def test_whatever_is_done_is_written_down(till: Till) -> None:
    order = till.paid_in()
    before = len(deeds(till))
    till.claim(order)
    correct(till, order, "400.00")
    approve(till, order)
    waiting = {"status": "auditing", "credit_state": "none"}
    assert deeds(till)[before:] == [
        (deed, f"deposit {order}", after)
        for deed, after in (
            ("order_claimed", waiting),
            ("order_corrected", {**waiting, "was": "500.00", "amount": "400.00"}),
            (
                "order_approved",
                {"status": "approved", "credit_state": "crediting", "amount": "400.00"},
            ),
        )
    ]
