"""Clients want trading accounts: what they may have, what they get, and why they do not get it."""

from typing import Any

import pytest

from backoffice.settings import set_leverages
from backoffice.trading_offers import ACCOUNT_TYPE, TRADING_SERVER
from models.account_application import AccountApplication
from models.audit_status import AuditStatus
from models.client_profile import ApplyStatus, ClientProfile
from models.trading_account import AccountStatus
from simulator.faults import Fault
from tests.server import problem
from tests.trading import DEMO, LIVE, OBSERVE, TRADE, Floor, floor, told

__all__ = ["floor"]

Json = Any

APPLY, CREATE = "create_account_application", "create_trading_account"
# Both ask for a live account: the first answers with the application, the second with the account.
LIVE_WAYS: tuple[tuple[str, Json], ...] = ((APPLY, {}), (CREATE, {"is_demo": False}))
live_ways = pytest.mark.parametrize(("name", "kind"), LIVE_WAYS, ids=[APPLY, CREATE])


def demo(floor: Floor, **changed: Json) -> Json:
    return floor.wanted(is_demo=True, trading_account_type_id=floor.demo_type, **changed)


def refused(floor: Floor, name: str, body: Json) -> str:
    """The code, and that nothing has come of it."""
    before = len(floor.accounts()), len(floor.operations()), len(floor.rows(AccountApplication))
    code = problem(floor.call(name, body))[1]
    after = len(floor.accounts()), len(floor.operations()), len(floor.rows(AccountApplication))
    assert after == before
    return code


def test_a_live_account_waits_for_an_operator(floor: Floor) -> None:
    number = floor.apply()
    (application,), (account,) = floor.rows(AccountApplication), floor.accounts()
    assert (application.id, application.status) == (number, AuditStatus.PENDING)
    assert (account.status, account.login, account.user_id) == (
        *(AccountStatus.OPENING, ""),
        floor.user.id,
    )
    assert floor.operations() == []
    assert floor.letters() == []


def test_what_opens_a_live_account_answers_with_the_account_s_own_id(floor: Floor) -> None:
    answer = told(floor.call(CREATE, floor.wanted(is_demo=False)))
    (application,), (account,) = floor.rows(AccountApplication), floor.accounts()
    assert answer == {"id": account.id}
    assert application.trading_account_id == account.id
    assert application.status is AuditStatus.PENDING


@live_ways
def test_where_the_broker_opens_at_once_nobody_needs_to_decide(
    floor: Floor, name: str, kind: Json
) -> None:
    floor.set(opens_at_once=True)
    told(floor.call(name, floor.wanted(**kind)))
    floor.broker.server.deliver()
    (application,), (account,) = floor.rows(AccountApplication), floor.accounts()
    assert (application.status, application.provision_state) == ("approved", "opened")
    assert (application.passwords, account.status) == (None, AccountStatus.OPEN)
    assert floor.is_password(account, LIVE, "trade", TRADE)


def test_a_demo_account_is_open_within_seconds_with_its_starting_balance(floor: Floor) -> None:
    account = floor.account(floor.open_demo())
    assert (account.is_demo, account.status, account.balance) == (True, "open", 500_000)
    assert (account.leverage, account.currency) == (100, "USD")
    there = floor.port(account).account(account.login)
    assert (f"{there.balance}", there.leverage, there.group) == ("5000.00", 100, "standard")
    for kind, password in (("trade", TRADE), ("observe", OBSERVE)):
        assert floor.is_password(account, DEMO, kind, password)
    ((subject, text),) = floor.letters()
    assert subject == f"Broker {floor.broker.number}: your trading account is open"
    assert f"Your trading account {account.login} is open on the server {DEMO}." in text
    assert TRADE not in text and OBSERVE not in text


def test_the_second_password_may_be_left_out(floor: Floor) -> None:
    body = demo(floor)
    del body["observe_password"]
    told(floor.call(CREATE, body))
    floor.broker.server.deliver()
    assert floor.accounts()[0].status is AccountStatus.OPEN


@live_ways
@pytest.mark.parametrize("status", sorted(set(ApplyStatus) - {ApplyStatus.APPROVED}))
def test_whom_the_broker_does_not_know_yet_he_gives_no_live_account(
    floor: Floor, name: str, kind: Json, status: ApplyStatus
) -> None:
    def change(session: Any) -> None:
        ClientProfile.of_user_id(session, floor.user.id).apply_status = status

    floor.broker.server.services.database.write(floor.broker.boundary, change)
    assert refused(floor, name, floor.wanted(**kind)) == "KYC_REQUIRED"
    assert told(floor.call(CREATE, demo(floor)))["id"], "a demo account he may have"


def test_no_demo_accounts_where_the_broker_has_none(floor: Floor) -> None:
    floor.set(has_demo=False)
    assert refused(floor, CREATE, demo(floor)) == "DEMO_DISABLED"
    assert told(floor.call("get_demo_availability")) == {"enabled": False}


@pytest.mark.parametrize("name", [APPLY, CREATE])
def test_a_type_that_there_is_not_cannot_be_opened(floor: Floor, name: str) -> None:
    kind = {"is_demo": False} if name == CREATE else {}
    stranger = Floor(floor.broker.server.broker())
    disabled = floor.publish(ACCOUNT_TYPE, **offer(floor.live_server))
    floor.broker.withdraw(ACCOUNT_TYPE, disabled)
    mt5 = floor.publish(TRADING_SERVER, name="Live5", platform="MT5", is_demo=False)
    elsewhere = floor.publish(ACCOUNT_TYPE, **offer(mt5))
    for number in (999_999, stranger.live_type, disabled, elsewhere, floor.demo_type):
        body = floor.wanted(trading_account_type_id=number, **kind)
        assert refused(floor, name, body) == "ACCOUNT_TYPE_UNAVAILABLE", number


def test_a_live_type_is_no_demo_type(floor: Floor) -> None:
    body = demo(floor) | {"trading_account_type_id": floor.live_type}
    assert refused(floor, CREATE, body) == "ACCOUNT_TYPE_UNAVAILABLE"


def test_a_type_on_a_server_that_was_withdrawn_cannot_be_opened(floor: Floor) -> None:
    floor.publish(TRADING_SERVER, name="Live02", platform="MT4", is_demo=False)
    floor.broker.withdraw(TRADING_SERVER, floor.live_server)
    assert refused(floor, APPLY, floor.wanted()) == "ACCOUNT_TYPE_UNAVAILABLE"


@live_ways
def test_a_platform_without_a_server_of_the_kind_is_unavailable(
    floor: Floor, name: str, kind: Json
) -> None:
    floor.publish(TRADING_SERVER, name="Demo5", platform="MT5", is_demo=True)
    body = floor.wanted(trading_platform="MT5", **kind)
    assert refused(floor, name, body) == "PLATFORM_UNAVAILABLE"
    floor.broker.withdraw(TRADING_SERVER, floor.live_server)
    assert refused(floor, name, floor.wanted(**kind)) == "PLATFORM_UNAVAILABLE"


@pytest.mark.parametrize("leverage", [50, 300, 5000])
def test_a_leverage_is_one_of_the_type_s(floor: Floor, leverage: int) -> None:
    for name, body in every_way(floor, leverage=leverage):
        assert refused(floor, name, body) == "LEVERAGE_NOT_ALLOWED"


def test_a_leverage_that_the_broker_has_taken_back_is_gone_from_every_type(floor: Floor) -> None:
    floor.broker.desk(lambda desk: set_leverages(desk, [100, 200]))
    for name, body in every_way(floor, leverage=500):
        assert refused(floor, name, body) == "LEVERAGE_NOT_ALLOWED"


@pytest.mark.parametrize(
    ("trade", "observe"),
    [
        ("onlysmall", OBSERVE),
        ("ONLYLARGE1", OBSERVE),
        ("12345678", OBSERVE),
        ("NoDigitsHere", OBSERVE),
        (TRADE, "weakweak"),
        (TRADE, TRADE),
    ],
)
def test_a_password_that_a_server_would_not_take_is_refused(
    floor: Floor, trade: str, observe: str
) -> None:
    for name, body in every_way(floor, password=trade, observe_password=observe):
        assert refused(floor, name, body) == "TRADING_PASSWORD_WEAK"


@pytest.mark.parametrize(
    "changed",
    [
        {"currency": "EUR"},
        {"password": "Short-1"},
        {"password": "Trade 2026x"},
        {"password": "Trade-2026x" * 2},
        {"observe_password": "日本-Ab12345"},
        {"leverage": 0},
        {"leverage": "100"},
        {"trading_platform": "mt4"},
        {"trading_account_type_id": 2**53},
    ],
)
def test_what_is_not_as_documented_is_a_bad_request(floor: Floor, changed: Json) -> None:
    for name, body in every_way(floor):
        assert refused(floor, name, body | changed) == "VALIDATION_ERROR"


def test_a_demo_account_that_the_server_would_not_open_is_told_of_and_forgotten(
    floor: Floor,
) -> None:
    floor.suffers(DEMO, Fault.REFUSE, actions=["open_account"])
    account = floor.account(floor.open_demo())
    assert (account.status, account.login) == (AccountStatus.ARCHIVED, "")
    (operation,) = floor.operations()
    assert (operation.state, operation.passwords) == ("rejected", None)
    ((subject, text),) = floor.letters()
    assert "could not be opened" in subject and DEMO in text
    assert problem(floor.call("get_trading_account", id=account.id)) == (404, "NOT_FOUND")


def test_a_simulated_server_is_as_it_was_published(floor: Floor) -> None:
    floor.open_demo()
    floor.open_live()
    found = {name: floor.control("GET", name, "") for name in (DEMO, LIVE)}
    kinds = {name: (told["platform"], told["kind"]) for name, told in found.items()}
    assert kinds == {DEMO: ("MT4", "demo"), LIVE: ("MT4", "live")}


def every_way(floor: Floor, **changed: Json) -> list[tuple[str, Json]]:
    live = [(name, floor.wanted(**kind, **changed)) for name, kind in LIVE_WAYS]
    return [*live, (CREATE, demo(floor, **changed))]


def offer(server: int) -> Json:
    return {"server_id": server, "name": "Another", "group_name": "another", "leverages": [100]}
