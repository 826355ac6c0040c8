"""Operators decide what they have claimed, and pay again what could not be paid: nothing else."""

from collections.abc import Callable

import pytest

from backoffice import cash_orders, payouts
from contract.errors import RefusedError
from tests.cashier import Till, till
from tests.trading import floor

__all__ = ["floor", "till"]

approve, reject = cash_orders.approve, cash_orders.reject


def test_a_draft_that_nobody_has_paid_is_not_approved(till: Till) -> None:
    order = till.draft("500.00")
    with pytest.raises(RefusedError, match="it is drafted"):
        till.decide(approve, order)
    till.work()
    assert (till.order(order).status, till.balance()) == ("drafted", "0.00")


def test_a_draft_that_nobody_has_paid_is_not_given_back_to_the_others(till: Till) -> None:
    order = till.draft("500.00")
    with pytest.raises(RefusedError, match="it is drafted"):
        till.desk(lambda desk: cash_orders.release(desk, cash_orders.DEPOSIT, order))
    assert till.order(order).status == "drafted"


@pytest.mark.parametrize(("decision", "said"), [(approve, []), (reject, ["We need a proof."])])
@pytest.mark.parametrize("asked", [Till.withdraw, Till.transfer])
def test_what_nobody_has_claimed_is_not_decided(
    till: Till, asked: Callable[[Till], str], decision: Callable[..., None], said: list[str]
) -> None:
    till.fund("500.00")
    order = asked(till)
    with pytest.raises(RefusedError, match="it is pending"):
        till.decide(decision, order, *said)
    till.work()
    assert (till.order(order).status, till.balance()) == ("pending", "400.00")


def test_what_was_never_approved_is_not_paid_again(till: Till) -> None:
    till.fund("500.00")
    order = till.withdraw()
    till.reject(order)
    with pytest.raises(RefusedError, match="it is none"):
        till.desk(lambda desk: payouts.pay_again(desk, order))
    assert till.order(order).payout_state == "none"
