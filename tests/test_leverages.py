"""The leverage of a trading account: what it may be, who decides, and what becomes of it."""

from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from backoffice import applications, content
from backoffice.settings import set_leverages
from backoffice.trading_forms import AccountTypeForm
from backoffice.trading_offers import ACCOUNT_TYPE
from models.leverage_application import LeverageApplication
from simulator.faults import Fault
from tests.server import problem
from tests.trading import DEMO, LIVE, Floor, at_once, floor, told

__all__ = ["floor"]

Json = Any

CLIENTS = 6


def change(floor: Floor, number: int, leverage: int = 200, remark: str = "Less risk") -> Any:
    return floor.call("change_leverage", {"id": number, "leverage": leverage, "remark": remark})


def status(floor: Floor, number: int) -> Json:
    return told(floor.call("get_leverage_change_status", id=number))


def options(floor: Floor, number: int) -> Json:
    return told(floor.call("get_leverage_options", id=number))["leverage_options"]


def there(floor: Floor, number: int) -> int:
    """On the server."""
    account = floor.account(number)
    return floor.port(account).account(account.login).leverage


def newest(floor: Floor) -> LeverageApplication:
    application: LeverageApplication = floor.rows(LeverageApplication)[-1]
    return application


def test_options_are_those_of_the_type_that_the_broker_has(floor: Floor) -> None:
    number = floor.open_demo()
    assert options(floor, number) == [100, 200, 500]
    floor.broker.desk(lambda desk: set_leverages(desk, [1000, 500, 50, 100]))
    assert options(floor, number) == [100, 500]
    form = AccountTypeForm(
        name="Practice", server_id=floor.demo_server, group_name="standard", leverages=[1000, 50]
    )
    floor.broker.desk(lambda desk: content.change(desk, ACCOUNT_TYPE, floor.demo_type, form))
    assert options(floor, number) == [50, 1000]


def test_a_live_account_s_leverage_waits_for_an_operator(floor: Floor) -> None:
    number = floor.open_live()
    assert status(floor, number) == {}
    assert told(change(floor, number)) == {}
    application = newest(floor)
    assert status(floor, number) == {"audit_id": application.id, "audit_status": "pending"}
    assert (application.before, application.wanted, application.client_remark) == (
        *(100, 200),
        "Less risk",
    )
    floor.claim(applications.LEVERAGE, application.id)
    assert status(floor, number)["audit_status"] == "auditing"
    assert there(floor, number) == 100


def test_an_approved_leverage_is_set_on_the_server_and_the_client_is_told(floor: Floor) -> None:
    number = floor.open_live()
    told(change(floor, number))
    floor.approve(applications.LEVERAGE, newest(floor).id)
    assert (there(floor, number), floor.account(number).leverage) == (200, 200)
    assert status(floor, number)["audit_status"] == "approved"
    assert newest(floor).apply_state == "applied"
    _, text = floor.letters()[-1]
    assert f"account {floor.account(number).login} on {LIVE} is 1:200 now" in text


def test_a_rejected_leverage_stays_and_the_client_reads_why(floor: Floor) -> None:
    number = floor.open_live()
    told(change(floor, number))
    floor.reject(applications.LEVERAGE, newest(floor).id, "Your margin is too small.")
    assert status(floor, number)["audit_status"] == "disapproved"
    assert newest(floor).remark == "Your margin is too small."
    _, text = floor.letters()[-1]
    assert f"account {floor.account(number).login} stays as it is" in text
    assert "Your margin is too small." in text
    assert there(floor, number) == 100
    assert told(change(floor, number)) == {}, "he may ask again"


@pytest.mark.parametrize("kind", ["demo", "at once"])
def test_nobody_needs_to_decide_for_demo_accounts_or_where_the_broker_wants_that(
    floor: Floor, kind: str
) -> None:
    number = floor.open_demo() if kind == "demo" else floor.open_live()
    floor.set(changes_leverage_at_once=kind != "demo")
    told(change(floor, number))
    assert status(floor, number)["audit_status"] == "approved"
    assert floor.account(number).leverage == 100, "until the server has it"
    floor.broker.server.deliver()
    assert (there(floor, number), floor.account(number).leverage) == (200, 200)


@pytest.mark.parametrize("leverage", [50, 300])
def test_a_leverage_that_is_no_option_is_not_allowed(floor: Floor, leverage: int) -> None:
    number = floor.open_live()
    assert problem(change(floor, number, leverage)) == (400, "LEVERAGE_NOT_ALLOWED")
    assert floor.rows(LeverageApplication) == []


def test_the_leverage_that_an_account_has_is_no_change(floor: Floor) -> None:
    number = floor.open_live()
    assert problem(change(floor, number, 100)) == (409, "LEVERAGE_UNCHANGED")
    assert floor.rows(LeverageApplication) == []


@pytest.mark.parametrize(
    "changed", [{"leverage": 0}, {"leverage": 5001}, {"remark": "x" * 501}, {"remark": None}]
)
def test_what_is_not_as_documented_is_a_bad_request(floor: Floor, changed: Json) -> None:
    body = {"id": floor.open_demo(), "leverage": 200, "remark": ""} | changed
    assert problem(floor.call("change_leverage", body)) == (400, "VALIDATION_ERROR")


def test_one_wish_at_a_time(floor: Floor) -> None:
    number, other = floor.open_live(), floor.open_live()
    told(change(floor, number))
    first = newest(floor).id
    for _ in ("pending", "auditing"):
        answer = change(floor, number, 500)
        assert problem(answer) == (409, "APPLICATION_PENDING")
        assert answer.json()["details"] == {"audit_id": first}
        if status(floor, number)["audit_status"] == "pending":
            floor.claim(applications.LEVERAGE, first)
    assert told(change(floor, other)) == {}, "another account has wishes of its own"


def test_a_wish_that_is_being_carried_out_comes_first(floor: Floor) -> None:
    number = floor.open_demo()
    told(change(floor, number))
    answer = change(floor, number, 500)
    assert problem(answer) == (409, "APPLICATION_PENDING")
    assert answer.json()["details"] == {"audit_id": newest(floor).id}
    floor.broker.server.deliver()
    assert told(change(floor, number, 500)) == {}


def test_a_wish_that_the_server_has_refused_is_in_nobody_s_way(floor: Floor) -> None:
    number = floor.open_demo()
    floor.suffers(DEMO, Fault.REFUSE, actions=["set_leverage"])
    told(change(floor, number))
    floor.broker.server.deliver()
    assert newest(floor).apply_state == "apply_failed"
    assert (floor.account(number).leverage, there(floor, number)) == (100, 100)
    told(change(floor, number))
    floor.broker.server.deliver()
    assert there(floor, number) == 200


def test_a_leverage_whose_answer_was_lost_is_set_once_more(floor: Floor) -> None:
    number = floor.open_demo()
    floor.suffers(DEMO, Fault.LOSE, Fault.HANG, actions=["set_leverage"])
    told(change(floor, number))
    floor.broker.server.deliver()
    assert there(floor, number) == 200
    assert floor.account(number).leverage == 100, "nobody here knows it yet"
    floor.at_last()
    assert floor.account(number).leverage == 200
    assert newest(floor).apply_state == "applied"


def test_of_several_wishes_at_once_one_waits(floor: Floor) -> None:
    number = floor.open_live()
    codes = at_once(CLIENTS, lambda: change(floor, number))
    assert codes == ["", *["APPLICATION_PENDING"] * (CLIENTS - 1)]
    assert len(floor.rows(LeverageApplication)) == 1


def test_the_database_itself_keeps_two_wishes_apart(floor: Floor) -> None:
    number = floor.open_live()
    told(change(floor, number))
    with pytest.raises(IntegrityError):
        add(floor, number)
    floor.reject(applications.LEVERAGE, newest(floor).id)
    add(floor, number)
    assert len(floor.rows(LeverageApplication)) == 2


def add(floor: Floor, number: int) -> None:
    """A second wish, past the check that there is none."""
    now = floor.broker.server.clock()
    second = LeverageApplication(
        user_id=floor.user.id,
        trading_account_id=number,
        before=100,
        wanted=500,
        client_remark="",
        created_at=now,
        moved_at=now,
    )
    database = floor.broker.server.services.database
    database.write(floor.broker.boundary, lambda session: session.add(second))
