"""Money that a trading server will not take for an account, and that goes another way."""

from functools import partial
from typing import Any

import pytest

from backoffice import stuck_money, trading_operations
from simulator.faults import Fault
from tests.cashier import Till, kind_of, till
from tests.outgoing import (
    TRANSFER,
    WITHDRAW,
    Way,
    at_desk,
    deeds,
    each_way,
    person,
    refused,
    standing,
    states,
)
from tests.trading import LIVE, floor

__all__ = ["floor", "till"]

Json = Any

REASON = "Paid back by SEPA 4712."
PUT_IN = {"payments": "-500.00", "trading 1": "500.00"}
PAID_BACK = {"payments": "-300.00", "trading 1": "300.00"}


@pytest.fixture
def rich(till: Till) -> Till:
    """A client with 500 dollars on the first of two accounts."""
    till.fund("500.00")
    assert till.second
    return till


def refuse(till: Till) -> None:
    till.floor.suffers(LIVE, Fault.REFUSE, actions=["balance_operation"])


def unrefunded(till: Till, way: Way) -> str:
    """An order of 200 dollars that was rejected, and the server does not take them back."""
    number = way.order(till, "200.00")
    refuse(till)
    till.reject(number)
    assert states(till, number)["refund_state"] == "refund_failed"
    return number


def uncredited(till: Till, way: Way = TRANSFER) -> str:
    """A transfer of 200 dollars that was approved, and the target does not take them."""
    number = way.order(till, "200.00")
    refuse(till)
    till.approve(number)
    assert states(till, number)["credit_state"] == "credit_failed"
    return number


def give_up(till: Till, number: str, reason: str = REASON) -> None:
    till.decide(stuck_money.give_up, number, reason)


def letter(till: Till) -> str:
    """The last one, on one line."""
    return " ".join(till.floor.letters()[-1][1].split())


def test_a_deposit_that_cannot_be_credited_is_paid_back_with_its_fee(till: Till) -> None:
    till.costs(till.offline, fee_value="2")
    number = till.paid_in("70.00")
    refuse(till)
    till.approve(number)
    assert standing(till) == {
        "payments": "-72.00",
        "clearing 1": "70.00, 70.00 held",
        "fees": "2.00",
    }
    give_up(till, number)
    assert (standing(till), till.balance()) == ({}, "0.00")
    assert states(till, number) == {"status": "approved", "credit_state": "given_up"}
    assert till.order(number).remark == REASON
    assert f"70.00 USD of your order {number} could not be put on" in letter(till)
    assert REASON in letter(till)


@each_way
def test_a_refund_that_cannot_be_made_is_paid_out(rich: Till, way: Way) -> None:
    number = unrefunded(rich, way)
    give_up(rich, number)
    assert (standing(rich), rich.balance()) == (PAID_BACK, "300.00")
    assert states(rich, number)["refund_state"] == "given_up"
    assert f"200.00 USD of your order {number} could not be put on" in letter(rich)


def test_a_transfer_whose_target_does_not_take_it_goes_back(rich: Till) -> None:
    number = uncredited(rich)
    rich.decide(stuck_money.give_up, number, "The account is closed.")
    assert (standing(rich), rich.balance()) == (PUT_IN, "500.00")
    found = states(rich, number)
    assert (found["status"], found["credit_state"]) == ("approved", "given_up")
    assert found["refund_state"] == "refunded"
    told, back = (" ".join(text.split()) for _, text in rich.floor.letters()[-2:])
    assert "could not be completed" in told and "The account is closed." in told
    assert back.startswith(f"200.00 USD of your transfer {number} is back")


def test_a_transfer_that_neither_account_takes_is_paid_out(rich: Till) -> None:
    number = uncredited(rich)
    refuse(rich)
    give_up(rich, number)
    assert states(rich, number)["refund_state"] == "refund_failed"
    give_up(rich, number)
    assert states(rich, number)["refund_state"] == "given_up"
    assert standing(rich) == PAID_BACK


def test_what_is_given_up_is_the_end(rich: Till) -> None:
    number = unrefunded(rich, WITHDRAW)
    give_up(rich, number)
    for deed, *further in ((stuck_money.retry,), (stuck_money.give_up, REASON)):
        told = refused(partial(rich.decide, deed, number, *further))
        assert told == "the trading server has not refused its money"
    rich.floor.at_last()
    assert rich.balance() == "300.00"


@each_way
def test_only_what_the_server_has_refused_is_given_up(rich: Till, way: Way) -> None:
    number = way.order(rich, "100.00")
    told = refused(partial(give_up, rich, number))
    assert told == "the trading server has not refused its money"
    refuse(rich)
    rich.reject(number)
    assert refused(partial(give_up, rich, number, " ")) != ""
    assert states(rich, number)["refund_state"] == "refund_failed"


def test_what_only_an_operator_says_was_not_done_is_not_given_up(rich: Till) -> None:
    number, parts = rich.withdraw("200.00"), rich.broker.server.services
    rich.floor.suffers(LIVE, Fault.LOSE, actions=["balance_operation"])
    rich.reject(number)
    key = f"W:{number}:refund"
    rich.desk(lambda desk: trading_operations.mark_not_done(desk, parts.outcomes, key))
    told = refused(partial(give_up, rich, number))
    assert told == "only an operator says that it was not done: retry it first"
    rich.decide(stuck_money.retry, number)
    rich.floor.at_last()
    assert (states(rich, number)["refund_state"], rich.balance()) == ("refunded", "500.00")


def test_two_people_give_up_what_is_above_the_limit(rich: Till) -> None:
    number, orders = unrefunded(rich, WITHDRAW), rich.broker.server.services.orders
    rich.set(second_person_above=100)
    anna, ben = person(rich, "anna"), person(rich, "ben")

    def alone(who: Any, how: Any, *further: str) -> None:
        kind = kind_of(number)
        at_desk(rich, who, lambda desk: how(desk, orders, kind, number, *further))

    assert "it takes two operators" in refused(partial(alone, anna, stuck_money.give_up, REASON))
    refuse(rich)
    alone(anna, stuck_money.retry)
    rich.work()
    assert "it takes two operators" in refused(partial(alone, anna, stuck_money.give_up, REASON))
    alone(ben, stuck_money.give_up, REASON)
    assert states(rich, number)["refund_state"] == "given_up"


def test_it_is_written_down(rich: Till) -> None:
    number = unrefunded(rich, WITHDRAW)
    give_up(rich, number)
    deed, subject, after = deeds(rich)[-1]
    assert (deed, subject) == ("order_given_up", f"withdrawal {number}")
    assert (after["refund_state"], after["reason"]) == ("given_up", REASON)
