"""Transfers as clients order them: wlink 31, and their way from one account to the other."""

from collections.abc import Iterator
from typing import Any

import pytest

from models.trading_account import FundingType
from models.transfer_order import TransferOrder
from tests.cashier import Till, till
from tests.keyed import newcomer
from tests.outgoing import TRANSFER, WITHDRAW, standing, states, violations
from tests.server import Server, problem
from tests.trading import Floor, floor, told

__all__ = ["floor", "till"]

Json = Any

NO_ACCOUNT = 2**40


@pytest.fixture(scope="module")
def closed(server: Server) -> Iterator[Till]:
    """A till at which nothing is moved: whatever is asked of it is refused, and changes nothing."""
    found = Till(Floor(server.broker()))
    found.fund("500.00")
    assert found.second
    yield found
    assert (found.balance(), found.balance(found.second)) == ("500.00", "0.00")
    assert found.violations() == []


def refusal(till: Till, **changed: Json) -> tuple[int, str]:
    return problem(TRANSFER.ask(till, **changed))


def newest(till: Till) -> str:
    """The number of the last order."""
    number: str = till.floor.rows(TransferOrder)[-1].order_number
    return number


def test_a_transfer_moves_money(till: Till) -> None:
    till.fund("500.00")
    answer = told(TRANSFER.ask(till, amount="200.00"))
    till.work()
    (order,) = till.floor.rows(TransferOrder)
    assert answer == {"audit_id": order.id, "audit_status": "pending"}
    number = order.order_number
    assert number.startswith("T") and len(number) <= 20
    assert till.balance() == "300.00"
    till.approve(number)
    assert till.balance(till.second) == "200.00"
    assert standing(till) == {"payments": "-500.00", "trading 1": "300.00", "trading 2": "200.00"}


def test_a_transfer_that_is_rejected_comes_back(till: Till) -> None:
    till.fund("500.00")
    order = till.transfer("200.00")
    till.reject(order)
    assert (till.balance(), till.balance(till.second)) == ("500.00", "0.00")
    assert states(till, order)["refund_state"] == "refunded"


def test_an_account_is_not_its_own_target(closed: Till) -> None:
    answer = TRANSFER.ask(closed, target_trading_account_id=closed.account)
    assert problem(answer) == (400, "SAME_ACCOUNT")
    assert violations(answer) == [("/body/target_trading_account_id", "const")]


@pytest.mark.parametrize("side", ["source_trading_account_id", "target_trading_account_id"])
def test_both_accounts_are_the_client_s_own(closed: Till, side: str) -> None:
    assert refusal(closed, **{side: NO_ACCOUNT}) == (404, "NOT_FOUND")
    theirs = newcomer(closed.floor).open_live()
    assert refusal(closed, **{side: theirs}) == (404, "NOT_FOUND")


@pytest.mark.parametrize("side", ["source_trading_account_id", "target_trading_account_id"])
def test_only_live_accounts_that_are_in_use_move_money(till: Till, side: str) -> None:
    demo = till.floor.open_demo()
    assert refusal(till, **{side: demo}) == (409, "NOT_A_LIVE_ACCOUNT")
    till.floor.disable(till.second if side.startswith("target") else till.account)
    assert refusal(till) == (404, "NOT_FOUND")


@pytest.mark.parametrize("funding", FundingType)
def test_a_source_gives_and_a_target_takes_if_their_funding_allows(
    till: Till, funding: FundingType
) -> None:
    till.fund("500.00")
    no = (409, "ACCOUNT_FUNDING_NOT_ALLOWED")
    till.floor.change(till.second, funding_type=funding)
    takes = funding in (FundingType.NORMAL, FundingType.DEPOSIT_ONLY)
    answer = TRANSFER.ask(till)
    assert answer.is_success if takes else problem(answer) == no
    if takes:
        till.work()
        till.reject(newest(till))
    till.floor.change(till.second, funding_type=FundingType.NORMAL)
    till.floor.change(till.account, funding_type=funding)
    gives = funding in (FundingType.NORMAL, FundingType.WITHDRAWAL_ONLY)
    answer = TRANSFER.ask(till)
    assert answer.is_success if gives else problem(answer) == no


def test_both_accounts_are_kept_in_one_currency(till: Till) -> None:
    till.fund("500.00")
    till.floor.change(till.second, currency="CNY")
    assert refusal(till) == (409, "CURRENCY_MISMATCH")
    till.floor.change(till.second, currency="USD")


@pytest.mark.parametrize(
    ("amount", "rule"), [("0", "minimum"), ("0.00", "minimum"), ("10.001", "places")]
)
def test_an_amount_is_above_zero_and_of_its_currency(closed: Till, amount: str, rule: str) -> None:
    answer = TRANSFER.ask(closed, amount=amount)
    assert problem(answer) == (400, "AMOUNT_INVALID")
    assert violations(answer) == [("/body/amount", rule)]


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"amount": "1e2"}, "/body/amount"),
        ({"amount": "-1.00"}, "/body/amount"),
        ({"amount": 100}, "/body/amount"),
        ({"remark": None}, "/body/remark"),
        ({"remark": "x" * 501}, "/body/remark"),
        ({"email_code": "12345"}, "/body/email_code"),
        ({"source_trading_account_id": "1"}, "/body/source_trading_account_id"),
        ({"target_trading_account_id": 0}, "/body/target_trading_account_id"),
        ({"colour": "red"}, "/body/colour"),
    ],
)
def test_what_is_not_as_documented_is_a_bad_request(
    closed: Till, changed: Json, where: str
) -> None:
    answer = TRANSFER.ask(closed, **changed)
    assert problem(answer) == (400, "VALIDATION_ERROR")
    assert [pointer for pointer, _ in violations(answer)] == [where]


def test_all_that_can_be_moved_may_be_transferred_and_nothing_more(till: Till) -> None:
    till.fund("500.00")
    assert refusal(till, amount="500.01") == (409, "INSUFFICIENT_FUNDS")
    till.transfer("500.00")
    assert till.balance() == "0.00"


def test_one_source_has_one_undecided_order_and_a_target_does_not_matter(till: Till) -> None:
    till.fund("500.00")
    till.fund("50.00", till.second)
    till.transfer("100.00")
    assert refusal(till) == (409, "PENDING_ORDER_EXISTS")
    assert problem(WITHDRAW.ask(till)) == (409, "PENDING_ORDER_EXISTS")
    back = {
        "source_trading_account_id": till.second,
        "target_trading_account_id": till.account,
    }
    till.transfer("50.00", **back)
    assert (till.balance(), till.balance(till.second)) == ("400.00", "0.00")


@pytest.mark.parametrize(
    ("amount", "status"),
    [("99.99", "approved"), ("100.00", "approved"), ("100.01", "pending")],
)
def test_what_is_small_enough_needs_no_operator(till: Till, amount: str, status: str) -> None:
    till.fund("500.00")
    till.set(approves_transfers_up_to=100)
    order = till.transfer(amount)
    assert states(till, order)["status"] == status
    assert till.balance(till.second) == (amount if status == "approved" else "0.00")


def test_what_an_operator_has_in_his_hands_is_his_to_decide(till: Till) -> None:
    till.fund("500.00")
    till.set(approves_transfers_up_to=100)
    told(TRANSFER.ask(till, amount="50.00"))
    order = newest(till)
    till.claim(order)
    till.work()
    assert states(till, order)["status"] == "auditing"
    assert (till.balance(), till.balance(till.second)) == ("450.00", "0.00")


def test_an_order_keeps_what_the_client_said(till: Till) -> None:
    till.fund("500.00")
    row = till.order(till.transfer("100.00", remark="for gold"))
    assert (row.amount, row.currency, row.client_remark) == (100_00, "USD", "for gold")
    assert (row.source_id, row.target_id) == (till.account, till.second)
    assert row.user_id == till.floor.user.id
