"""Withdrawals as clients order them: wlink 60."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from backoffice.channels import CHANNEL
from models.client_profile import ApplyStatus, ClientProfile
from models.trading_account import FundingType
from tests import channels
from tests.cashier import Till, till
from tests.keyed import newcomer
from tests.outgoing import TRANSFER, WITHDRAW, violations
from tests.server import Server, problem
from tests.trading import Floor, floor, together, told

__all__ = ["floor", "till"]

Json = Any


@pytest.fixture(scope="module")
def closed(server: Server) -> Iterator[Till]:
    """A till of which nobody gets anything: whatever is asked of it is refused, and changes
    nothing.
    """
    found = Till(Floor(server.broker()))
    found.fund("500.00")
    yield found
    assert (found.withdrawals(), found.balance(), found.violations()) == ([], "500.00", [])


def refusal(till: Till, **changed: Json) -> tuple[int, str]:
    return problem(WITHDRAW.ask(till, **changed))


def test_a_withdrawal_leaves_the_account_at_once_and_is_paid_out(till: Till) -> None:
    till.fund("500.00")
    answer = WITHDRAW.ask(till, amount="200.00")
    assert told(answer).keys() == {"order_number"}
    number = told(answer)["order_number"]
    assert number.startswith("W") and len(number) <= 20
    till.work()
    assert till.balance() == "300.00"
    till.approve(number)
    till.pay_out(number)
    assert till.order(number).payout_state == "paid"


def test_a_withdrawal_that_is_rejected_comes_back(till: Till) -> None:
    till.fund("500.00")
    order = till.withdraw("200.00")
    till.reject(order)
    assert till.balance() == "500.00"


def test_all_that_can_be_moved_may_be_withdrawn_and_nothing_more(till: Till) -> None:
    till.fund("500.00")
    assert refusal(till, amount="500.01") == (409, "INSUFFICIENT_FUNDS")
    till.withdraw("500.00")
    assert till.balance() == "0.00"


def test_what_open_trades_need_cannot_be_withdrawn(till: Till) -> None:
    till.fund("500.00")
    till.floor.change(till.account, free_margin=120_00, credit=20_00)
    assert refusal(till, amount="100.01") == (409, "INSUFFICIENT_FUNDS")
    assert WITHDRAW.ask(till, amount="100.00").is_success


@pytest.mark.parametrize(
    ("status", "is_let"), [(status, status is ApplyStatus.APPROVED) for status in ApplyStatus]
)
def test_only_who_is_known_withdraws(till: Till, status: ApplyStatus, is_let: bool) -> None:
    till.fund("500.00")

    def write(session: Any) -> None:
        ClientProfile.of_user_id(session, till.floor.user.id).apply_status = status

    till.broker.server.services.database.write(till.broker.boundary, write)
    answer = WITHDRAW.ask(till)
    assert answer.is_success if is_let else problem(answer) == (409, "KYC_REQUIRED")


@pytest.mark.parametrize("funding", FundingType)
def test_an_account_gives_money_if_its_funding_allows(till: Till, funding: FundingType) -> None:
    till.fund("500.00")
    till.floor.change(till.account, funding_type=funding)
    answer = WITHDRAW.ask(till)
    if funding in (FundingType.NORMAL, FundingType.WITHDRAWAL_ONLY):
        assert answer.is_success
    else:
        assert problem(answer) == (409, "ACCOUNT_FUNDING_NOT_ALLOWED")


def test_an_account_that_is_none_of_the_client_s_is_not_there(closed: Till) -> None:
    theirs = newcomer(closed.floor).open_live()
    assert refusal(closed, number=theirs) == (404, "NOT_FOUND")
    assert refusal(closed, number=2**40) == (404, "NOT_FOUND")


def test_neither_play_money_nor_an_account_that_is_not_in_use_is_withdrawn(till: Till) -> None:
    assert refusal(till, number=till.floor.open_demo()) == (409, "NOT_A_LIVE_ACCOUNT")
    till.floor.disable(till.account)
    assert refusal(till) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    "changed", [{"remittance_id": 2**40}, {"remittance_id": "offline"}, {"remittance_id": "wire"}]
)
def test_a_channel_pays_out_by_its_own_method(closed: Till, changed: Json) -> None:
    wire = channels.publish(closed.broker, channels.WITHDRAWAL)
    numbers = {"offline": closed.offline, "wire": wire}
    number = numbers.get(changed["remittance_id"], changed["remittance_id"])
    assert refusal(closed, remittance_id=number) == (409, "CHANNEL_UNAVAILABLE")


def test_a_channel_is_for_those_who_live_where_it_is_for(till: Till) -> None:
    till.fund("500.00")
    till.costs(till.bank, countries=["SG"])
    assert refusal(till) == (409, "CHANNEL_UNAVAILABLE")
    channels.lives(till.broker, till.floor.user, "SG")
    assert WITHDRAW.ask(till).is_success


def test_a_channel_that_was_withdrawn_pays_nothing(till: Till) -> None:
    assert till.account
    till.broker.withdraw(CHANNEL, till.bank)
    assert refusal(till) == (409, "CHANNEL_UNAVAILABLE")


@pytest.mark.parametrize(
    ("amount", "rule"), [("0", "minimum"), ("0.00", "minimum"), ("10.001", "places")]
)
def test_an_amount_is_above_zero_and_of_its_currency(closed: Till, amount: str, rule: str) -> None:
    answer = WITHDRAW.ask(closed, withdrawal_amount=amount)
    assert problem(answer) == (400, "AMOUNT_INVALID")
    assert violations(answer) == [("/body/withdrawal_amount", rule)]


@pytest.mark.parametrize("amount", ["9.99", "5000.01"])
def test_a_channel_has_its_limits(closed: Till, amount: str) -> None:
    answer = WITHDRAW.ask(closed, amount=amount)
    assert problem(answer) == (409, "AMOUNT_OUT_OF_RANGE")
    assert answer.json()["details"] == {"min": "10.00", "max": "5000.00"}


def test_limits_are_inclusive(till: Till) -> None:
    till.fund("500.00")
    till.costs(till.bank, min_amount="100", max_amount="100")
    assert WITHDRAW.ask(till, amount="100.00").is_success


@pytest.mark.parametrize("currency", ["JPY", "USDT", "EUR", "ZZZ"])
def test_a_channel_pays_in_its_own_currencies(closed: Till, currency: str) -> None:
    assert refusal(closed, currency=currency) == (409, "CURRENCY_MISMATCH")


def test_what_the_broker_has_stopped_dealing_in_is_not_paid(till: Till) -> None:
    assert till.account
    till.broker.configure("offer", currencies=["CNY"])
    assert refusal(till) == (409, "CURRENCY_MISMATCH")


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"withdrawal_amount": "1e2"}, "/body/withdrawal_amount"),
        ({"withdrawal_amount": "-1.00"}, "/body/withdrawal_amount"),
        ({"withdrawal_amount": 100}, "/body/withdrawal_amount"),
        ({"exchange_rate": "one"}, "/body/exchange_rate"),
        ({"fee": ""}, "/body/fee"),
        ({"remittance_amount": "NaN"}, "/body/remittance_amount"),
        ({"method": "cash"}, "/body/method"),
        ({"currency": "us"}, "/body/currency"),
        ({"remark": "x" * 501}, "/body/remark"),
        ({"email_code": "12345"}, "/body/email_code"),
        ({"trading_account_id": "1"}, "/body/trading_account_id"),
        ({"bank_transfer_info": {}}, "/body/bank_transfer_info/bank_country"),
        ({"colour": "red"}, "/body/colour"),
    ],
)
def test_what_is_not_as_documented_is_a_bad_request(
    closed: Till, changed: Json, where: str
) -> None:
    answer = WITHDRAW.ask(closed, **changed)
    assert problem(answer) == (400, "VALIDATION_ERROR")
    assert where in [pointer for pointer, _ in violations(answer)]


def test_one_account_has_one_undecided_order(till: Till) -> None:
    till.fund("500.00")
    first = till.withdraw("100.00")
    assert refusal(till) == (409, "PENDING_ORDER_EXISTS")
    assert problem(TRANSFER.ask(till)) == (409, "PENDING_ORDER_EXISTS")
    till.claim(first)
    assert refusal(till) == (409, "PENDING_ORDER_EXISTS")
    till.fund("50.00", till.second)
    assert WITHDRAW.ask(till, amount="50.00", number=till.second).is_success
    till.work()


def test_after_the_decision_there_is_room_for_the_next_order(till: Till) -> None:
    till.fund("500.00")
    till.approve(till.withdraw("100.00"))
    till.reject(till.withdraw("100.00"))
    till.withdraw("400.00")
    assert till.balance() == "0.00"


def test_a_day_has_a_limit_and_what_comes_back_does_not_count(till: Till) -> None:
    till.fund("500.00")
    till.set(withdraws_daily_up_to=150)
    till.reject(till.withdraw("120.00"))
    till.approve(till.withdraw("100.00"))
    answer = WITHDRAW.ask(till, amount="50.01")
    assert problem(answer) == (409, "AMOUNT_OUT_OF_RANGE")
    assert answer.json()["details"] == {"min": "10.00", "max": "50.00"}
    till.approve(till.withdraw("50.00"))
    assert WITHDRAW.ask(till, amount="10.00").json()["details"]["max"] == "0.00"
    till.broker.server.clock.forward(days=1)
    till.floor.token = till.broker.token(till.floor.user)
    assert WITHDRAW.ask(till, amount="150.00").is_success
    till.work()


def test_a_day_s_limit_is_one_for_all_accounts_also_at_once(till: Till) -> None:
    till.set(withdraws_daily_up_to=100)
    for number in (till.account, till.second):
        till.fund("100.00", number)
    calls = [
        partial(WITHDRAW.ask, till, amount="100.00", number=each)
        for each in (till.account, till.second)
    ]
    assert together(calls) == ["", "AMOUNT_OUT_OF_RANGE"]
    till.work()


def test_an_order_keeps_what_the_client_was_told(till: Till) -> None:
    till.fund("500.00")
    row = till.order(till.withdraw("100.00", remark="for the rent"))
    assert (row.amount, row.fee, row.currency) == (100_00, 0, "USD")
    assert (row.remittance_amount, row.remittance_currency) == (100_00, "USD")
    assert (row.client_remark, row.remark, row.method) == ("for the rent", "", "bank_transfer")
    assert row.created_at <= datetime.now(UTC)
    assert row.user_id == till.floor.user.id
