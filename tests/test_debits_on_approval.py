"""A broker who lets money leave an account only when an operator approves it."""

from functools import partial
from typing import Any

import pytest

from backoffice import cash_orders
from backoffice.desk import Desk
from backoffice.trading_accounts import set_funding
from backoffice.trading_operations import mark_not_done
from models.trading_account import FundingType
from simulator.faults import Fault
from tests.cashier import Till, kind_of, till
from tests.console import Console, console
from tests.outgoing import (
    TRANSFER,
    WITHDRAW,
    Way,
    at_desk,
    deeds,
    each_way,
    history,
    person,
    refused,
    release,
    standing,
    states,
)
from tests.server import problem
from tests.test_cash_movements import (
    MOVED,
    ORDERED,
    PAYABLE,
    PUT_IN,
    ask,
    available,
    deed,
    ordered,
    rich,
    suffers,
)
from tests.trading import floor

__all__ = ["console", "floor", "rich", "till"]

Json = Any

END = {WITHDRAW: PAYABLE, TRANSFER: MOVED}
ONLY_100 = "by what its server has told last, only 100.00 USD can leave the account"
NOT_YET = "that cannot be done: it is debiting"


@pytest.fixture
def careful(rich: Till) -> Till:
    """A client with 500 dollars."""
    rich.set(debits_on_approval=True)
    return rich


def wanted(till: Till, way: Way) -> str:
    """An order that an operator has claimed; the worker has found nothing to do."""
    number = ordered(till, way)
    till.work()
    assert (standing(till), till.balance()) == (PUT_IN, "500.00")
    assert states(till, number)["debit_state"] == "none"
    till.claim(number)
    return number


@each_way
def test_the_money_leaves_the_account_once_an_operator_has_agreed(careful: Till, way: Way) -> None:
    number = wanted(careful, way)
    deed(careful, cash_orders.approve, number)
    assert (standing(careful), careful.balance()) == (ORDERED, "500.00")
    found = states(careful, number)
    assert (found["status"], found["debit_state"]) == ("auditing", "debiting")
    assert history(careful, way)["list"][0]["status"] == "auditing"
    careful.work()
    assert (standing(careful), careful.balance()) == (END[way], "300.00")
    found = states(careful, number)
    assert (found["status"], found["debit_state"]) == ("approved", "debited")
    (name, subject, after) = deeds(careful)[-1]
    assert (name, subject.endswith(number)) == ("order_approved", True)
    assert after["debit_state"] == "debiting"


@each_way
def test_until_then_it_is_an_open_order_and_promised(careful: Till, way: Way) -> None:
    number = wanted(careful, way)
    assert available(careful)[careful.account] == "300.00"
    assert problem(ask(careful, way)) == (409, "PENDING_ORDER_EXISTS")
    release(careful, number)
    assert available(careful)[careful.account] == "300.00"
    careful.claim(number)
    deed(careful, cash_orders.approve, number)
    assert available(careful)[careful.account] == "300.00"
    careful.work()
    assert available(careful)[careful.account] == "300.00"


@each_way
def test_what_is_rejected_has_never_left(careful: Till, way: Way) -> None:
    number = wanted(careful, way)
    careful.decide(cash_orders.reject, number, "We need a proof.")
    assert (standing(careful), careful.balance()) == (PUT_IN, "500.00")
    found = states(careful, number)
    assert found["status"] == "disapproved"
    assert (found["debit_state"], found["refund_state"]) == ("none", "none")
    assert available(careful)[careful.account] == "500.00"
    text = careful.floor.letters()[-1][1]
    assert "We need a proof." in text
    assert "nothing was taken off" in text.replace("\n", " ")


@each_way
def test_while_it_is_being_debited_nobody_has_second_thoughts(careful: Till, way: Way) -> None:
    number = wanted(careful, way)
    suffers(careful, Fault.HANG)
    careful.decide(cash_orders.approve, number)
    assert states(careful, number)["debit_state"] == "debiting"
    for how in (cash_orders.approve, partial(cash_orders.reject, reason="No.")):
        assert refused(partial(deed, careful, how, number)) == NOT_YET
    assert refused(partial(release, careful, number)) == NOT_YET
    careful.floor.at_last()
    assert (standing(careful), careful.balance()) == (END[way], "300.00")


@each_way
def test_what_the_server_refuses_is_decided_anew(careful: Till, way: Way) -> None:
    number = wanted(careful, way)
    for _ in range(2):
        suffers(careful, Fault.REFUSE)
        careful.decide(cash_orders.approve, number)
        assert (standing(careful), careful.balance()) == (PUT_IN, "500.00")
        found = states(careful, number)
        assert (found["status"], found["debit_state"]) == ("auditing", "none")
    careful.decide(cash_orders.approve, number)
    assert (standing(careful), careful.balance()) == (END[way], "300.00")
    keys = [each.key for each in careful.floor.operations() if ":out" in each.key]
    assert [key.rpartition(":")[2] for key in keys] == ["out", "out1", "out2"]


@each_way
def test_what_the_server_has_refused_may_be_rejected(careful: Till, way: Way) -> None:
    number = wanted(careful, way)
    suffers(careful, Fault.REFUSE)
    careful.decide(cash_orders.approve, number)
    careful.decide(cash_orders.reject, number, "You have no money left.")
    assert (standing(careful), careful.balance()) == (PUT_IN, "500.00")
    assert states(careful, number)["refund_state"] == "none"


@each_way
def test_what_only_an_operator_calls_not_done_is_not_begun_again(careful: Till, way: Way) -> None:
    """It may have been done after all: under another key it would be done twice."""
    number = wanted(careful, way)
    suffers(careful, *[Fault.HANG] * 20)
    careful.decide(cash_orders.approve, number)
    (operation,) = (each for each in careful.floor.operations() if ":out" in each.key)
    outcomes = careful.broker.server.services.outcomes
    careful.desk(lambda desk: mark_not_done(desk, outcomes, operation.key))
    found = states(careful, number)
    assert (found["status"], found["debit_state"]) == ("disapproved", "refused")


@each_way
def test_more_than_is_left_by_then_does_not_leave(careful: Till, way: Way) -> None:
    number = wanted(careful, way)
    careful.floor.pay_in(careful.account, "-400.00")
    assert available(careful)[careful.account] == "0.00"
    assert refused(partial(deed, careful, cash_orders.approve, number)) == ONLY_100
    careful.floor.pay_in(careful.account, "100.00")
    available(careful)
    careful.decide(cash_orders.approve, number)
    assert careful.balance() == "0.00"


@each_way
def test_nor_do_credit_and_what_open_trades_need(careful: Till, way: Way) -> None:
    number = wanted(careful, way)
    careful.floor.change(careful.account, free_margin=120_00, credit=20_00)
    assert refused(partial(deed, careful, cash_orders.approve, number)) == ONLY_100
    assert careful.balance() == "500.00"


@each_way
@pytest.mark.parametrize("state", ["pending", "disapproved"])
def test_what_nobody_has_claimed_is_refused_for_that(careful: Till, way: Way, state: str) -> None:
    """Whatever may leave the account."""
    number = wanted(careful, way)
    if state == "pending":
        release(careful, number)
    else:
        careful.decide(cash_orders.reject, number, "We need a proof.")
    careful.floor.pay_in(careful.account, "-400.00")
    available(careful)
    message = refused(partial(deed, careful, cash_orders.approve, number))
    assert message == f"that cannot be done: it is {state}"


@each_way
def test_two_people_agree_before_much_leaves_the_account(careful: Till, way: Way) -> None:
    careful.set(second_person_above=100)
    first, second = person(careful, "first"), person(careful, "second")
    number = ordered(careful, way)
    orders, kind = careful.broker.server.services.orders, kind_of(number)
    at_desk(careful, first, lambda desk: cash_orders.claim(desk, kind, number))

    def approve(desk: Desk) -> None:
        cash_orders.approve(desk, orders, kind, number)

    assert "two operators" in refused(lambda: at_desk(careful, first, approve))
    suffers(careful, Fault.REFUSE)
    at_desk(careful, second, approve)
    careful.work()
    assert "two operators" in refused(lambda: at_desk(careful, second, approve))
    at_desk(careful, first, approve)
    careful.work()
    assert (standing(careful), careful.balance()) == (END[way], "300.00")


def test_nothing_leaves_the_account_for_a_payee_who_is_new(careful: Till) -> None:
    careful.set(holds_withdrawals_hours=24)
    number = wanted(careful, WITHDRAW)
    assert "is new: not before" in refused(partial(deed, careful, cash_orders.approve, number))
    careful.broker.server.clock.forward(hours=25)
    careful.decide(cash_orders.approve, number)
    assert standing(careful) == PAYABLE


def test_nothing_leaves_an_account_for_one_that_takes_no_money_any_more(careful: Till) -> None:
    number = wanted(careful, TRANSFER)
    target, funding = careful.second, FundingType.WITHDRAWAL_ONLY
    careful.desk(partial(set_funding, number=target, funding=funding))
    message = refused(partial(deed, careful, cash_orders.approve, number))
    assert message == "by now no money may be put on the target"
    assert (standing(careful), careful.balance()) == (PUT_IN, "500.00")


@each_way
def test_nothing_leaves_an_account_that_gives_no_money_any_more(careful: Till, way: Way) -> None:
    number = wanted(careful, way)
    account = careful.account
    careful.desk(partial(set_funding, number=account, funding=FundingType.DEPOSIT_ONLY))
    message = refused(partial(deed, careful, cash_orders.approve, number))
    assert message == "by now no money may leave the account"
    careful.decide(cash_orders.reject, number, "Your account takes money only.")
    assert (standing(careful), careful.balance()) == (PUT_IN, "500.00")


def test_small_transfers_leave_at_once_and_need_nobody(careful: Till) -> None:
    careful.set(approves_transfers_up_to=200)
    number = ordered(careful, TRANSFER)
    assert standing(careful) == ORDERED
    careful.work()
    assert (standing(careful), states(careful, number)["status"]) == (MOVED, "approved")


@each_way
def test_an_order_keeps_to_what_was_set_when_it_was_made(careful: Till, way: Way) -> None:
    number = wanted(careful, way)
    careful.set(debits_on_approval=False)
    careful.decide(cash_orders.approve, number)
    assert standing(careful) == END[way]
    other = ordered(careful, way)
    careful.set(debits_on_approval=True)
    careful.work()
    assert states(careful, other)["debit_state"] == "debited"
    careful.reject(other)
    assert states(careful, other)["refund_state"] == "refunded"


@each_way
def test_operators_are_told_that_the_server_has_refused(
    careful: Till, console: Console, way: Way
) -> None:
    number = wanted(careful, way)
    suffers(careful, Fault.REFUSE)
    careful.decide(cash_orders.approve, number)
    line = console.operator("withdrawal" if way is WITHDRAW else "transfer", "list").rstrip()
    assert line.startswith(f"{number}  auditing ")
    assert line.endswith("not released by the trading server")
