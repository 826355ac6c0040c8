"""Deals: everything that changes a balance. There is no other way, so they always make it up."""

import sqlite3

from simulator import servers
from simulator.accounts import free_margin, named
from simulator.money import LARGEST, shown, units
from simulator.refusals import NO_MONEY, WRONG_PARAMETERS, Refusal
from simulator.requests import Call, Json

PAGE = 500


def book(call: Call, row: sqlite3.Row, kind: str, amount: int, comment: str) -> int:
    """The deal's ticket. It and the balance change together, or not at all."""
    if abs(row["balance"] + amount) > LARGEST:
        raise Refusal(WRONG_PARAMETERS)
    ticket = servers.next_ticket(call)
    call.connection.execute(
        "INSERT INTO deal (server, ticket, login, kind, amount, comment, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (call.server, ticket, row["login"], kind, amount, comment, call.at()),
    )
    call.connection.execute(
        "UPDATE account SET balance = balance + ? WHERE server = ? AND login = ?",
        (amount, call.server, row["login"]),
    )
    return ticket


def balance_operation(call: Call) -> Json:
    """As on a real server, the same request twice moves the money twice."""
    row, comment = named(call, call.subject), call.comment("comment")
    amount = units(call.text("amount"), row["currency"])
    if amount == 0:
        raise Refusal(WRONG_PARAMETERS)
    if amount < 0 and -amount > free_margin(call, row):
        raise Refusal(NO_MONEY)
    return {
        "ticket": book(call, row, "balance", amount, comment),
        "login": row["login"],
        "amount": shown(amount, row["currency"]),
        "comment": comment,
    }


def find_balance_operations(call: Call) -> Json:
    """Those of an account that have a comment, the oldest first."""
    row, comment = named(call, call.subject), call.asked_comment("comment")
    found = call.connection.execute(
        "SELECT * FROM deal WHERE server = ? AND login = ? AND comment = ? AND kind = 'balance'"
        " ORDER BY ticket",
        (call.server, row["login"], comment),
    )
    deals = [_shown(deal, row["currency"]) for deal in found]
    return {"login": row["login"], "comment": comment, "deals": deals}


def deals(call: Call) -> Json:
    """A page of deals. Tickets are given in the order in which transactions end, so that nothing
    appears later in front of the cursor.
    """
    cursor, login = call.asked_cursor(), call.query.get("login", "")
    found = call.connection.execute(
        "SELECT deal.*, currency FROM deal JOIN account USING (server, login)"
        " WHERE server = ? AND ticket > ? AND ? IN ('', login) ORDER BY ticket LIMIT ?",
        (call.server, cursor, login, PAGE),
    ).fetchall()
    last = found[-1]["ticket"] if found else cursor
    return {"deals": [_shown(deal, deal["currency"]) for deal in found], "cursor": str(last)}


def _shown(deal: sqlite3.Row, currency: str) -> Json:
    return {
        "ticket": deal["ticket"],
        "login": deal["login"],
        "kind": deal["kind"],
        "amount": shown(deal["amount"], currency),
        "comment": deal["comment"],
        "at": deal["at"],
    }
