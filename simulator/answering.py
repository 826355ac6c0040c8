"""From a request to an answer, whichever way the two travel; see docs/trading-bridge.md."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from simulator import accounts, deals, faults, orders, servers, trading
from simulator.faults import BEFORE, Fault, drawn
from simulator.refusals import REJECTED, NotServedError, Refusal
from simulator.requests import Call, Json
from simulator.storage import Storage

_SERVER = "/servers/(?P<server>[A-Za-z0-9][A-Za-z0-9._-]{0,63})"
_ACCOUNT = "/accounts/(?P<subject>[0-9]{1,18})"


class Delivery(StrEnum):
    """What becomes of an answer: it arrives, it never comes, or the connection breaks."""

    ARRIVES = "arrives"
    HANGS = "hangs"
    LOST = "lost"


class Request(NamedTuple):
    """As it was sent; who sends it is known to be allowed to."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes
    request_id: str


class Answer(NamedTuple):
    """JSON, unless it is garbage on purpose; and the id of the request that it belongs to."""

    status: int
    body: bytes
    request_id: str
    delivery: Delivery = Delivery.ARRIVES
    action: str = "none"


@dataclass(frozen=True)
class Route:
    """An action. A control is no part of the protocol, and suffers no faults."""

    method: str
    path: "re.Pattern[str]"
    act: Callable[[Call], Json]
    changes: bool
    is_control: bool = False

    @property
    def action(self) -> str:
        """Its name."""
        return self.act.__name__


def _reads(method: str, path: str, act: Callable[[Call], Json]) -> Route:
    return Route(method, re.compile(_SERVER + path), act, changes=False)


def _changes(method: str, path: str, act: Callable[[Call], Json]) -> Route:
    return Route(method, re.compile(_SERVER + path), act, changes=True)


def _controls(method: str, path: str, act: Callable[[Call], Json]) -> Route:
    return replace(_changes(method, path, act), is_control=True)


ROUTES = (
    _reads("GET", "", servers.about),
    _changes("POST", "/accounts", accounts.open_account),
    _reads("GET", "/accounts", accounts.find_login),
    _reads("POST", "/accounts/figures", accounts.accounts),
    _reads("GET", _ACCOUNT, accounts.account),
    _changes("PUT", f"{_ACCOUNT}/leverage", accounts.set_leverage),
    _changes("PUT", f"{_ACCOUNT}/password", accounts.set_password),
    _changes("PUT", f"{_ACCOUNT}/enabled", accounts.set_enabled),
    _changes("POST", f"{_ACCOUNT}/operations", deals.balance_operation),
    _reads("GET", f"{_ACCOUNT}/operations", deals.find_balance_operations),
    _reads("GET", "/deals", deals.deals),
    _reads("GET", "/positions", orders.positions),
    _reads("GET", "/pendings", orders.pendings),
    _reads("GET", "/closed", orders.closed),
    _reads("GET", "/symbols", trading.symbols),
    _controls("PUT", "", servers.set_up),
    _controls("PUT", "/faults", faults.set_faults),
    _controls("GET", "/faults", faults.faults),
    _controls("PUT", f"{_ACCOUNT}/credit", accounts.set_credit),
    _controls("POST", f"{_ACCOUNT}/password/check", accounts.check_password),
    _controls("POST", f"{_ACCOUNT}/positions", trading.open_position),
    _controls("POST", f"{_ACCOUNT}/pendings", trading.place_pending),
    _controls("POST", "/positions/(?P<subject>[0-9]{1,18})/close", trading.close_position),
)


class Simulator:
    """Trading servers, kept in a folder. Several processes may have one on the same folder."""

    def __init__(self, folder: Path) -> None:
        self._storage = Storage(folder)
        self._last: dict[tuple[str, str], Answer] = {}
        self._lock = Lock()

    def make_server(self, name: str, platform: str = "MT5", kind: str = "demo") -> None:
        """Unless it is there."""
        with self._storage.reading() as connection:
            if servers.exists(connection, name):
                return
        with self._storage.writing() as connection:
            if not servers.exists(connection, name):
                servers.make(connection, name, platform, kind)

    def answer(self, request: Request, now: datetime) -> Answer:
        """Never raises what the request is to blame for."""
        try:
            route, path = _routed(request)
        except NotServedError as fault:
            return not_served(fault, request.request_id)
        return self._routed_answer(request, route, path, now)._replace(action=route.action)

    def _routed_answer(
        self, request: Request, route: Route, path: dict[str, str], now: datetime
    ) -> Answer:
        try:
            return self._answer(request, route, path, now)
        except Refusal as refusal:
            told = {"error": "refused", "retcode": refusal.retcode}
            return _told(422, told, request.request_id)
        except NotServedError as fault:
            return not_served(fault, request.request_id)

    def _answer(
        self, request: Request, route: Route, path: dict[str, str], now: datetime
    ) -> Answer:
        server, subject, body = path["server"], path.get("subject", ""), _read(request.body)
        fault = Fault.NONE if route.is_control else drawn(self._storage, server, route.action)
        if fault in BEFORE:
            return _undone(request, fault)
        transaction = self._storage.writing if route.changes else self._storage.reading
        with transaction() as connection:
            if route.act is not servers.set_up and not servers.exists(connection, server):
                raise NotServedError(404, "unknown_server")
            call = Call(connection, server, subject, request.query, body, now)
            result = route.act(call)
        return self._delivered(
            _told(200, result, request.request_id), fault, (server, route.action)
        )

    def _delivered(self, answer: Answer, fault: Fault, kind: tuple[str, str]) -> Answer:
        with self._lock:
            # Nobody has asked before: then it is an answer to somebody else.
            last = self._last.get(kind, answer._replace(request_id="0" * 32))
            self._last[kind] = answer
        if fault is Fault.TWICE:
            return last
        if fault is Fault.HANG_APPLIED:
            return answer._replace(delivery=Delivery.HANGS)
        if fault is Fault.LOSE:
            return answer._replace(delivery=Delivery.LOST)
        return answer


def _undone(request: Request, fault: Fault) -> Answer:
    if fault is Fault.REFUSE:
        raise Refusal(REJECTED)
    if fault is Fault.ERROR:
        return Answer(500, b"<h1>Server Error</h1>", request.request_id)
    return Answer(504, b"", request.request_id, Delivery.HANGS)


def _routed(request: Request) -> tuple[Route, dict[str, str]]:
    found = [(route, route.path.fullmatch(request.path)) for route in ROUTES]
    fitting = [(route, match.groupdict()) for route, match in found if match]
    if not fitting:
        raise NotServedError(404, "unknown_path")
    for route, path in fitting:
        if route.method == request.method:
            return route, path
    raise NotServedError(405, "wrong_method")


def _read(body: bytes) -> dict[str, Json]:
    try:
        read = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise NotServedError(400, "unreadable") from None
    if not isinstance(read, dict):
        raise NotServedError(400, "unreadable")
    return read


def not_served(fault: NotServedError, request_id: str) -> Answer:
    """The answer to a request that has come to no trading server."""
    return _told(fault.status, {"error": fault.word}, request_id)


def _told(status: int, body: Json, request_id: str) -> Answer:
    return Answer(status, json.dumps(body).encode(), request_id)
