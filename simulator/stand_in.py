"""A payment gateway that is none: it speaks a part of Stripe's API, and moves no money."""

import json
import re
import secrets
import sqlite3
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from simulator import checkout
from simulator.answering import Answer, Delivery
from simulator.checkout import Call, WrongRequestError, found_session, shown, status_at
from simulator.faults import BEFORE, Fault
from simulator.refusals import NotServedError
from simulator.storage import Storage

Json = Any

PAGES = "/stand-in/payments"
_SESSIONS = "/v1/checkout/sessions"
_REFERENCE = "([A-Za-z0-9_]{1,255})"


class Asked(NamedTuple):
    """A request to the API; whose it is, is known."""

    account: str
    method: str
    path: str
    body: bytes
    key: str = ""


class Event(NamedTuple):
    """What the account is to be told: JSON, to be signed when it is sent."""

    account: str
    body: bytes


@dataclass(frozen=True)
class Shown:
    """A session as its page shows it."""

    reference: str
    title: str
    order_number: str
    amount: int
    currency: str
    status: str
    return_url: str


_ROUTES: tuple[tuple[str, str, Callable[..., Json]], ...] = (
    ("POST", _SESSIONS, checkout.create),
    ("GET", f"{_SESSIONS}/{_REFERENCE}", checkout.retrieve),
    ("POST", f"{_SESSIONS}/{_REFERENCE}/expire", checkout.expire),
    ("POST", "/v1/webhook_endpoints", checkout.register),
)


class StandIn:
    """Sessions, kept in a folder. Several processes may have one on the same folder. `address` is
    where this server is reached. Faults that are put into `coming` happen to the next requests of
    this process.
    """

    def __init__(self, folder: Path, address: str) -> None:
        self._storage = Storage(folder, "checkout.sqlite", checkout.FORM)
        self._pages = address.rstrip("/") + PAGES
        self.coming: deque[Fault] = deque()

    def answer(self, asked: Asked, now: datetime) -> Answer:
        """Never raises what the request is to blame for."""
        try:
            return self._answer(asked, now)
        except WrongRequestError as error:
            told = {"type": error.kind, "code": error.code, "message": "It is refused."}
            return _told(error.status, {"error": told})
        except NotServedError as error:
            return refused(error)

    def _answer(self, asked: Asked, now: datetime) -> Answer:
        act, names = _routed(asked)
        fault = self.coming.popleft() if self.coming else Fault.NONE
        if fault in BEFORE:
            return _undone(fault)
        form = dict(parse_qsl(asked.body.decode("utf-8", "replace"), keep_blank_values=True))
        with self._storage.writing() as connection:
            call = Call(connection, asked.account, form, asked.key, now, self._pages)
            answer = _told(200, act(call, *names))
        if fault is Fault.HANG_APPLIED:
            return answer._replace(delivery=Delivery.HANGS)
        return answer._replace(delivery=Delivery.LOST) if fault is Fault.LOSE else answer

    def session(self, reference: str, now: datetime) -> Shown | None:
        """What the page shows, if there is such a session."""
        with self._storage.reading() as connection:
            row = found_session(connection, reference)
        if row is None:
            return None
        status = status_at(row, int(now.timestamp()))
        names = ("reference", "title", "order_number", "amount", "currency", "return_url")
        return Shown(**{name: row[name] for name in names}, status=status)

    def pay(self, reference: str, now: datetime, amount: int | None = None) -> Event | None:
        """The client pays, or pays another amount; None if he no longer can."""
        with self._storage.writing() as connection:
            row = found_session(connection, reference)
            if row is None or status_at(row, int(now.timestamp())) != "open":
                return None
            paid = row["amount"] if amount is None else amount
            statement = "UPDATE session SET status = 'complete', amount = ? WHERE reference = ?"
            connection.execute(statement, (paid, reference))
            return self._happened(connection, reference, "completed", now)

    def expired(self, reference: str, now: datetime) -> Event:
        """What is told of a session that has ended unpaid."""
        with self._storage.writing() as connection:
            return self._happened(connection, reference, "expired", now)

    def _happened(
        self, connection: sqlite3.Connection, reference: str, what: str, now: datetime
    ) -> Event:
        row = found_session(connection, reference)
        call = Call(connection, row["account"], {}, "", now, self._pages)
        event = {
            "id": f"evt_{secrets.token_hex(12)}",
            "object": "event",
            "created": call.at,
            "type": f"checkout.session.{what}",
            "data": {"object": shown(call, row)},
        }
        body = json.dumps(event, indent=2).encode()
        kept = (reference, body)
        connection.execute("INSERT INTO event (reference, body) VALUES (?, ?)", kept)
        return Event(row["account"], body)

    def last_event(self, reference: str) -> Event | None:
        """What was told last of a session, to be told again."""
        with self._storage.reading() as connection:
            row = connection.execute(
                "SELECT account, body FROM event JOIN session USING (reference)"
                " WHERE reference = ? ORDER BY number DESC LIMIT 1",
                (reference,),
            ).fetchone()
        return Event(row["account"], row["body"]) if row else None

    def endpoints(self, account: str) -> list[tuple[str, str]]:
        """Where the account wants to be told, each with its secret."""
        with self._storage.reading() as connection:
            statement = "SELECT url, secret FROM endpoint WHERE account = ?"
            return [(url, secret) for url, secret in connection.execute(statement, (account,))]


def _routed(asked: Asked) -> tuple[Callable[..., Json], tuple[str, ...]]:
    for method, path, act in _ROUTES:
        found = re.fullmatch(path, asked.path, re.ASCII)
        if found and method == asked.method:
            return act, found.groups()
    raise WrongRequestError("url_unknown", 404)


def _undone(fault: Fault) -> Answer:
    if fault is Fault.REFUSE:
        raise WrongRequestError("refused_on_purpose", 402, "api_error")
    if fault is Fault.ERROR:
        return Answer(500, b"<h1>Server Error</h1>", "")
    return Answer(504, b"", "", Delivery.HANGS)


def refused(error: NotServedError) -> Answer:
    """The answer to a request that has not come as far as the sessions."""
    return _told(error.status, {"error": {"type": "api_error", "message": error.word}})


def _told(status: int, body: Json) -> Answer:
    return Answer(status, json.dumps(body).encode(), "", action="checkout")
