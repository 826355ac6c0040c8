"""The caller's trading accounts: their figures, and whose they are."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from backoffice import applications
from gateways.trading import Figures
from gateways.trading_bridge import TradingBridge
from models.boundaries import BoundSession
from models.trading_account import TradingAccount
from tests.own_server import server
from tests.server import problem
from tests.trading import DEMO, LIVE, Floor, floor, told
from trading import snapshots

__all__ = ["floor", "server"]

Json = Any

NEW = "Quarry-58x"
# What names an account, and what else it needs; each answers NOT_FOUND for what is not the
# caller's own.
NAMING: dict[str, Json] = {
    "get_trading_account": None,
    "get_leverage_options": None,
    "get_leverage_change_status": None,
    "change_leverage": {"leverage": 200, "remark": ""},
    "change_trading_password": {"password": NEW, "type": "trade"},
    "deposit_to_demo_account": {"amount": "5"},
}
naming = pytest.mark.parametrize("name", NAMING)


def ask(floor: Floor, name: str, number: int, token: str = "") -> Any:
    """Calls what names an account."""
    if NAMING[name] is None:
        return floor.call(name, token=token, id=number)
    key = "trading_account_id" if name == "deposit_to_demo_account" else "id"
    return floor.call(name, NAMING[name] | {key: number}, token=token)


def shown(floor: Floor, number: int) -> Json:
    return told(floor.call("get_trading_account", id=number))


def listed(floor: Floor, page: int = 1, size: int = 20, **query: Json) -> Json:
    return told(floor.call("list_trading_accounts", page=page, size=size, **query))


def test_an_account_is_shown_as_its_server_tells_it_now(floor: Floor) -> None:
    number = floor.open_live()
    floor.pay_in(number, "1000")
    login = floor.account(number).login
    floor.control("PUT", LIVE, f"/accounts/{login}/credit", credit="50.00")
    assert shown(floor, number) == {
        "account": login,
        "balance": "1000.00",
        "credit": "50.00",
        "currency": "USD",
        "equity": "1050.00",
        "id": number,
        "is_demo": False,
        "leverage": 100,
        "observe_password": "",
        "password": "",
        "server_name": LIVE,
        "trading_account_type_name": "Standard",
        "trading_platform": "MT4",
    }


def test_the_last_snapshot_is_shown_while_the_server_is_down(floor: Floor) -> None:
    number = floor.open_live()
    floor.pay_in(number, "1000")
    assert shown(floor, number)["balance"] == "1000.00"
    floor.pay_in(number, "500")
    with floor.down(LIVE):
        assert shown(floor, number)["balance"] == "1000.00"
    assert shown(floor, number)["balance"] == "1500.00"


def test_a_server_that_does_not_know_the_account_is_as_good_as_none(floor: Floor) -> None:
    number = floor.open_live()
    floor.change(number, login="999")
    assert shown(floor, number)["balance"] == "0.00"
    answer = floor.call("list_account_balances", type=["normal"])
    assert problem(answer) == (503, "TRADING_SERVER_UNAVAILABLE")


def test_a_server_that_reckons_with_more_places_gives_nobody_more_than_there_is(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = floor.open_demo()
    asked = TradingBridge.accounts

    def reckoned(self: TradingBridge, logins: list[str]) -> list[Figures]:
        equity, credit = Decimal("5000.129"), Decimal("-0.001")
        return [replace(each, equity=equity, credit=credit) for each in asked(self, logins)]

    monkeypatch.setattr(TradingBridge, "accounts", reckoned)
    account = shown(floor, number)
    assert (account["balance"], account["equity"], account["credit"]) == (
        *("5000.00", "5000.12"),
        "-0.01",
    )


def test_an_account_that_is_being_opened_has_no_number_yet(floor: Floor) -> None:
    floor.apply()
    number = floor.newest()
    account = shown(floor, number)
    assert (account["account"], account["balance"], account["leverage"]) == ("", "0.00", 100)
    assert listed(floor)["total"] == 0
    assert told(floor.call("get_leverage_options", id=number))


@naming
def test_what_is_not_the_caller_s_own_is_not_there(floor: Floor, name: str) -> None:
    floor.reject(applications.ACCOUNT, floor.apply())
    archived = floor.newest()
    foreign = other_s(floor)
    stranger = Floor(floor.broker.server.broker()).open_demo()
    for number in (999_999, archived, foreign, stranger):
        assert problem(ask(floor, name, number)) == (404, "NOT_FOUND"), number
    assert problem(ask(floor, name, 0)) == (400, "VALIDATION_ERROR")


def other_s(floor: Floor) -> int:
    """The account of another client of the same broker's."""
    return floor.open_demo(token=floor.broker.login(floor.broker.user("other@example.com")))


@pytest.mark.parametrize("name", ["change_leverage", "change_trading_password"])
def test_what_is_not_open_cannot_be_changed(floor: Floor, name: str) -> None:
    disabled = floor.open_live()
    floor.disable(disabled)
    floor.apply()
    for number in (disabled, floor.newest()):
        assert problem(ask(floor, name, number)) == (404, "NOT_FOUND")
        assert ask(floor, "get_trading_account", number).status_code == 200


def test_open_accounts_are_listed_live_and_demo(floor: Floor) -> None:
    live, demo, disabled = floor.open_live(), floor.open_demo(), floor.open_demo()
    floor.disable(disabled)
    other_s(floor)
    both = listed(floor)
    assert ([each["id"] for each in both["list"]], both["total"]) == ([live, demo], 2)
    assert [each["id"] for each in listed(floor, is_demo=True)["list"]] == [demo]
    assert [each["id"] for each in listed(floor, is_demo=False)["list"]] == [live]
    for each in both["list"]:
        assert (each["password"], each["observe_password"]) == ("", "")


def test_accounts_come_page_by_page(floor: Floor) -> None:
    numbers = [floor.open_demo() for _ in range(3)]
    pages = [listed(floor, page, 2) for page in (1, 2, 3)]
    assert [[each["id"] for each in page["list"]] for page in pages] == [
        *(numbers[:2], numbers[2:]),
        [],
    ]
    assert {page["total"] for page in pages} == {3}
    faulty: tuple[Json, ...] = ({"page": 0, "size": 2}, {"page": 1, "size": 201}, {"page": 1})
    for wrong in faulty:
        answer = floor.call("list_trading_accounts", **wrong)
        assert problem(answer) == (400, "VALIDATION_ERROR")


def test_the_list_shows_the_last_snapshot_which_the_worker_keeps_fresh(floor: Floor) -> None:
    number = floor.open_live()
    refresh(floor)
    floor.pay_in(number, "700")
    assert [each["balance"] for each in listed(floor)["list"]] == ["0.00"]
    refresh(floor)
    assert [each["balance"] for each in listed(floor)["list"]] == ["700.00"]


def test_the_worker_leaves_figures_alone_while_the_server_is_down(floor: Floor) -> None:
    number = floor.open_live()
    floor.pay_in(number, "700")
    with floor.down(LIVE):
        refresh(floor)
    assert floor.account(number).balance == 0
    refresh(floor)
    assert floor.account(number).balance == 700_00


def test_figures_that_were_asked_for_earlier_do_not_replace_newer_ones(floor: Floor) -> None:
    number, server = floor.open_live(), floor.broker.server
    account = floor.account(number)
    asked_at, old = server.clock(), floor.port(account).account(account.login)
    floor.pay_in(number, "700")
    server.clock.forward(seconds=5)
    refresh(floor)

    def come_late(session: BoundSession) -> None:
        snapshots.keep(session, TradingAccount.locked(session, number), old, asked_at)

    server.services.database.write(floor.broker.boundary, come_late)
    assert floor.account(number).balance == 700_00


def test_figures_that_are_the_same_are_not_written_again(floor: Floor) -> None:
    number = floor.open_live()
    refresh(floor)
    before = floor.account(number).snapshot_at
    refresh(floor)
    assert floor.account(number).snapshot_at == before


def refresh(floor: Floor) -> None:
    """A round through all servers."""
    server = floor.broker.server
    server.clock.forward(seconds=server.services.settings.refresh_seconds + 60)
    while server.services.refreshing.step():
        pass


def test_a_picker_has_the_open_accounts(floor: Floor) -> None:
    live, demo = floor.account(floor.open_live()), floor.account(floor.open_demo())
    floor.apply()
    assert told(floor.call("list_trading_account_options")) == {
        "list": [
            {
                "account": account.login,
                "id": account.id,
                "server_name": server,
                "server_type": kind,
            }
            for account, server, kind in ((live, LIVE, "MT4-Live"), (demo, DEMO, "MT4-Demo"))
        ],
        "total": 2,
    }


def test_a_number_on_a_server_is_one_account_s(floor: Floor) -> None:
    first, second = floor.open_live(), floor.open_live()
    elsewhere = floor.open_demo()
    login = floor.account(first).login
    floor.change(elsewhere, login=login)
    with pytest.raises(IntegrityError):
        floor.change(second, login=login)
    for number in (first, second):
        floor.change(number, login="")  # those that are being opened have none yet
