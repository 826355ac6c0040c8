"""Accounts: opened, found, changed, and what they come to."""

import re
import sqlite3

from simulator import servers
from simulator.money import shown, units
from simulator.orders import floating_profit, used_margin
from simulator.passwords import hashed, matches
from simulator.refusals import NOT_FOUND, WRONG_PARAMETERS, Refusal
from simulator.requests import Call, Json

PASSWORDS = ("trade", "observe")
_BATCH = 500
_HIGHEST_LEVERAGE = 10_000
_CURRENCY = re.compile(r"[A-Z]{3,8}", re.ASCII)


def named(call: Call, login: str) -> sqlite3.Row:
    """Raises Refusal if there is no such account."""
    found: sqlite3.Row | None = call.connection.execute(
        "SELECT * FROM account WHERE server = ? AND login = ?", (call.server, login)
    ).fetchone()
    if found is None:
        raise Refusal(NOT_FOUND)
    return found


def open_account(call: Call) -> Json:
    """As on a real server, the same request twice makes two accounts."""
    currency, key = call.text("currency"), call.comment("key")
    if not _CURRENCY.fullmatch(currency):
        raise Refusal(WRONG_PARAMETERS)
    login = servers.next_login(call)
    call.connection.execute(
        "INSERT INTO account (server, login, opening_key, group_name, name, currency, leverage,"
        " trade_password, observe_password) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(call.server, login, key, call.text("group"), call.text("name"), currency),
            call.whole("leverage", _HIGHEST_LEVERAGE),
            hashed(call.text("password")),
            hashed(call.text("observe_password")),
        ),
    )
    return {"login": login, "key": key}


def find_login(call: Call) -> Json:
    """The accounts that were opened with a key, the oldest first."""
    key = call.asked_comment("key")
    found = call.connection.execute(
        "SELECT login FROM account WHERE server = ? AND opening_key = ? ORDER BY rowid",
        (call.server, key),
    )
    return {"key": key, "logins": [row["login"] for row in found]}


def set_leverage(call: Call) -> Json:
    """Margins follow at once."""
    return _changed(call, "leverage", call.whole("leverage", _HIGHEST_LEVERAGE))


def set_enabled(call: Call) -> Json:
    """Who is disabled cannot trade; money still moves."""
    return _changed(call, "is_enabled", int(call.flag("is_enabled")))


def set_password(call: Call) -> Json:
    """Only a hash of it is kept."""
    kind = call.word("kind", *PASSWORDS)
    return _changed(call, f"{kind}_password", hashed(call.text("password")))


def set_credit(call: Call) -> Json:
    """What the broker lends: not a part of the balance."""
    currency = named(call, call.subject)["currency"]
    return _changed(call, "credit", units(call.text("credit"), currency))


def _changed(call: Call, column: str, value: int | str) -> Json:
    named(call, call.subject)
    call.connection.execute(
        f"UPDATE account SET {column} = ? WHERE server = ? AND login = ?",
        (value, call.server, call.subject),
    )
    return {"login": call.subject}


def check_password(call: Call) -> Json:
    """Whether it is the one that was set."""
    kind = call.word("kind", *PASSWORDS)
    kept = named(call, call.subject)[f"{kind}_password"]
    return {"is_right": matches(call.text("password"), kept)}


def account(call: Call) -> Json:
    """An account's figures."""
    return _figures(call, named(call, call.subject))


def accounts(call: Call) -> Json:
    """The figures of many; those that there are not are left out."""
    logins = call.body.get("logins")
    if not isinstance(logins, list) or len(logins) > _BATCH:
        raise Refusal(WRONG_PARAMETERS)
    if not all(isinstance(login, str) for login in logins):
        raise Refusal(WRONG_PARAMETERS)
    marks = ", ".join("?" * len(logins))
    found = call.connection.execute(
        f"SELECT * FROM account WHERE server = ? AND login IN ({marks}) ORDER BY login",
        (call.server, *logins),
    ).fetchall()
    return {"accounts": [_figures(call, row) for row in found]}


def free_margin(call: Call, row: sqlite3.Row) -> int:
    """What may be paid out, or be used for another position."""
    worth = int(row["balance"]) + int(row["credit"]) + floating_profit(call, row)
    return worth - used_margin(call, row)


def _figures(call: Call, row: sqlite3.Row) -> Json:
    margin = used_margin(call, row)
    equity = row["balance"] + row["credit"] + floating_profit(call, row)
    amounts = {
        "balance": row["balance"],
        "credit": row["credit"],
        "equity": equity,
        "margin": margin,
        "free_margin": equity - margin,
    }
    return {
        "login": row["login"],
        "group": row["group_name"],
        "currency": row["currency"],
        "leverage": row["leverage"],
        "is_enabled": bool(row["is_enabled"]),
        **{name: shown(amount, row["currency"]) for name, amount in amounts.items()},
    }
