"""What clients are written of the money that leaves their accounts."""

import pytest

from backoffice import payouts
from simulator.faults import Fault
from tests.cashier import Till, till
from tests.outgoing import TRANSFER, WITHDRAW, Way, each_way
from tests.trading import LIVE, floor

__all__ = ["floor", "till"]


@pytest.fixture
def rich(till: Till) -> Till:
    till.fund("500.00")
    return till


def letters(till: Till, number: str) -> list[str]:
    """Those about an order, each on one line."""
    return [" ".join(text.split()) for _, text in till.floor.letters() if number in text]


@each_way
def test_a_refusal_is_told_with_its_reason_and_then_the_refund(rich: Till, way: Way) -> None:
    number = way.order(rich, "100.00")
    assert letters(rich, number) == []
    rich.reject(number, "We need a proof.")
    login = rich.floor.account(rich.account).login
    kind = way.scene
    refusal, refund = letters(rich, number)
    assert refusal.startswith(f"Your {kind} {number} of 100.00 USD was not accepted.")
    assert "We need a proof." in refusal and login in refusal
    assert refund.startswith(
        f"100.00 USD of your {kind} {number} is back on your trading account {login}."
    )


def test_what_has_been_paid_out_is_told(rich: Till) -> None:
    number = rich.withdraw("100.00")
    rich.approve(number)
    assert letters(rich, number) == []
    rich.pay_out(number)
    (paid,) = letters(rich, number)
    assert paid.startswith(f"Your withdrawal {number} of 100.00 USD has been paid out.")


def test_what_has_come_to_the_other_account_is_told(rich: Till) -> None:
    number = rich.transfer("100.00")
    rich.approve(number)
    (moved,) = letters(rich, number)
    login = rich.floor.account(rich.second).login
    assert moved.startswith(
        f"100.00 USD of your transfer {number} has been credited to your trading account {login}."
    )


def test_a_payout_that_did_not_arrive_is_told_once_it_is_back(rich: Till) -> None:
    number = rich.withdraw("100.00")
    rich.approve(number)
    rich.desk(lambda desk: payouts.fail(desk, number, "The account is closed."))
    assert letters(rich, number) == []
    orders = rich.broker.server.services.orders
    rich.desk(lambda desk: payouts.refund(desk, orders, number))
    (back,) = letters(rich, number)
    assert back.startswith(f"100.00 USD of your withdrawal {number} is back")


@pytest.mark.parametrize("way", [WITHDRAW, TRANSFER], ids=lambda way: way.name)
def test_a_debit_that_the_server_refuses_is_told(rich: Till, way: Way) -> None:
    rich.floor.suffers(LIVE, Fault.REFUSE, actions=["balance_operation"])
    number = way.order(rich, "100.00")
    (refusal,) = letters(rich, number)
    assert "The trading server did not release the money." in refusal
    assert "nothing was taken off" in refusal
