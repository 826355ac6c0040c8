"""Where the money of withdrawals and transfers is, from the order to its end: to the last unit."""

from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from httpx2 import Response

from backoffice import cash_orders, payouts, stuck_money
from backoffice.trading_accounts import set_funding
from models.trading_account import FundingType
from simulator.faults import Fault
from tests.cashier import Till, kind_of, till
from tests.outgoing import (
    TRANSFER,
    WITHDRAW,
    Way,
    each_way,
    history,
    refused,
    release,
    standing,
    states,
)
from tests.server import problem
from tests.trading import LIVE, floor, told

__all__ = ["floor", "till"]

Json = Any

PUT_IN = {"payments": "-500.00", "trading 1": "500.00"}
ORDERED = {"payments": "-500.00", "trading 1": "500.00, 200.00 held"}
DEBITED = {"payments": "-500.00", "trading 1": "300.00", "clearing 1": "200.00"}
GOING = DEBITED | {"clearing 1": "200.00, 200.00 held"}
PAYABLE = {"payments": "-500.00", "trading 1": "300.00", "payable": "198.00", "fees": "2.00"}
PAID = {"payments": "-302.00", "trading 1": "300.00", "fees": "2.00"}
MOVED = {"payments": "-500.00", "trading 1": "300.00", "trading 2": "200.00"}
NO_REPLY = "The trading server did not release the money."


@pytest.fixture
def rich(till: Till) -> Till:
    """A client with 500 dollars, and a withdrawal costs two."""
    till.costs(till.bank, fee_value="2")
    till.fund("500.00")
    return till


def ask(till: Till, way: Way, amount: str = "200.00") -> Response:
    """The client orders as many dollars."""
    arrives = f"{Decimal(amount) - 2}"
    quote = {"fee": "2.00", "remittance_amount": arrives} if way is WITHDRAW else {}
    return way.ask(till, amount=amount, **quote)


def ordered(till: Till, way: Way) -> str:
    """The number of such an order; the worker has not seen it yet."""
    told(ask(till, way))
    number: str = history(till, way)["list"][0]["order_number"]
    return number


def debited(till: Till, way: Way) -> str:
    """The same; it is off the account."""
    number = ordered(till, way)
    till.work()
    return number


def suffers(till: Till, *faults: Fault) -> None:
    till.floor.suffers(LIVE, *faults, actions=["balance_operation"])


def deed(till: Till, how: Any, number: str, *further: Json) -> None:
    """What an operator does; the worker has not seen it yet."""
    orders = till.broker.server.services.orders
    named = [number] if how is payouts.refund else [kind_of(number), number]
    till.desk(lambda desk: how(desk, orders, *named, *further))


def available(till: Till) -> dict[int, str]:
    """What the client is told that he can move (wlink 29)."""
    rows = told(till.floor.call("list_account_balances", type=["normal"]))["list"]
    return {each["trading_account_id"]: each["balance"] for each in rows}


def test_a_withdrawal_goes_from_the_account_to_the_payee(rich: Till) -> None:
    number = ordered(rich, WITHDRAW)
    assert (standing(rich), rich.balance()) == (ORDERED, "500.00")
    rich.work()
    assert (standing(rich), rich.balance()) == (DEBITED, "300.00")
    rich.approve(number)
    assert standing(rich) == PAYABLE
    rich.pay_out(number)
    assert (standing(rich), rich.balance()) == (PAID, "300.00")
    assert states(rich, number) == {
        "status": "approved",
        "debit_state": "debited",
        "refund_state": "none",
        "payout_state": "paid",
    }


def test_a_transfer_goes_from_one_account_to_the_other(rich: Till) -> None:
    number = ordered(rich, TRANSFER)
    assert (standing(rich), rich.balance()) == (ORDERED, "500.00")
    rich.work()
    assert (standing(rich), rich.balance()) == (DEBITED, "300.00")
    rich.claim(number)
    deed(rich, cash_orders.approve, number)
    assert (standing(rich), rich.balance(rich.second)) == (GOING, "0.00")
    rich.work()
    assert (standing(rich), rich.balance(rich.second)) == (MOVED, "200.00")
    assert states(rich, number) == {
        "status": "approved",
        "debit_state": "debited",
        "credit_state": "credited",
        "refund_state": "none",
    }


@each_way
def test_what_is_rejected_goes_back_and_costs_nothing(rich: Till, way: Way) -> None:
    number = debited(rich, way)
    rich.claim(number)
    deed(rich, cash_orders.reject, number, "We need a proof.")
    assert (standing(rich), rich.balance()) == (GOING, "300.00")
    assert states(rich, number)["refund_state"] == "refunding"
    rich.work()
    assert (standing(rich), rich.balance()) == (PUT_IN, "500.00")
    assert states(rich, number)["refund_state"] == "refunded"


@each_way
@pytest.mark.parametrize("is_claimed", [False, True], ids=["waiting", "claimed"])
def test_a_debit_that_is_refused_ends_the_order(rich: Till, way: Way, is_claimed: bool) -> None:
    number = ordered(rich, way)
    if is_claimed:
        rich.claim(number)
    suffers(rich, Fault.REFUSE)
    rich.work()
    assert (standing(rich), rich.balance()) == (PUT_IN, "500.00")
    found = states(rich, number)
    assert (found["status"], found["debit_state"]) == ("disapproved", "refused")
    assert found["refund_state"] == "none", "there is nothing to give back"
    (row,) = history(rich, way)["list"]
    assert (row["status"], row["remark"]) == ("disapproved", NO_REPLY)
    assert told(rich.floor.call("check_pending_withdrawal")) == {"has_pending": False}
    assert refused(lambda: rich.claim(number)) == "that cannot be done: it is disapproved"


def test_the_server_refuses_what_was_lost_meanwhile(rich: Till) -> None:
    rich.floor.pay_in(rich.account, "-400.00")
    number = debited(rich, WITHDRAW)
    assert states(rich, number)["debit_state"] == "refused"
    assert rich.balance() == "100.00"


@each_way
def test_the_system_gives_its_reason_in_the_client_s_language(rich: Till, way: Way) -> None:
    rich.broker.change(rich.floor.user, language="zh-CN")
    suffers(rich, Fault.REFUSE)
    number = debited(rich, way)
    assert rich.order(number).remark == "交易服务器未能划出该笔资金。"
    subject, text = rich.floor.letters()[-1]
    assert number in subject and "交易服务器未能划出该笔资金。" in text


@each_way
@pytest.mark.parametrize("fault", [Fault.LOSE, Fault.HANG], ids=["done", "not done"])
def test_while_a_debit_is_in_doubt_nobody_decides(rich: Till, way: Way, fault: Fault) -> None:
    suffers(rich, fault)
    number = debited(rich, way)
    assert states(rich, number)["debit_state"] == "debiting"
    assert standing(rich) == ORDERED
    rich.claim(number)
    conflict = "that cannot be done: it is debiting"
    assert refused(partial(deed, rich, cash_orders.approve, number)) == conflict
    assert refused(partial(deed, rich, cash_orders.reject, number, "No.")) == conflict
    release(rich, number)
    assert told(rich.floor.call("check_pending_withdrawal")) == {"has_pending": True}
    assert problem(ask(rich, way)) == (409, "PENDING_ORDER_EXISTS")
    rich.floor.at_last()
    assert (standing(rich), rich.balance()) == (DEBITED, "300.00")
    rich.reject(number)
    assert (standing(rich), rich.balance()) == (PUT_IN, "500.00")


@each_way
def test_what_can_be_moved_is_told_without_what_is_about_to_leave(rich: Till, way: Way) -> None:
    other = {rich.second: "0.00"}
    number = ordered(rich, way)
    assert available(rich) == {rich.account: "300.00"} | other
    rich.work()
    assert available(rich) == {rich.account: "300.00"} | other
    rich.claim(number)
    deed(rich, cash_orders.reject, number, "No.")
    assert available(rich) == {rich.account: "300.00"} | other
    rich.work()
    assert available(rich) == {rich.account: "500.00"} | other


@each_way
def test_a_refund_that_is_refused_is_set_aside_and_tried_again(rich: Till, way: Way) -> None:
    number = debited(rich, way)
    suffers(rich, Fault.REFUSE)
    rich.reject(number)
    assert states(rich, number)["refund_state"] == "refund_failed"
    assert (standing(rich), rich.balance()) == (GOING, "300.00")
    suffers(rich, Fault.REFUSE)
    rich.decide(stuck_money.retry, number)
    assert states(rich, number)["refund_state"] == "refund_failed"
    rich.decide(stuck_money.retry, number)
    assert states(rich, number)["refund_state"] == "refunded"
    assert (standing(rich), rich.balance()) == (PUT_IN, "500.00")


@pytest.mark.parametrize("is_automatic", [False, True], ids=["by an operator", "by itself"])
def test_a_credit_that_is_refused_is_set_aside_and_tried_again(
    rich: Till, is_automatic: bool
) -> None:
    number = ordered(rich, TRANSFER)
    if is_automatic:
        rich.set(approves_transfers_up_to=200)
        suffers(rich, Fault.NONE, Fault.REFUSE)
        rich.work()
    else:
        rich.work()
        suffers(rich, Fault.REFUSE)
        rich.approve(number)
    assert states(rich, number)["credit_state"] == "credit_failed"
    assert (standing(rich), rich.balance(rich.second)) == (GOING, "0.00")
    rich.decide(stuck_money.retry, number)
    assert states(rich, number)["credit_state"] == "credited"
    assert (standing(rich), rich.balance(rich.second)) == (MOVED, "200.00")


def test_nothing_goes_by_itself_to_an_account_that_takes_no_money_any_more(rich: Till) -> None:
    number = ordered(rich, TRANSFER)
    rich.set(approves_transfers_up_to=200)
    rich.desk(partial(set_funding, number=rich.second, funding=FundingType.WITHDRAWAL_ONLY))
    rich.work()
    assert states(rich, number)["status"] == "pending"
    assert (standing(rich), rich.balance(rich.second)) == (DEBITED, "0.00")


def failed(till: Till) -> str:
    """A withdrawal that did not arrive."""
    number = debited(till, WITHDRAW)
    till.approve(number)
    till.desk(lambda desk: payouts.fail(desk, number, "The account is closed."))
    assert (standing(till), states(till, number)["payout_state"]) == (PAYABLE, "failed")
    return number


def test_what_did_not_arrive_is_paid_again(rich: Till) -> None:
    number = failed(rich)
    rich.desk(lambda desk: payouts.pay_again(desk, number))
    assert (standing(rich), states(rich, number)["payout_state"]) == (PAYABLE, "paying")
    rich.pay_out(number)
    assert standing(rich) == PAID


def sent_back(till: Till, number: str) -> None:
    """The bank has sent back what was paid out."""
    orders = till.broker.server.services.orders
    till.desk(lambda desk: payouts.come_back(desk, orders, number, "Unknown account."))
    assert (standing(till), states(till, number)["payout_state"]) == (PAYABLE, "failed")
    assert till.order(number).remark == "Unknown account."


def test_what_the_bank_sends_back_is_paid_again_however_often(rich: Till) -> None:
    number = debited(rich, WITHDRAW)
    rich.approve(number)
    for _ in range(2):
        rich.pay_out(number)
        assert standing(rich) == PAID
        sent_back(rich, number)
        rich.desk(lambda desk: payouts.pay_again(desk, number))
    rich.pay_out(number)
    assert (standing(rich), states(rich, number)["payout_state"]) == (PAID, "paid")


def test_what_the_bank_sends_back_goes_back_with_the_fee(rich: Till) -> None:
    number = debited(rich, WITHDRAW)
    rich.approve(number)
    rich.pay_out(number)
    sent_back(rich, number)
    deed(rich, payouts.refund, number)
    rich.work()
    assert (standing(rich), rich.balance()) == (PUT_IN, "500.00")


@each_way
def test_what_is_off_the_account_cannot_be_moved_again_though_its_server_says_no_more(
    rich: Till, way: Way
) -> None:
    number = ordered(rich, way)
    rich.floor.suffers(LIVE, Fault.HANG, actions=["account"])
    rich.work()
    assert states(rich, number)["debit_state"] == "debited"
    assert rich.floor.account(rich.account).balance == 300_00
    rich.approve(number)
    assert problem(ask(rich, way, "300.01")) == (409, "INSUFFICIENT_FUNDS")


@pytest.mark.parametrize("fault", [Fault.NONE, Fault.LOSE, Fault.REFUSE])
def test_what_did_not_arrive_goes_back_with_the_fee(rich: Till, fault: Fault) -> None:
    number = failed(rich)
    suffers(rich, fault)
    deed(rich, payouts.refund, number)
    assert standing(rich) == GOING
    rich.floor.at_last()
    if fault is Fault.REFUSE:
        assert standing(rich) == GOING
        rich.decide(stuck_money.retry, number)
    assert (standing(rich), rich.balance()) == (PUT_IN, "500.00")
    found = states(rich, number)
    assert (found["payout_state"], found["refund_state"]) == ("refunded", "refunded")
