"""From a trading server's address to a port: a bridge elsewhere, or the simulator in here."""

import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock

import httpx2

from gateways.exchange import client_for, is_address
from gateways.trading import TradingPort
from gateways.trading_bridge import TradingBridge
from gateways.trading_line import ECHO, Line
from simulator.answering import Answer, Delivery, Request, Simulator
from simulator.refusals import NotServedError

_CONNECT_SECONDS = 2.0
_TOTAL_SECONDS = 10.0
_EMBEDDED = "http://simulator"
_NAME = re.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


@dataclass
class TradingServers:
    """Ports to trading servers. `folder` is where the embedded simulator keeps what it is told."""

    folder: Path
    clock: Callable[[], datetime]
    connect_seconds: float = _CONNECT_SECONDS
    total_seconds: float = _TOTAL_SECONDS
    _ports: dict[tuple[str, str, str], TradingBridge] = field(default_factory=dict)
    _embedded: Simulator | None = None
    _lock: Lock = field(default_factory=Lock)

    def port(
        self,
        address: str,
        token: str,
        server_name: str,
        platform: str = "MT5",
        kind: str = "demo",
    ) -> TradingPort:
        """The server of this name at the bridge; or, with no address, at the embedded simulator,
        which makes it, for MT4 or MT5 and live or demo, if there is none. Always the same port for
        the same server, so that it remembers what has failed; good for several threads. Raises
        ValueError for an address that is none, and for a name that no server has: 1 to 64 letters,
        digits and `._-`, the first of them a letter or digit.
        """
        if not _NAME.fullmatch(server_name):
            raise ValueError("a trading server has no such name")
        if address and not is_address(address):
            raise ValueError("a bridge has no such address")
        wanted = (address, token, server_name)
        with self._lock:
            if wanted not in self._ports:
                transport = (
                    None if address else EmbeddedTransport(self, server_name, platform, kind)
                )
                self._ports[wanted] = TradingBridge(self._line(*wanted, transport))
            return self._ports[wanted]

    @property
    def simulator(self) -> Simulator:
        """The embedded one, made when it is first asked for."""
        with self._lock:
            if self._embedded is None:
                self._embedded = Simulator(self.folder)
            return self._embedded

    def close(self) -> None:
        """Closes every connection."""
        with self._lock:
            for port in self._ports.values():
                port.line.client.close()
            self._ports.clear()

    def _line(
        self, address: str, token: str, server_name: str, transport: httpx2.BaseTransport | None
    ) -> Line:
        waits = httpx2.Timeout(self.total_seconds, connect=self.connect_seconds)
        shown = f"Bearer {token}" if token else ""
        client = client_for(address or _EMBEDDED, shown, waits, transport)
        path = f"/servers/{server_name}"
        return Line(client, path, self.clock, self.connect_seconds, self.total_seconds)


@dataclass
class EmbeddedTransport(httpx2.BaseTransport):
    """Hands requests to the simulator in this process; a fault of its looks like one of the
    network's. The server is made at the first of them, unless it is there.
    """

    servers: TradingServers
    server_name: str
    platform: str
    kind: str
    _is_made: bool = False

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """See httpx2."""
        simulator = self._reached()
        asked = Request(
            request.method,
            request.url.path,
            dict(request.url.params),
            request.read(),
            request.headers.get(ECHO, ""),
        )
        try:
            return _response(simulator.answer(asked, self.servers.clock()))
        except sqlite3.Error as error:
            raise httpx2.ReadError(type(error).__name__) from error

    def _reached(self) -> Simulator:
        try:
            simulator = self.servers.simulator
            if not self._is_made:
                simulator.make_server(self.server_name, self.platform, self.kind)
                self._is_made = True
        except (sqlite3.Error, OSError, NotServedError) as error:
            raise httpx2.ConnectError(type(error).__name__) from error
        return simulator


def _response(answer: Answer) -> httpx2.Response:
    if answer.delivery is Delivery.HANGS:
        raise httpx2.ReadTimeout("the simulator hangs")
    if answer.delivery is Delivery.LOST:
        raise httpx2.RemoteProtocolError("the simulator has lost the answer")
    headers = {ECHO: answer.request_id}
    return httpx2.Response(answer.status, headers=headers, stream=httpx2.ByteStream(answer.body))
