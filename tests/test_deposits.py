"""Drafts of deposits that are paid offline, and how they end: wlink 50, 52, 53 and 54."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from httpx2 import Response

from backoffice import cash_orders, content
from backoffice.channels import CHANNEL
from backoffice.trading_accounts import set_funding
from models.trading_account import FundingType
from tests import channels
from tests.cashier import Till, till
from tests.incoming import ask_cancel, count, row, status
from tests.keyed import newcomer
from tests.outgoing import standing, violations
from tests.server import Server, problem
from tests.trading import Floor, floor, told

__all__ = ["floor", "till"]

Json = Any

CONFLICT = (409, "ORDER_STATE_CONFLICT")


@pytest.fixture(scope="module")
def refusing(server: Server) -> Till:
    """A client with a live account, who is refused whatever he asks for."""
    found = Till(Floor(server.broker()))
    assert found.account
    return found


def ask(till: Till, **changed: Json) -> Response:
    """The client asks for a deposit."""
    return till.floor.call("create_deposit_draft", till.wants_to_pay_in(**changed))


def shown(till: Till, order: str) -> Response:
    return till.floor.call("get_deposit_draft", order_number=order)


def test_a_deposit_with_a_receipt_is_credited_once_it_is_approved(till: Till) -> None:
    answer = told(ask(till, remark="from my savings"))
    order = answer["order_number"]
    nothing = {"pay_data": "", "pay_type": "", "pay_url": ""}
    assert answer == {"order_number": order, "status": "drafted", **nothing}
    assert told(shown(till, order)) == {
        "account_info": "",
        "deposit_amount": "500.00",
        "order_number": order,
        "receipt_url": "",
    }
    assert told(till.submit(order)) == {"order_number": order, "status": "pending"}
    assert (standing(till), till.balance()) == ({}, "0.00")
    till.approve(order)
    assert standing(till) == {"payments": "-500.00", "trading 1": "500.00"}
    assert till.balance() == "500.00"
    told_of = row(till, order)
    assert (told_of["status"], told_of["client_remark"]) == ("approved", "from my savings")


def test_only_whom_the_broker_knows_may_pay_in(till: Till) -> None:
    newcomer_ = till.broker.user("new@example.com")
    body = till.wants_to_pay_in()
    answer = till.floor.call("create_deposit_draft", body, token=till.broker.token(newcomer_))
    assert problem(answer) == (409, "KYC_REQUIRED")
    assert till.deposits() == []


def test_money_is_put_on_an_open_live_account_of_his_own(refusing: Till) -> None:
    foreign = newcomer(refusing.floor).open_live()
    demo, disabled = refusing.floor.open_demo(), refusing.floor.open_live()
    refusing.floor.disable(disabled)
    for number in (foreign, disabled, 999_999):
        assert problem(ask(refusing, number=number)) == (404, "NOT_FOUND")
    assert problem(ask(refusing, number=demo)) == (409, "NOT_A_LIVE_ACCOUNT")
    assert refusing.deposits() == []


def test_money_is_put_on_what_may_have_it(till: Till) -> None:
    granted = []
    for funding in FundingType:
        till.desk(partial(set_funding, number=till.account, funding=funding))
        answer = ask(till)
        if answer.status_code == 200:
            granted.append(funding)
        else:
            assert problem(answer) == (409, "ACCOUNT_FUNDING_NOT_ALLOWED")
    assert granted == [FundingType.NORMAL, FundingType.DEPOSIT_ONLY]


def test_a_channel_must_be_offered_for_deposits_to_those_who_live_there(refusing: Till) -> None:
    broker = refusing.broker
    elsewhere = channels.publish(broker, countries=["SG"])
    withdrawn = channels.publish(broker)
    broker.desk(lambda desk: content.withdraw(desk, CHANNEL, withdrawn))
    of_nobody = channels.publish(broker, currencies=["USDT"])
    broker.configure("offer", currencies=["USD", "CNY", "JPY"])
    of_other = channels.publish(broker.server.broker())
    for number in (elsewhere, withdrawn, of_nobody, of_other, refusing.bank, 999_999):
        answer = ask(refusing, remittance_id=number)
        assert problem(answer) == (409, "CHANNEL_UNAVAILABLE"), number
    assert refusing.deposits() == []


def test_a_channel_for_a_country_is_for_those_who_live_there(till: Till) -> None:
    number = channels.publish(till.broker, countries=["SG"])
    channels.lives(till.broker, till.floor.user, "SG")
    assert ask(till, remittance_id=number).status_code == 200


@pytest.mark.parametrize("amount", ["0", "0.00", "0.000", "100.001"])
def test_an_amount_is_one_of_the_accounts_currency(refusing: Till, amount: str) -> None:
    answer = ask(refusing, amount=amount)
    assert problem(answer) == (400, "AMOUNT_INVALID")
    rule = "places" if "1" in amount or amount == "0.000" else "minimum"
    assert violations(answer) == [("/body/deposit_amount", rule)]


@pytest.mark.parametrize("amount", ["-5", "1e3", "", " 5", "00.5", "5,00", "NaN"])
def test_an_amount_is_a_plain_decimal(refusing: Till, amount: str) -> None:
    assert problem(ask(refusing, amount=amount)) == (400, "VALIDATION_ERROR")


def test_an_amount_lies_within_the_limits_of_the_channel(till: Till) -> None:
    for amount in ("49.99", "5000.01"):
        answer = ask(till, amount=amount)
        assert problem(answer) == (409, "AMOUNT_OUT_OF_RANGE")
        assert answer.json()["details"] == {"min": "50.00", "max": "5000.00"}
    for amount in ("50", "5000.00"):
        assert ask(till, amount=amount).status_code == 200
    assert [order.amount for order in till.deposits()] == [50_00, 5000_00]


def test_instructions_stay_as_the_client_was_told_them_in_his_language(till: Till) -> None:
    instructions = {"en": "To account 1.", "zh-CN": "汇至账户 1。"}
    till.costs(till.offline, account_info=instructions)
    answer = till.broker.call(
        "create_deposit_draft",
        till.wants_to_pay_in(),
        token=till.floor.token,
        headers={"X-Language": "zh-CN"},
    )
    english = till.draft()
    till.costs(till.offline, account_info={"en": "To account 2."})
    for order, expected in (
        (told(answer)["order_number"], "汇至账户 1。"),
        (english, "To account 1."),
    ):
        assert told(shown(till, order))["account_info"] == expected


def test_a_draft_is_shown_to_its_owner_until_it_is_submitted(till: Till) -> None:
    order = till.draft()
    token = newcomer(till.floor).token
    for number, whose in ((order, token), ("D261122AAAAAAAAAA", "")):
        answer = till.floor.call("get_deposit_draft", order_number=number, token=whose)
        assert problem(answer) == (404, "NOT_FOUND")
    till.submit(order)
    answer = shown(till, order)
    assert problem(answer) == CONFLICT
    assert answer.json()["details"] == {"status": "pending"}


def test_a_draft_is_cancelled_once_and_for_all(till: Till) -> None:
    order = till.draft()
    for _ in range(2):
        assert told(ask_cancel(till, order)) == {"order_number": order, "status": "cancelled"}
    for refused in (shown(till, order), till.submit(order)):
        assert problem(refused) == CONFLICT
        assert refused.json()["details"] == {"status": "cancelled"}
    assert (row(till, order)["status"], standing(till)) == ("cancelled", {})


def test_only_a_draft_is_cancelled_and_by_its_owner_alone(till: Till) -> None:
    order = till.draft()
    foreign = ask_cancel(till, order, token=newcomer(till.floor).token)
    assert problem(foreign) == problem(ask_cancel(till, "D261122AAAAAAAAAA")) == (404, "NOT_FOUND")
    till.submit(order)
    for state in ("pending", "auditing", "approved"):
        answer = ask_cancel(till, order)
        assert problem(answer) == CONFLICT
        assert answer.json()["details"] == {"status": state}
        if state == "pending":
            till.claim(order)
        elif state == "auditing":
            till.decide(cash_orders.approve, order)


def test_a_draft_is_over_at_the_very_second_and_written_down_by_the_timer(till: Till) -> None:
    till.set(draft_hours=2)
    order, clock = till.draft(), till.broker.server.clock
    ends = clock() + timedelta(hours=2)
    till.floor.later(2 * 3600 - 1)
    assert shown(till, order).status_code == 200
    assert (count(till), status(till, order)) == (1, "drafted")
    clock.forward(seconds=1)
    assert clock() == ends == till.order(order).expires_at
    for refused in (shown(till, order), till.submit(order), ask_cancel(till, order)):
        assert problem(refused) == CONFLICT
        assert refused.json()["details"] == {"status": "expired"}
    assert (count(till), row(till, order)["status"]) == (0, "expired")
    assert status(till, order) == "drafted"
    till.work()
    assert status(till, order) == "expired"


def test_the_timer_leaves_alone_what_is_no_draft_any_more(till: Till) -> None:
    submitted, cancelled = till.paid_in(), till.draft()
    told(ask_cancel(till, cancelled))
    till.floor.later(72 * 3600)
    assert (status(till, submitted), status(till, cancelled)) == ("pending", "cancelled")


def test_drafts_are_counted_for_whoever_has_them(till: Till) -> None:
    assert count(till) == 0
    first, _, third = (till.draft() for _ in range(3))
    assert count(till) == 3
    till.submit(first)
    told(ask_cancel(till, third))
    assert count(till) == 1
    other = newcomer(till.floor)
    answer = till.floor.call("count_deposit_drafts", token=other.token, page=9, size=1)
    assert told(answer) == {"count": 0}
