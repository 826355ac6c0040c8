"""Payments that no order fits, and the operators who see to them."""

import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from threading import Barrier
from typing import Any

import pytest

from backoffice import payments
from backoffice.trading_accounts import set_funding
from contract.errors import RefusedError
from models.payment_event import PaymentEvent
from models.trading_account import FundingType
from tests.cashier import Till, till
from tests.incoming import OVER, card_draft, events, pay, row, tell
from tests.outgoing import deeds, refused, standing, states
from tests.server import Broker
from tests.trading import floor, told

__all__ = ["floor", "till"]

Json = Any

NOTE = "Paid back to the card, re_4711."


def waiting(till: Till, broker: Broker | None = None) -> list[int]:
    """The ids of what is to be looked into."""
    return [event.id for event in (broker or till.broker).desk(payments.unmatched)]


@pytest.fixture
def event(till: Till) -> int:
    """The id of a payment of 500 dollars, of no order."""
    tell(till, "D260115AAAAAAAAAA")
    (number,) = waiting(till)
    return number


def credit(till: Till, event: int, amount: str = "500.00", account: int = 0) -> str:
    """An operator finds out whose it is. The number of the deposit."""
    number = account or till.account
    return till.desk(lambda desk: payments.credit(desk, event, number, amount))


def resolve(till: Till, event: int, note: str = NOTE) -> None:
    till.desk(lambda desk: payments.resolve(desk, event, note))


def test_what_a_gateway_has_told_is_shown_and_who_has_looked_is_written_down(
    till: Till, event: int
) -> None:
    box = till.broker.server.services.box
    sent = json.loads(till.desk(lambda desk: payments.shown(desk, box, event)))
    assert sent["data"]["object"]["metadata"]["order_number"] == "D260115AAAAAAAAAA"
    assert deeds(till)[-1][:2] == ("payment_shown", f"payment {event}")
    with pytest.raises(RefusedError, match="there is no payment 999999"):
        till.desk(lambda desk: payments.shown(desk, box, 999999))


def test_a_second_payment_of_an_order_is_never_credited_by_itself(till: Till) -> None:
    order = card_draft(till)
    pay(till, order)
    tell(till, order)
    assert events(till) == [("paid", "applied"), ("paid", "unmatched")]
    assert standing(till) == {"payments": "-500.00", "trading 1": "500.00"}
    (event,) = till.floor.rows(PaymentEvent)[1:]
    assert waiting(till) == [event.id]


def test_another_payment_than_a_draft_s_own_leaves_the_draft_as_it_is(till: Till) -> None:
    order = card_draft(till)
    tell(till, order)
    assert (events(till), states(till, order)["status"]) == ([("paid", "unmatched")], "drafted")
    pay(till, order)
    assert states(till, order) == {"status": "approved", "credit_state": "credited"}


def test_a_payment_of_an_offline_deposit_or_of_none_waits_for_an_operator(till: Till) -> None:
    order = till.draft()
    for number in (order, "D260115AAAAAAAAAA", "X"):
        tell(till, number)
    assert events(till) == [("paid", "unmatched")] * 3
    assert len(waiting(till)) == 3
    assert (states(till, order)["status"], standing(till)) == ("drafted", {})


def test_what_was_never_paid_needs_nobody(till: Till) -> None:
    tell(till, "D260115AAAAAAAAAA", **OVER)
    assert (events(till), waiting(till)) == ([("expired", "ignored")], [])


def test_a_payment_is_resolved_once_with_a_note(till: Till, event: int) -> None:
    before = len(deeds(till))
    for note in ("", "  ", "x" * 501):
        assert "1 to 500 characters" in refused(partial(resolve, till, event, note))
    resolve(till, event)
    (kept,) = till.floor.rows(PaymentEvent)
    assert (kept.state, waiting(till), standing(till)) == ("resolved", [], {})
    what = {"state": "resolved", "reference": kept.reference, "note": NOTE}
    assert deeds(till)[before:] == [("payment_resolved", f"payment {event}", what)]
    for again in (resolve, credit):
        told = refused(partial(again, till, event))
        assert told == "that cannot be done: it is resolved"


def test_a_payment_of_a_client_s_becomes_a_deposit_that_waits(till: Till, event: int) -> None:
    account, before = till.account, len(deeds(till))
    till.broker.server.clock.forward(hours=1)
    order = credit(till, event, "495.00")
    kept, (payment,) = till.order(order), till.floor.rows(PaymentEvent)
    assert (kept.user_id, kept.trading_account_id) == (till.floor.user.id, account)
    assert (kept.amount, kept.currency, kept.fee) == (495_00, "USD", 0)
    assert (kept.pay_amount, kept.pay_currency, kept.rate) == (500_00, "USD", Decimal("1.01010102"))
    assert (kept.channel_id, kept.gateway_reference) == (till.card, payment.reference)
    assert (kept.is_late, states(till, order)["status"]) == (True, "pending")
    assert (payment.state, waiting(till), standing(till)) == ("resolved", [], {})
    what = {"state": "resolved", "reference": payment.reference, "deposit": order}
    assert deeds(till)[before:] == [
        ("payment_credited", f"payment {event}", what | {"amount": "495.00"})
    ]
    shown = row(till, order)
    assert (shown["status"], shown["pay_url"], shown["amount"]) == ("pending", "", "495.00")
    till.approve(order)
    assert states(till, order) == {"status": "approved", "credit_state": "credited"}
    assert standing(till) == {"payments": "-495.00", "trading 1": "495.00"}
    assert till.balance() == "495.00"


def test_what_was_credited_is_not_credited_again(till: Till, event: int) -> None:
    credit(till, event)
    for again in (credit, resolve):
        assert refused(partial(again, till, event)) == "that cannot be done: it is resolved"


def test_a_payment_whose_order_is_refused_waits_for_an_operator_again(
    till: Till, event: int
) -> None:
    first = credit(till, event)
    till.reject(first, "It is another client's.")
    assert (waiting(till), standing(till)) == ([event], {})
    second = credit(till, event, "495.00")
    till.approve(second)
    assert states(till, second)["credit_state"] == "credited"
    assert (waiting(till), standing(till)["trading 1"]) == ([], "495.00")


def test_a_late_payment_that_is_refused_is_not_forgotten(till: Till) -> None:
    order = card_draft(till)
    told(till.floor.call("cancel_deposit", {"order_number": order}))
    pay(till, order)
    till.reject(order, "You had given it up.")
    (event,) = till.floor.rows(PaymentEvent)
    assert waiting(till) == [event.id]
    resolve(till, event.id)
    assert (waiting(till), standing(till)) == ([], {})


def test_of_two_operators_at_once_one_credits_a_payment(till: Till, event: int) -> None:
    account, start = till.account, Barrier(2)

    def run(_: int) -> str:
        start.wait()
        try:
            credit(till, event, account=account)
        except RefusedError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(run, range(2))) == ["", "that cannot be done: it is resolved"]
    assert len(till.deposits()) == 1


def test_what_is_paid_in_another_currency_is_credited_in_the_account_s(till: Till) -> None:
    tell(till, "D260115AAAAAAAAAA", amount_total=75_000, currency="jpy")
    (event,) = waiting(till)
    kept = till.order(credit(till, event, "499.99"))
    assert (kept.pay_amount, kept.pay_currency) == (75_000, "JPY")
    assert kept.rate == Decimal("150.00300007")


def test_what_is_no_amount_is_not_credited(till: Till) -> None:
    assert till.account
    tell(till, "D260115AAAAAAAAAA", currency="xqx")
    (event,) = waiting(till)
    assert refused(partial(credit, till, event)) == (
        "what was paid is no amount of a currency that is known"
    )
    resolve(till, event)
    assert (waiting(till), till.deposits()) == ([], [])


def test_a_payment_is_credited_to_what_may_have_it(till: Till, event: int) -> None:
    disabled, demo = till.second, till.floor.open_demo()
    till.floor.disable(disabled)
    till.desk(partial(set_funding, number=till.account, funding=FundingType.WITHDRAWAL_ONLY))
    for account, reason in (
        (disabled, "the trading account is not open"),
        (demo, "it is a demo account"),
        (till.account, "no money may be put on the account"),
        (999_999, "there is no trading account 999999"),
    ):
        assert refused(partial(credit, till, event, account=account)) == reason
    till.desk(partial(set_funding, number=till.account, funding=FundingType.DEPOSIT_ONLY))
    for amount in ("0", "-1", "1.001", "much"):
        assert "an amount is above zero" in refused(partial(credit, till, event, amount))
    assert (waiting(till), till.deposits()) == ([event], [])
    credit(till, event)


def test_what_is_paid_for_an_account_that_takes_no_money_any_more_waits(till: Till) -> None:
    order = card_draft(till)
    till.desk(partial(set_funding, number=till.account, funding=FundingType.WITHDRAWAL_ONLY))
    pay(till, order)
    assert (events(till), states(till, order)["status"]) == ([("paid", "applied")], "pending")
    assert standing(till) == {}


def test_only_what_no_order_fits_is_seen_to(till: Till) -> None:
    order = card_draft(till)
    pay(till, order)
    (event,) = (each.id for each in till.floor.rows(PaymentEvent))
    for deed in (resolve, credit):
        assert refused(partial(deed, till, event)) == "that cannot be done: it is applied"
        assert refused(partial(deed, till, 999_999)) == "there is no payment 999999"
    assert standing(till) == {"payments": "-500.00", "trading 1": "500.00"}


def test_a_payment_is_known_to_its_broker_alone(till: Till, event: int) -> None:
    other = till.broker.server.broker()
    assert waiting(till, other) == []
    for deed in (
        partial(payments.resolve, event_id=event, note=NOTE),
        partial(payments.credit, event_id=event, account_id=till.account, amount="500.00"),
    ):
        assert refused(partial(other.desk, deed)) == f"there is no payment {event}"
    assert waiting(till) == [event]
