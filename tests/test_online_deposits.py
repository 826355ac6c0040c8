"""Deposits that are paid at a gateway, from the page to the account: wlink 50, 52 and 55."""

from datetime import timedelta
from typing import Any

import pytest

from backoffice import stuck_money
from cashier import drafts
from cashier.draft_ends import DraftEnds
from models.boundaries import BoundSession
from models.deposit_order import DepositOrder, DepositStatus
from models.payment_event import PaymentEvent
from simulator.faults import Fault
from tests.cashier import Till, till
from tests.incoming import (
    ask_cancel,
    card_draft,
    count,
    events,
    gateway_suffers,
    page_state,
    pay,
    pay_untold,
    press,
    status,
    tell_over,
)
from tests.outgoing import standing, states
from tests.server import problem
from tests.trading import LIVE, floor, told

__all__ = ["floor", "till"]

Json = Any

CREDITED = {"status": "approved", "credit_state": "credited"}
WAITING = {"status": "pending", "credit_state": "none"}
GATEWAY_ERROR = (502, "PAYMENT_GATEWAY_ERROR")
SUM = {"payments": "-500.00", "trading 1": "500.00"}


def ends_at_once(till: Till, order: str) -> None:
    """The moment at which a draft is over, before the worker knows."""
    clock = till.broker.server.clock
    clock.forward(seconds=(till.order(order).expires_at - clock()).total_seconds())


def test_what_is_paid_is_credited_at_once(till: Till) -> None:
    till.costs(till.card, fee_type="percent", fee_value="2.9")
    body = till.wants_to_pay_in("500.00", remittance_id=till.card)
    answer = told(till.floor.call("create_deposit_draft", body))
    order = answer["order_number"]
    kept = till.order(order)
    assert answer == {
        "order_number": order,
        "status": "drafted",
        "pay_data": "",
        "pay_type": "redirect",
        "pay_url": f"http://127.0.0.1:8000/stand-in/payments/{kept.gateway_reference}",
    }
    assert kept.expires_at - kept.created_at == timedelta(hours=23)
    till.broker.server.clock.forward(hours=1)
    pay(till, order)
    assert (states(till, order), till.order(order).is_late) == (CREDITED, False)
    assert till.order(order).submitted_at == till.broker.server.clock()
    assert (events(till), till.balance()) == ([("paid", "applied")], "500.00")
    assert standing(till) == {"payments": "-514.50", "fees": "14.50", "trading 1": "500.00"}
    assert order in till.floor.letters()[-1][1]


def test_the_page_asks_for_what_is_to_be_paid_in_its_currency(till: Till) -> None:
    till.rate("USD", "JPY", "150.005", markup_in="0")
    till.costs(till.card, currencies=["JPY"])
    order = card_draft(till, "100.01")
    page = till.broker.server.http.get(
        till.order(order).pay_url.removeprefix("http://127.0.0.1:8000")
    )
    assert "15003 JPY" in page.text  # 15002.00005
    pay(till, order)
    assert (states(till, order), till.balance()) == (CREDITED, "100.01")
    assert standing(till) == {"payments": "-100.01", "trading 1": "100.01"}


def test_a_draft_lasts_no_longer_than_the_broker_wants(till: Till) -> None:
    till.set(draft_hours=2)
    order = till.order(card_draft(till))
    assert order.expires_at - order.created_at == timedelta(hours=2)


def test_an_operator_may_decide_what_is_paid(till: Till) -> None:
    till.set(approves_payments_at_once=False)
    order = card_draft(till)
    pay(till, order)
    assert (states(till, order), till.order(order).is_late, standing(till)) == (WAITING, False, {})
    till.approve(order)
    assert (states(till, order), standing(till)) == (CREDITED, SUM)


def test_another_amount_is_for_an_operator(till: Till) -> None:
    order = card_draft(till)
    pay(till, order, "pay_other")
    assert (states(till, order), standing(till)) == (WAITING, {})
    (event,) = till.floor.rows(PaymentEvent)
    assert (event.state, event.amount_minor, event.currency) == ("applied", 550_00, "USD")
    assert not till.order(order).is_late


def test_another_currency_is_for_an_operator(till: Till) -> None:
    order = card_draft(till)
    change(till, order, pay_currency="CNY")
    pay(till, order)
    assert (states(till, order), standing(till)) == (WAITING, {})


def change(till: Till, order: str, **columns: Json) -> None:
    """Changes what is kept of a deposit."""

    def write(session: BoundSession) -> None:
        row = DepositOrder.locked(session, order)
        for name, value in columns.items():
            setattr(row, name, value)

    till.broker.server.services.database.write(till.broker.boundary, write)


def test_what_is_no_draft_is_not_decided_by_a_payment(till: Till) -> None:
    order = card_draft(till)
    change(till, order, status=DepositStatus.PENDING)
    pay(till, order)
    assert (events(till), states(till, order)) == ([("paid", "unmatched")], WAITING)
    assert standing(till) == {}


def test_a_notice_that_is_repeated_changes_nothing(till: Till) -> None:
    order = card_draft(till)
    pay(till, order)
    for _ in range(3):
        pay(till, order, "repeat")
    assert (events(till), standing(till)) == ([("paid", "applied")], SUM)
    assert till.balance() == "500.00"


def test_a_payment_whose_notice_is_lost_is_found_when_the_draft_is_over(till: Till) -> None:
    order = card_draft(till)
    pay_untold(till, order)
    till.floor.later(22 * 3600)
    assert status(till, order) == "drafted"
    ends_at_once(till, order)
    till.work()
    assert events(till) == [("paid", "applied")]
    assert (states(till, order), till.order(order).is_late) == (WAITING, True)
    till.approve(order)
    assert standing(till) == SUM


def test_a_notice_after_all_that_was_found_out_changes_nothing(till: Till) -> None:
    order = card_draft(till)
    pay_untold(till, order)
    ends_at_once(till, order)
    till.work()
    pay(till, order, "repeat")
    assert (events(till), states(till, order)) == ([("paid", "applied")], WAITING)


def test_what_nobody_pays_is_over_and_can_no_longer_be_paid(till: Till) -> None:
    order = card_draft(till)
    ends_at_once(till, order)
    assert (count(till), status(till, order)) == (0, "drafted")
    till.work()
    assert (status(till, order), page_state(till, order)) == ("expired", "expired")
    assert press(till, order) == "It can no longer be paid."
    assert (events(till), standing(till)) == ([], {})


def test_what_the_gateway_s_clock_leaves_open_is_closed_before_it_is_over(till: Till) -> None:
    order, parts = card_draft(till), till.broker.server.services
    change(till, order, expires_at=parts.clock())
    ends = DraftEnds(parts.database, parts.payments, parts.outbox, parts.clock)
    ends.end(till.broker.tenant_id, order)
    assert (status(till, order), page_state(till, order)) == ("expired", "expired")


def test_while_the_gateway_is_away_a_draft_is_not_given_up(till: Till) -> None:
    order = card_draft(till)
    pay_untold(till, order)
    gateway_suffers(till, Fault.HANG, Fault.ERROR)
    ends_at_once(till, order)
    till.work()
    assert status(till, order) == "drafted"
    till.floor.at_last()
    assert (states(till, order), till.order(order).is_late) == (WAITING, True)


def test_the_gateway_says_itself_that_nobody_has_paid(till: Till) -> None:
    order = card_draft(till)
    tell_over(till, order)
    assert (status(till, order), events(till)) == ("expired", [("expired", "applied")])
    assert count(till) == 0
    pay(till, order)
    assert (states(till, order), till.order(order).is_late) == (WAITING, True)


def test_what_is_paid_stays_so_whatever_the_gateway_says_afterwards(till: Till) -> None:
    order = card_draft(till)
    pay(till, order)
    tell_over(till, order)
    assert events(till) == [("paid", "applied"), ("expired", "ignored")]
    assert (states(till, order), standing(till)) == (CREDITED, SUM)


def test_what_is_cancelled_can_no_longer_be_paid(till: Till) -> None:
    order = card_draft(till)
    for _ in range(2):
        assert told(ask_cancel(till, order)) == {"order_number": order, "status": "cancelled"}
    assert page_state(till, order) == "open"
    till.work()
    assert page_state(till, order) == "expired"
    assert press(till, order) == "It can no longer be paid."
    assert (status(till, order), standing(till)) == ("cancelled", {})


def test_a_cancellation_reaches_the_gateway_as_soon_as_it_is_back(till: Till) -> None:
    order = card_draft(till)
    gateway_suffers(till, Fault.ERROR)
    told(ask_cancel(till, order))
    till.work()
    assert page_state(till, order) == "open"
    till.floor.at_last()
    assert page_state(till, order) == "expired"


@pytest.mark.parametrize("is_told", [True, False])
def test_what_is_paid_while_it_is_cancelled_waits_for_an_operator(
    till: Till, is_told: bool
) -> None:
    order = card_draft(till)
    told(ask_cancel(till, order))
    if is_told:
        assert press(till, order) == "The shop was told."
    else:
        pay_untold(till, order)
    till.work()
    assert events(till) == [("paid", "applied")]
    assert (states(till, order), till.order(order).is_late) == (WAITING, True)
    assert problem(ask_cancel(till, order)) == (409, "ORDER_STATE_CONFLICT")
    till.approve(order)
    assert (states(till, order), standing(till)) == (CREDITED, SUM)


@pytest.mark.parametrize("fault", [Fault.REFUSE, Fault.ERROR, Fault.HANG, Fault.HANG_APPLIED])
def test_without_a_payment_there_is_no_order(till: Till, fault: Fault) -> None:
    body = till.wants_to_pay_in(remittance_id=till.card)
    gateway_suffers(till, fault)
    assert problem(till.floor.call("create_deposit_draft", body)) == GATEWAY_ERROR
    assert (till.deposits(), count(till)) == ([], 0)
    assert told(till.floor.call("create_deposit_draft", body))["status"] == "drafted"


def test_what_the_gateway_could_not_count_is_not_drafted(till: Till) -> None:
    till.rate("USD", "USDT", "1", markup_in="0")
    till.costs(till.card, currencies=["USDT"])
    body = till.wants_to_pay_in(remittance_id=till.card)
    assert problem(till.floor.call("create_deposit_draft", body)) == GATEWAY_ERROR
    assert till.deposits() == []


def test_what_is_paid_for_a_disabled_account_waits_for_an_operator(till: Till) -> None:
    order = card_draft(till)
    till.floor.disable(till.account)
    till.floor.suffers(LIVE, Fault.REFUSE, actions=["balance_operation"])
    pay(till, order)
    assert (states(till, order)["status"], standing(till)) == ("pending", {})
    till.approve(order)
    assert states(till, order) == {"status": "approved", "credit_state": "credit_failed"}
    assert standing(till) == {"payments": "-500.00", "clearing 1": "500.00, 500.00 held"}
    till.decide(stuck_money.retry, order)
    assert (states(till, order), standing(till), till.balance()) == (CREDITED, SUM, "500.00")


def test_an_account_that_is_disabled_while_the_payment_is_made_gets_no_order(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = drafts.payment_of

    def disabling(*arguments: Any) -> Any:
        payment = made(*arguments)
        till.floor.disable(till.account)
        return payment

    monkeypatch.setattr(drafts, "payment_of", disabling)
    body = till.wants_to_pay_in(remittance_id=till.card)
    assert problem(till.floor.call("create_deposit_draft", body)) == (404, "NOT_FOUND")
    assert till.deposits() == []
