"""Requests that want an email code, and may be repeated by an Idempotency-Key: the code is spent
once, and what was granted is granted to whoever repeats it.
"""

from typing import Any

import pytest

from models.verification_code import TRIES
from tests.keyed import (
    CROWD,
    TRANSFER,
    WITHDRAWAL,
    Keyed,
    ask,
    crowd,
    floor,
    is_new,
    is_replayed,
)
from tests.own_server import server
from tests.server import problem
from tests.trading import Floor, together

__all__ = ["floor", "server"]

Json = Any

INVALID = (400, "EMAIL_CODE_INVALID")
each_coded = pytest.mark.parametrize(
    ("keyed", "scene"),
    [(TRANSFER, "transfer"), (WITHDRAWAL, "withdrawal")],
    ids=["a transfer", "a withdrawal"],
)


def coded(floor: Floor, keyed: Keyed, scene: str) -> Json:
    """A request with the code that it wants."""
    body = keyed.body(floor)
    floor.broker.set(email_verification_scenarios=[scene])
    assert problem(ask(floor, keyed, body)) == (400, "EMAIL_CODE_REQUIRED")
    asked = floor.call("send_email_code", {"scene": scene, "received_at": 0})
    assert asked.status_code == 200, asked.text
    return body | {"email_code": floor.broker.code()}


@each_coded
def test_a_code_is_spent_once_and_a_repeated_request_needs_none(
    floor: Floor, keyed: Keyed, scene: str
) -> None:
    body = coded(floor, keyed, scene)
    first = ask(floor, keyed, body)
    assert is_new(first)
    assert is_replayed(ask(floor, keyed, body), first)
    assert problem(ask(floor, keyed, body, "second")) == INVALID
    assert keyed.effects(floor) == 1


@each_coded
def test_a_request_that_is_refused_spends_no_code(floor: Floor, keyed: Keyed, scene: str) -> None:
    body = coded(floor, keyed, scene)
    name = "amount" if keyed is TRANSFER else "withdrawal_amount"
    wanted = {name: "5000.00", "remittance_amount": "5000.00"}
    much = body | {each: value for each, value in wanted.items() if each in body}
    assert problem(ask(floor, keyed, much)) == (409, "INSUFFICIENT_FUNDS")
    assert is_new(ask(floor, keyed, body))


@each_coded
def test_nobody_who_repeats_a_request_meanwhile_is_told_that_its_code_was_wrong(
    floor: Floor, keyed: Keyed, scene: str
) -> None:
    """As many at once as a code may be tried."""
    body = coded(floor, keyed, scene)
    granted, refused = crowd(floor, keyed, body, TRIES)
    assert [is_new(each) for each in granted].count(True) == 1
    assert {each.content for each in granted} == {ask(floor, keyed, body).content}
    assert {problem(each) for each in refused} <= {(409, "IDEMPOTENCY_IN_PROGRESS")}
    assert keyed.effects(floor) == 1


@pytest.mark.long
@each_coded
def test_of_twenty_at_once_with_one_code_and_keys_of_their_own_one_is_granted(
    floor: Floor, keyed: Keyed, scene: str
) -> None:
    body = coded(floor, keyed, scene)
    keys = [f"key-{number}" for number in range(CROWD)]
    told = together([lambda key=key: ask(floor, keyed, body, key) for key in keys])  # type: ignore[misc]  # mypy cannot infer such a lambda
    assert told == ["", *["EMAIL_CODE_INVALID"] * (CROWD - 1)]
    assert keyed.effects(floor) == 1
