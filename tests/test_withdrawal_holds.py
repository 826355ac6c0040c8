"""Withdrawals wait where the broker wants it: who has got into an account is not paid at once."""

from functools import partial
from typing import Any

import pytest

from backoffice import cash_orders
from tests.cashier import BANK, Till, kind_of, till
from tests.outgoing import refused
from tests.server import NEW_PASSWORD, PASSWORD
from tests.trading import floor, told

__all__ = ["floor", "till"]

Json = Any

HOURS = 6
SAVED = {name: value for name, value in BANK.items() if name != "account_holder_name"}


@pytest.fixture
def careful(till: Till) -> Till:
    """A broker who lets withdrawals wait for hours, with a client who is not new."""
    till.fund("500.00")
    till.set(holds_withdrawals_hours=HOURS)
    later(till, hours=HOURS)
    return till


def save(till: Till, **changed: Json) -> int:
    """The client saves the payee. Its id."""
    body = {"payment_method": "bank_transfer", "bank_transfer_info": SAVED | changed}
    number: int = told(till.floor.call("create_payee", body))["id"]
    return number


def claimed(till: Till) -> str:
    """A withdrawal that an operator has in his hands."""
    number = till.withdraw("100.00")
    till.claim(number)
    return number


def approve(till: Till, number: str) -> None:
    till.decide(cash_orders.approve, number)


def is_held(till: Till, number: str) -> bool:
    """Whether it cannot be approved; if it can, it is."""
    held = till.order(number).held_until
    if held is None or held <= till.broker.server.clock():
        approve(till, number)
        return False
    assert refused(partial(approve, till, number)) == (
        f"its payee or the password is new: not before {held:%F %T} UTC"
    )
    return True


def later(till: Till, **time: float) -> None:
    till.broker.server.clock.forward(**time)


@pytest.mark.parametrize("is_saved", [False, True])
def test_a_new_payee_waits(careful: Till, is_saved: bool) -> None:
    if is_saved:
        save(careful)
    number = claimed(careful)
    later(careful, hours=HOURS - 1)
    assert is_held(careful, number)
    later(careful, hours=1)
    assert not is_held(careful, number)
    assert kind_of(number).name == "withdrawal"


def test_a_payee_that_has_been_there_for_long_does_not_wait(careful: Till) -> None:
    save(careful, bank_no="6217 8508 0001 2345 678")
    later(careful, hours=HOURS)
    assert not is_held(careful, claimed(careful))


@pytest.mark.parametrize(
    ("change", "is_new"),
    [
        ({"remark": "my wages"}, False),
        ({"bank_transfer_info": {**SAVED, "branch_name": "Another branch"}}, True),
    ],
)
def test_a_payee_is_new_again_once_its_details_have_changed(
    careful: Till, change: Json, is_new: bool
) -> None:
    number = save(careful)
    later(careful, hours=HOURS)
    told(careful.floor.call("update_payee", {"id": number, **change}))
    assert is_held(careful, claimed(careful)) is is_new


def test_a_payee_that_was_deleted_is_a_new_one(careful: Till) -> None:
    number = save(careful)
    later(careful, hours=HOURS)
    told(careful.floor.call("delete_payee", {"id": number}))
    assert is_held(careful, claimed(careful))


def test_a_client_whose_password_is_new_waits(careful: Till) -> None:
    save(careful)
    later(careful, hours=HOURS)
    passwords = {"old_password": PASSWORD, "new_password": NEW_PASSWORD}
    told(careful.floor.call("change_password", passwords))
    assert is_held(careful, claimed(careful))


def test_what_waits_may_be_rejected(careful: Till) -> None:
    number = claimed(careful)
    careful.decide(cash_orders.reject, number, "Not you.")
    assert careful.balance() == "500.00"


def test_where_nobody_waits_a_new_payee_is_paid_at_once(careful: Till) -> None:
    careful.set(holds_withdrawals_hours=0)
    assert not is_held(careful, claimed(careful))
