"""Email codes of orders that take money off an account: wlink 31 and 60."""

import pytest

from models.verification_code import VerificationCode
from tests.cashier import Till, till
from tests.outgoing import TRANSFER, WITHDRAW, Way, each_way, violations
from tests.server import problem
from tests.trading import floor, told

__all__ = ["floor", "till"]


@pytest.fixture
def guarded(till: Till) -> Till:
    """A broker who wants a code for whatever leaves an account."""
    till.fund("500.00")
    till.broker.set(email_verification_scenarios=["withdrawal", "transfer"])
    till.broker.server.clock.forward(seconds=1)
    return till


def code(till: Till, scene: str) -> str:
    """A new one; a minute later, when there may be another."""
    told(till.floor.call("send_email_code", {"scene": scene, "received_at": 0}))
    found = till.broker.code()
    till.broker.server.clock.forward(minutes=1)
    return found


def other(code: str) -> str:
    """A wrong one."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def refusal(till: Till, way: Way, **changed: object) -> tuple[int, str]:
    return problem(way.ask(till, **changed))


@each_way
def test_a_code_is_demanded_where_the_broker_wants_one(guarded: Till, way: Way) -> None:
    answer = way.ask(guarded)
    assert problem(answer) == (400, "EMAIL_CODE_REQUIRED")
    assert violations(answer) == [("/body/email_code", "required")]
    assert way.ask(guarded, email_code=code(guarded, way.scene)).is_success


@each_way
def test_where_none_is_wanted_a_code_is_not_looked_at(till: Till, way: Way) -> None:
    till.fund("500.00")
    assert way.ask(till, email_code="000000").is_success


@each_way
def test_a_wrong_code_counts_though_the_order_is_refused(guarded: Till, way: Way) -> None:
    right = code(guarded, way.scene)
    for _ in range(5):
        assert refusal(guarded, way, email_code=other(right)) == (400, "EMAIL_CODE_INVALID")
    (row,) = guarded.floor.rows(VerificationCode)
    assert row.tries == 5
    assert refusal(guarded, way, email_code=right) == (400, "EMAIL_CODE_INVALID")


@each_way
def test_a_code_expires(guarded: Till, way: Way) -> None:
    right = code(guarded, way.scene)
    guarded.broker.server.clock.forward(minutes=9)
    assert refusal(guarded, way, email_code=right) == (400, "EMAIL_CODE_EXPIRED")


@each_way
def test_a_code_is_good_for_one_order(guarded: Till, way: Way) -> None:
    right = code(guarded, way.scene)
    first = way.order(guarded, "100.00", email_code=right)
    guarded.reject(first)
    assert refusal(guarded, way, email_code=right) == (400, "EMAIL_CODE_INVALID")


@each_way
def test_a_code_is_not_spent_on_an_order_that_is_refused(guarded: Till, way: Way) -> None:
    right = code(guarded, way.scene)
    unknown = {way.source: 2**40, "email_code": right}
    assert refusal(guarded, way, **unknown) == (404, "NOT_FOUND")
    assert refusal(guarded, way, amount="500.01", email_code=right) == (409, "INSUFFICIENT_FUNDS")
    assert way.ask(guarded, email_code=right).is_success


@pytest.mark.parametrize(("way", "foreign"), [(WITHDRAW, "transfer"), (TRANSFER, "withdrawal")])
def test_a_code_is_good_for_its_scene_alone(guarded: Till, way: Way, foreign: str) -> None:
    assert code(guarded, way.scene)
    wrong = code(guarded, foreign)
    assert refusal(guarded, way, email_code=wrong) == (400, "EMAIL_CODE_INVALID")


@each_way
def test_a_bad_request_is_no_try(guarded: Till, way: Way) -> None:
    right = code(guarded, way.scene)
    for _ in range(5):
        assert refusal(guarded, way, email_code="12345") == (400, "VALIDATION_ERROR")
    assert way.ask(guarded, email_code=right).is_success
