"""The passwords of trading accounts: set, never read."""

from typing import Any

import pytest
from cryptography.exceptions import InvalidTag

from models.audit_entry import AuditEntry, Deed
from models.trading_operation import OperationState
from simulator.faults import Fault
from tests.server import problem
from tests.trading import LIVE, OBSERVE, TRADE, Floor, floor, told
from trading.account_passwords import AccountPasswords

__all__ = ["floor"]

Json = Any

CHANGE = "change_trading_password"
NEW = "Quarry-58x"


def change(floor: Floor, number: int, kind: str = "trade", password: str = NEW) -> Any:
    return floor.call(CHANGE, {"id": number, "password": password, "type": kind})


@pytest.mark.parametrize(
    ("kind", "other", "kept"), [("trade", "observe", OBSERVE), ("observe", "trade", TRADE)]
)
def test_a_password_is_set_on_the_server_and_the_client_is_told(
    floor: Floor, kind: str, other: str, kept: str
) -> None:
    account = floor.account(floor.open_live())
    assert told(change(floor, account.id, kind)) == {}
    before = len(floor.letters())  # the worker has done its part by now
    assert floor.is_password(account, LIVE, kind, NEW)
    assert floor.is_password(account, LIVE, other, kept)
    subject, text = floor.letters()[-1]
    assert (before, subject.partition(": ")[2]) == (
        1,
        "a password of your trading account has been changed",
    )
    assert f"{account.login} on {LIVE}" in text and NEW not in text


def test_a_password_is_sealed_until_the_server_has_it_and_then_gone(floor: Floor) -> None:
    account = floor.account(floor.open_live())
    told(change(floor, account.id))
    sealed = floor.operations()[-1].passwords
    assert sealed and NEW.encode() not in sealed
    box = floor.broker.server.services.box
    assert AccountPasswords.opened(box, account.id, sealed) == AccountPasswords(trade=NEW)
    with pytest.raises(InvalidTag):
        AccountPasswords.opened(box, account.id + 1, sealed)
    floor.broker.server.deliver()
    assert [each.passwords for each in floor.operations()] == [None]


def test_who_changed_a_password_is_written_down_and_the_password_is_not(floor: Floor) -> None:
    number = floor.open_live()
    told(change(floor, number, "observe"))
    entry = floor.rows(AuditEntry)[-1]
    assert (entry.deed, entry.actor_id, entry.address) == (
        *(Deed.TRADING_PASSWORD_CHANGED, floor.user.id),
        "203.0.113.7",
    )
    assert entry.subject == f"observe password of trading account {number}"
    assert (entry.before, entry.after) == (None, None)


@pytest.mark.parametrize("password", ["onlysmall1", "ONLYLARGE1", "NoDigitsHere", "12345678"])
def test_a_weak_password_is_refused(floor: Floor, password: str) -> None:
    number = floor.open_demo()
    before = len(floor.operations())
    for kind in ("trade", "observe"):
        refused = problem(change(floor, number, kind, password))
        assert refused == (400, "TRADING_PASSWORD_WEAK")
    assert len(floor.operations()) == before


@pytest.mark.parametrize(
    "changed",
    [{"type": "both"}, {"type": "investor"}, {"password": "Ab1"}, {"password": ""}, {"id": "1"}],
)
def test_what_is_not_as_documented_is_a_bad_request(floor: Floor, changed: Json) -> None:
    number = floor.open_demo()
    answer = floor.call(CHANGE, {"id": number, "password": NEW, "type": "trade"} | changed)
    assert problem(answer) == (400, "VALIDATION_ERROR")
    assert changed.get("password") is None or "Ab1" not in answer.text


def test_a_password_that_the_server_does_not_take_is_forgotten_and_the_client_is_told(
    floor: Floor,
) -> None:
    account = floor.account(floor.open_live())
    floor.suffers(LIVE, Fault.REFUSE, actions=["set_password"])
    told(change(floor, account.id))
    subject, text = floor.letters()[-1]
    assert subject.endswith("the password of your trading account")
    assert "did not take the new password" in text and account.login in text
    operation = floor.operations()[-1]
    assert (operation.state, operation.passwords) == (OperationState.REJECTED, None)
    assert floor.is_password(account, LIVE, "trade", TRADE)


def test_a_password_waits_for_a_server_that_is_down(floor: Floor) -> None:
    account = floor.account(floor.open_live())
    with floor.down(LIVE):
        told(change(floor, account.id))
        floor.broker.server.deliver()
        assert floor.operations()[-1].passwords
    floor.at_last()
    assert floor.is_password(account, LIVE, "trade", NEW)
    assert floor.operations()[-1].passwords is None


def test_the_last_of_several_passwords_is_in_force(floor: Floor) -> None:
    account = floor.account(floor.open_live())
    floor.suffers(LIVE, Fault.LOSE, actions=["set_password"])
    for password in (NEW, "Lantern-77y"):
        told(change(floor, account.id, password=password))
    floor.broker.server.deliver()
    floor.at_last()
    assert floor.is_password(account, LIVE, "trade", "Lantern-77y")
    assert {each.state for each in floor.operations()} == {OperationState.CONFIRMED}
