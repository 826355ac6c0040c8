"""Checkout sessions, as Stripe's API has them: the part of it that docs/payments.md names."""

import json
import re
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Json = Any

_SHORTEST, _LONGEST = 30 * 60, 24 * 3600
_LARGEST = 99_999_999
_TEXT = 5000
_PRICE = "line_items[0][price_data]"
_METADATA = re.compile(r"metadata\[([a-z_]{1,40})\]", re.ASCII)
_FIXED = {"mode": "payment", "line_items[0][quantity]": "1"}
_FIELDS = {
    *_FIXED,
    *(f"{_PRICE}{name}" for name in ("[currency]", "[unit_amount]", "[product_data][name]")),
    *("client_reference_id", "success_url", "cancel_url", "expires_at"),
}

FORM = """
CREATE TABLE IF NOT EXISTS session (
    reference TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    title TEXT NOT NULL,
    order_number TEXT NOT NULL,
    metadata TEXT NOT NULL,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    return_url TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    status TEXT NOT NULL DEFAULT 'open'
) STRICT;
CREATE TABLE IF NOT EXISTS given_answer (
    account TEXT NOT NULL,
    key TEXT NOT NULL,
    asked TEXT NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (account, key)
) STRICT;
CREATE TABLE IF NOT EXISTS event (
    number INTEGER PRIMARY KEY,
    reference TEXT NOT NULL REFERENCES session,
    body BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS endpoint (
    account TEXT NOT NULL,
    url TEXT NOT NULL,
    secret TEXT NOT NULL
) STRICT;
"""


class WrongRequestError(Exception):
    """Refused as Stripe refuses: with a status, a type and a code."""

    def __init__(self, code: str, status: int = 400, kind: str = "invalid_request_error") -> None:
        super().__init__(code)
        self.code, self.status, self.kind = code, status, kind


@dataclass(frozen=True)
class Call:
    """A request of an account's, within a transaction. `address` is where the pages are."""

    connection: sqlite3.Connection
    account: str
    form: dict[str, str]
    key: str
    now: datetime
    address: str

    @property
    def at(self) -> int:
        """In seconds, as all moments are here."""
        return int(self.now.timestamp())


def create(call: Call) -> Json:
    """The same key gets the same answer, and only if it asks for the same."""
    asked = json.dumps(call.form, sort_keys=True)
    given = call.connection.execute(
        "SELECT asked, answer FROM given_answer WHERE account = ? AND key = ?",
        (call.account, call.key),
    ).fetchone()
    if given and given["asked"] != asked:
        raise WrongRequestError("idempotency_key_reused", kind="idempotency_error")
    if given:
        return json.loads(given["answer"])
    answer = shown(call, _made(call))
    if call.key:
        kept = (call.account, call.key, asked, json.dumps(answer))
        call.connection.execute("INSERT INTO given_answer VALUES (?, ?, ?, ?)", kept)
    return answer


def _made(call: Call) -> Json:
    form = call.form
    _require(form.keys() >= _FIELDS, "parameter_missing")
    _require(
        all(name in _FIELDS or _METADATA.fullmatch(name) for name in form), "parameter_unknown"
    )
    _require(all(form[name] == value for name, value in _FIXED.items()), "parameter_invalid")
    _require(all(0 < len(value) <= _TEXT for value in form.values()), "parameter_invalid_empty")
    metadata = {
        match[1]: value for name, value in form.items() if (match := _METADATA.fullmatch(name))
    }
    row = (
        f"cs_stand_in_{secrets.token_hex(24)}",
        *(call.account, form[f"{_PRICE}[product_data][name]"], form["client_reference_id"]),
        *(json.dumps(metadata), _amount(form), _currency(form), _return_url(form)),
        *(call.at, _expires_at(call)),
    )
    call.connection.execute(
        "INSERT INTO session (reference, account, title, order_number, metadata, amount, currency,"
        " return_url, created, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        row,
    )
    return found_session(call.connection, row[0])


def _amount(form: dict[str, str]) -> int:
    units = _whole(form[f"{_PRICE}[unit_amount]"])
    _require(units > 0, "amount_too_small")
    _require(units <= _LARGEST, "amount_too_large")
    return units


def _currency(form: dict[str, str]) -> str:
    code = form[f"{_PRICE}[currency]"]
    _require(re.fullmatch("[a-z]{3}", code, re.ASCII) is not None, "currency_not_supported")
    return code


def _return_url(form: dict[str, str]) -> str:
    for name in ("success_url", "cancel_url"):
        _require(re.fullmatch(r"https?://\S+", form[name]) is not None, "url_invalid")
    return form["success_url"]


def _expires_at(call: Call) -> int:
    moment = _whole(call.form["expires_at"])
    _require(_SHORTEST <= moment - call.at <= _LONGEST, "expires_at_invalid")
    return moment


def _whole(text: str) -> int:
    _require(re.fullmatch("[0-9]{1,12}", text, re.ASCII) is not None, "parameter_invalid_integer")
    return int(text)


def _require(fits: bool, code: str) -> None:
    if not fits:
        raise WrongRequestError(code)


def retrieve(call: Call, reference: str) -> Json:
    """An account sees its own sessions."""
    return shown(call, _own(call, reference))


def expire(call: Call, reference: str) -> Json:
    """What is open can no longer be paid."""
    if shown(call, _own(call, reference))["status"] != "open":
        raise WrongRequestError("checkout_session_not_open")
    end(call.connection, reference, "expired")
    return shown(call, _own(call, reference))


def register(call: Call) -> Json:
    """Where the account wants to be told of payments, and the secret that signs what it is told."""
    url, secret = call.form.get("url", ""), f"whsec_{secrets.token_hex(24)}"
    _require(re.fullmatch(r"https?://\S{1,2000}", url) is not None, "url_invalid")
    call.connection.execute("INSERT INTO endpoint VALUES (?, ?, ?)", (call.account, url, secret))
    return {"object": "webhook_endpoint", "url": url, "secret": secret}


def _own(call: Call, reference: str) -> Json:
    row = found_session(call.connection, reference)
    if row is None or row["account"] != call.account:
        raise WrongRequestError("resource_missing", 404)
    return row


def found_session(connection: sqlite3.Connection, reference: str) -> Json:
    """The session's row, or None."""
    return connection.execute("SELECT * FROM session WHERE reference = ?", (reference,)).fetchone()


def end(connection: sqlite3.Connection, reference: str, status: str) -> None:
    """It is complete or expired."""
    statement = "UPDATE session SET status = ? WHERE reference = ?"
    connection.execute(statement, (status, reference))


def shown(call: Call, row: sqlite3.Row) -> Json:
    """A session as the API tells it."""
    status = status_at(row, call.at)
    return {
        "id": row["reference"],
        "object": "checkout.session",
        "amount_total": row["amount"],
        "cancel_url": row["return_url"],
        "client_reference_id": row["order_number"],
        "created": row["created"],
        "currency": row["currency"],
        "expires_at": row["expires_at"],
        "livemode": False,
        "metadata": json.loads(row["metadata"]),
        "mode": "payment",
        "payment_status": "paid" if status == "complete" else "unpaid",
        "status": status,
        "success_url": row["return_url"],
        "url": f"{call.address}/{row['reference']}" if status == "open" else None,
    }


def status_at(row: sqlite3.Row, at: int) -> str:
    """What is open ends by itself."""
    is_over = row["status"] == "open" and at >= row["expires_at"]
    return "expired" if is_over else str(row["status"])
