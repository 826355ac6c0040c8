"""Operators at the console: trading servers, types of accounts, applications, accounts."""

import re
from typing import Any

import pytest

from gateways.trading_bridge import TradingBridge
from models.audit_entry import AuditEntry
from models.leverage_application import LeverageApplication
from models.trading_operation import OperationState
from models.trading_server import TradingServer
from simulator.faults import Fault
from tests.console import Console, console
from tests.server import problem
from tests.trading import DEMO, LIVE, Floor, told

__all__ = ["console"]

Json = Any

TOKEN = "canary-of-a-bridge-8Zq1"
SERVER = "{name: Live9, platform: MT5, is_demo: false, address: 'https://bridge.a.example'}"


@pytest.fixture
def floor(console: Console) -> Floor:
    """That of the console's broker."""
    return Floor(console.broker)


def account_type(server: str, **changed: Json) -> str:
    given = {"name": "Pro", "server_id": server, "group_name": "pro", "leverages": [200, 100, 200]}
    return str(given | changed)


def log(console: Console) -> str:
    return console("audit", "--tenant", console.tenant, "list").output


def test_a_server_and_a_type_are_published_changed_and_withdrawn(console: Console) -> None:
    server = console.operator("trading-server", "publish", "-", form=SERVER).strip()
    kind = console.operator("account-type", "publish", "-", form=account_type(server)).strip()
    listed = console.operator("trading-server", "list")
    assert "name: Live9" in listed and "address: https://bridge.a.example" in listed
    assert "leverages:\n- 100\n- 200\n" in console.operator("account-type", "list")
    changed = account_type(server, leverages=[50], most_per_user=1)
    console.operator("account-type", "change", kind, "-", form=changed)
    console.operator("trading-server", "change", server, "-", form=SERVER.replace("Live9", "Live8"))
    assert "leverages:\n- 50\n" in console.operator("account-type", "list")
    assert "name: Live8" in console.operator("trading-server", "list")
    console.operator("account-type", "withdraw", kind)
    console.operator("trading-server", "withdraw", server)
    assert f"# account-type {kind}, withdrawn" in console.operator("account-type", "list")
    assert f"# trading-server {server}, withdrawn" in console.operator("trading-server", "list")
    deeds = re.findall(r"  content_([a-z]+)  ", log(console))
    assert deeds == [*["published"] * 2, *["changed"] * 2, *["withdrawn"] * 2]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ("{name: Live 9, platform: MT5, is_demo: false}", "name"),
        ("{name: Live9, platform: MT6, is_demo: false}", "platform"),
        ("{name: Live9, platform: MT5}", "is_demo"),
        (SERVER.replace("https:", "ftp:"), "address"),
        (SERVER.replace("https://", "https://u:p@"), "address"),
        (SERVER.replace("address:", "token: canary, address:"), "token"),
    ],
)
def test_a_server_that_makes_no_sense_is_refused(console: Console, changed: str, why: str) -> None:
    refused = console.refused("trading-server", "publish", "-", form=changed)
    assert why in refused and "canary" not in refused and "u:p" not in refused
    assert console.operator("trading-server", "list") == ""


@pytest.mark.parametrize(
    "changed",
    [
        {"server_id": 999_999},
        {"leverages": []},
        {"leverages": [0]},
        {"leverages": [5001]},
        {"starting_balance": -1},
        {"most_per_user": -1},
        {"name": ""},
        {"currency": "EUR"},
    ],
    ids=str,
)
def test_a_type_that_makes_no_sense_is_refused(console: Console, changed: Json) -> None:
    server = console.operator("trading-server", "publish", "-", form=SERVER).strip()
    (name,) = changed
    form = account_type(server, **changed)
    refused = console.refused("account-type", "publish", "-", form=form)
    assert ("trading-server" if name == "server_id" else name) in refused
    assert console.operator("account-type", "list") == ""


def test_what_accounts_rest_on_stays_as_it_is(console: Console, floor: Floor) -> None:
    floor.open_demo()
    number = str(floor.demo_server)
    for form in (
        f"{{name: {LIVE}2, platform: MT4, is_demo: true}}",
        f"{{name: {DEMO}, platform: MT5, is_demo: true}}",
        f"{{name: {DEMO}, platform: MT4, is_demo: false}}",
    ):
        refused = console.refused("trading-server", "change", number, "-", form=form)
        assert "there are accounts on it" in refused
    assert "already" in console.refused(
        "trading-server", "publish", "-", form=f"{{name: {DEMO}, platform: MT4, is_demo: true}}"
    )
    elsewhere = account_type(str(floor.live_server))
    refused = console.refused("account-type", "change", str(floor.demo_type), "-", form=elsewhere)
    assert "on another server" in refused


def test_a_token_is_read_from_standard_input_and_shown_nowhere(
    console: Console, floor: Floor
) -> None:
    server = console.operator("trading-server", "publish", "-", form=SERVER).strip()
    assert console.operator("trading-server", "token", server, form=f"{TOKEN}\n") == ""
    assert TOKEN not in console.operator("trading-server", "list") + log(console)
    row = floor.rows(TradingServer)[-1]
    assert row.token and TOKEN.encode() not in row.token
    port = console.broker.server.services.ports.of(row)
    assert isinstance(port, TradingBridge)
    assert port.line.client.headers["Authorization"] == f"Bearer {TOKEN}"
    assert f"token of trading-server {server}" in log(console)
    entry = floor.rows(AuditEntry)[-1]
    assert (entry.before, entry.after) == (None, None)


@pytest.mark.parametrize("token", ["", "\n", "two words", "schlüssel", "tab\there"])
def test_a_token_that_no_header_could_carry_is_refused(console: Console, token: str) -> None:
    server = console.operator("trading-server", "publish", "-", form=SERVER).strip()
    refused = console.refused("trading-server", "token", server, form=token)
    assert "printable characters" in refused and (not token.strip() or token not in refused)
    assert "no trading-server 999999" in console.refused(
        "trading-server", "token", "999999", form=TOKEN
    )


def test_a_client_is_approved_once(console: Console) -> None:
    user = console.broker.user()
    console.operator("client", "approve", user.email)
    assert "approved already" in console.refused("client", "approve", user.email)
    assert "no such client" in console.refused("client", "approve", "nobody@example.com")
    assert re.search(rf"client_approved +user {user.id}\b", log(console))


def test_an_account_is_applied_for_decided_and_dealt_with(console: Console, floor: Floor) -> None:
    first, kind = floor.apply(), "account-application"
    waiting = f"pending      0 h  {floor.user.email}  account {floor.newest()}"
    assert waiting in console.operator(kind, "list")
    console.operator(kind, "claim", str(first))
    console.operator(kind, "release", str(first))
    assert "it is pending" in console.refused(kind, "approve", str(first))
    console.operator(kind, "claim", str(first))
    console.operator(kind, "reject", str(first), "--reason", "No proof.")
    second = floor.apply()
    console.operator(kind, "claim", str(second))
    console.operator(kind, "approve", str(second))
    assert console.operator(kind, "list") == ""
    console.broker.server.deliver()
    account = floor.account(floor.newest())
    assert account.status == "open"
    assert "No proof." in floor.letters()[0][1]
    number = str(account.id)
    line = f"open      normal           {LIVE}  {account.login}  1:100  {floor.user.email}"
    assert line in console.operator("account", "list")
    console.operator("account", "funding", number, "deposit_only")
    assert "one of normal" in console.refused("account", "funding", number, "all")
    console.operator("account", "disable", number)
    console.broker.server.deliver()
    assert "disabled  deposit_only" in console.operator("account", "list")
    console.operator("account", "enable", number)
    console.broker.server.deliver()
    assert "open      deposit_only" in console.operator("account", "list")


def test_a_leverage_is_decided_and_tried_again(console: Console, floor: Floor) -> None:
    account, kind = floor.open_live(), "leverage-application"
    told(floor.call("change_leverage", {"id": account, "leverage": 200, "remark": ""}))
    (application,) = floor.rows(LeverageApplication)
    login = floor.account(account).login
    waiting = f"account {account} {login}  Standard  1:100 to 1:200"
    assert waiting in console.operator(kind, "list")
    number = str(application.id)
    assert "has not refused it" in console.refused(kind, "retry", number)
    console.operator(kind, "claim", number)
    floor.suffers(LIVE, Fault.REFUSE, actions=["set_leverage"])
    console.operator(kind, "approve", number)
    console.broker.server.deliver()
    console.operator(kind, "retry", number)
    console.broker.server.deliver()
    assert floor.account(account).leverage == 200


def test_what_is_in_doubt_is_listed_and_marked(console: Console, floor: Floor) -> None:
    account = floor.open_demo()
    body = {"trading_account_id": account, "amount": "5"}
    floor.suffers(DEMO, Fault.HANG, Fault.LOSE, actions=["balance_operation"])
    keys = []
    for verb, state in (("not-done", "rejected"), ("done", "confirmed")):
        told(floor.call("deposit_to_demo_account", body))
        console.broker.server.deliver()
        key = floor.operations()[-1].key
        listed = console.operator("operation", "list")
        assert re.match(rf"{key}  unknown   top_up  account {account}  since .* UTC\n$", listed)
        assert "the worker sees to it" in console.refused("operation", "resume", key)
        console.operator("operation", verb, key)
        assert floor.operations()[-1].state == OperationState(state)
        keys.append(key)
    assert console.operator("operation", "list") == ""
    for key in keys:
        assert "is unfinished" in console.refused("operation", "done", key)
    reconciled = console("reconcile", "--tenant", console.tenant)
    assert (reconciled.code, reconciled.fault) == (0, "")
    assert [line.split("  ", 1)[1] for line in reconciled.output.splitlines()] == [
        f"{LIVE}  no differences",
        f"{DEMO}  no differences",
    ]


def test_what_clients_may_do_is_a_setting(console: Console, floor: Floor) -> None:
    console.operator("setting", "set", "trading", "has_demo=false", "opens_at_once=true")
    body = floor.wanted(is_demo=True, trading_account_type_id=floor.demo_type)
    assert problem(floor.call("create_trading_account", body)) == (409, "DEMO_DISABLED")
    floor.apply()
    console.broker.server.deliver()
    assert [each.status for each in floor.accounts()] == ["open"]
    assert "most_demo_accounts" in console.refused(
        "setting", "set", "trading", "most_demo_accounts=-1"
    )
