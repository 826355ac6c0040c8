"""Trading servers for tests: embedded ones, and those of a simulator in a process of its own."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from gateways.trading import Figures, TradingPort
from gateways.trading_servers import TradingServers
from simulator.answering import Request
from tests.processes import Command, free_port, running_command, until

Json = Any
TRANSPORTS = ("embedded", "process")
TOKEN = "the-token-of-the-simulator-of-the-tests"
PASSWORDS = {"password": "canary-Trade-1", "observe_password": "canary-Observe-1"}
_PATIENCE_SECONDS = 30.0
_numbers = count(1)


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Reached:
    """A simulator, and how it is reached; without an address it is the embedded one."""

    folder: Path
    address: str = ""
    command: Command | None = None
    clock: Callable[[], datetime] = now

    @contextmanager
    def servers(self, total_seconds: float = _PATIENCE_SECONDS) -> Iterator[TradingServers]:
        opened = TradingServers(self.folder, self.clock, _PATIENCE_SECONDS, total_seconds)
        try:
            yield opened
        finally:
            opened.close()

    def is_ready(self) -> bool:
        assert self.command is not None
        assert self.command.process.poll() is None, self.command.told()
        try:
            httpx2.get(f"{self.address}/")
        except httpx2.HTTPError:
            return False
        return True

    def asked(self, servers: TradingServers, method: str, path: str, body: Json) -> Json:
        """A request as its own people make it: past the adapter. Must be answered well."""
        if self.address:
            headers = {"Authorization": f"Bearer {TOKEN}"}
            answer = httpx2.request(method, self.address + path, json=body, headers=headers)
            assert answer.status_code == 200, answer.text
            return answer.json()
        content = b"" if body is None else orjson.dumps(body)
        told = servers.simulator.answer(Request(method, path, {}, content, ""), self.clock())
        assert told.status == 200, told
        return orjson.loads(told.body)


@dataclass(frozen=True)
class TradingServer:
    """A trading server that nobody else has used."""

    reached: Reached
    servers: TradingServers
    name: str = field(default_factory=lambda: f"Test-{next(_numbers)}")

    @property
    def port(self) -> TradingPort:
        return self.servers.port(self.reached.address, TOKEN, self.name)

    def control(self, method: str, path: str, body: Json = None) -> Json:
        return self.reached.asked(self.servers, method, f"/servers/{self.name}{path}", body)

    def set_up(self, platform: str = "MT5") -> None:
        self.control("PUT", "", {"platform": platform, "kind": "live"})

    def fault(self, *coming: str, actions: list[str] | None = None) -> None:
        """What is to happen to the next requests."""
        meant = {} if actions is None else {"actions": actions}
        self.control("PUT", "/faults", {"next": coming, **meant})

    def are_faults_over(self) -> bool:
        return not self.control("GET", "/faults")["next"]

    def account(self, balance: str = "0", key: str = "A:1", **changed: Json) -> str:
        """The login of a new account with so much money."""
        wanted: Json = {"group": "demo", "name": "Ann Lee", "leverage": 100, "currency": "USD"}
        login = self.port.open_account(**wanted | PASSWORDS | changed, key=key)
        if Decimal(balance):
            self.port.balance_operation(login, Decimal(balance), "start")
        return login

    def balance(self, login: str) -> Decimal:
        return self.port.account(login).balance

    def figures(self, login: str) -> Figures:
        return self.port.account(login)

    def is_password(self, login: str, kind: str, password: str) -> bool:
        body = {"kind": kind, "password": password}
        answer = self.control("POST", f"/accounts/{login}/password/check", body)
        return bool(answer["is_right"])

    def buy(self, login: str, volume: str = "0.10", symbol: str = "EURUSD", **more: str) -> int:
        """The ticket of a new position."""
        body = {"symbol": symbol, "type": "BUY", "volume": volume, **more}
        return int(self.control("POST", f"/accounts/{login}/positions", body)["ticket"])

    def close(self, ticket: int) -> int:
        return int(self.control("POST", f"/positions/{ticket}/close")["deal"])

    def seed_deals(self, login: str, amounts: range) -> None:
        """As many deals as there are amounts, faster than one by one."""
        kept = sqlite3.connect(self.reached.folder / "simulator.sqlite", isolation_level=None)
        kept.execute("BEGIN IMMEDIATE")
        (last,) = kept.execute(
            "SELECT last_ticket FROM server WHERE name = ?", (self.name,)
        ).fetchone()
        kept.executemany(
            "INSERT INTO deal VALUES (?, ?, ?, 'balance', ?, ?, ?)",
            (
                (self.name, last + number, login, amount, f"S:{amount}", now().isoformat())
                for number, amount in enumerate(amounts, 1)
            ),
        )
        kept.execute(
            "UPDATE server SET last_ticket = ? WHERE name = ?", (last + len(amounts), self.name)
        )
        kept.execute("COMMIT")
        kept.close()


@contextmanager
def simulator_process(folder: Path, port: int) -> Iterator[Reached]:
    """`wlink simulator`, once it answers."""
    arguments = ("simulator", "--port", str(port))
    told: Json = {"data": folder, "simulator_token": TOKEN}
    with running_command(folder, *arguments, **told) as command:
        reached = Reached(folder, f"http://127.0.0.1:{port}", command)
        until(reached.is_ready, "a simulator that answers")
        yield reached


@pytest.fixture(scope="module", params=TRANSPORTS)
def reached(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Reached]:
    """A simulator, once in this process and once in another."""
    folder = tmp_path_factory.mktemp("simulator")
    if request.param == "embedded":
        yield Reached(folder)
        return
    with simulator_process(folder, free_port()) as process:
        yield process


@pytest.fixture
def trading(reached: Reached) -> Iterator[TradingServer]:
    with reached.servers() as servers:
        server = TradingServer(reached, servers)
        server.set_up()
        yield server
