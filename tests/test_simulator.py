"""The simulator of trading servers: prices, money and orders that are sound, and its own face."""

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from functools import partial
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gateways.trading import (
    DealKind,
    PasswordKind,
    Retcode,
    TradingError,
    TradingRejectedError,
    TradingUnavailableError,
)
from gateways.trading_servers import TradingServers
from simulator import deals
from simulator.answering import ROUTES, Request, Simulator
from simulator.faults import Fault
from simulator.quotes import SYMBOLS, quote
from simulator.storage import Storage
from tests.processes import free_port, running_command, until
from tests.server import Clock
from tests.trading_servers import PASSWORDS, TOKEN, Reached, TradingServer, simulator_process

Json = Any

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "trading-bridge.md").read_text("utf-8")
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def embedded(tmp_path: Path, clock: Clock) -> Iterator[TradingServer]:
    reached = Reached(tmp_path, clock=clock)
    with reached.servers() as servers:
        yield TradingServer(reached, servers)


# Prices.


def test_every_process_sees_the_same_prices() -> None:
    program = (
        "from datetime import UTC, datetime\n"
        "from simulator.quotes import SYMBOLS, quote\n"
        "noon = datetime(2026, 1, 15, 12, tzinfo=UTC)\n"
        "print([str(quote(symbol, noon).bid) for symbol in SYMBOLS.values()])\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == str([str(quote(each, NOON).bid) for each in SYMBOLS.values()])


@pytest.mark.parametrize("symbol", SYMBOLS.values(), ids=str)
def test_prices_move_a_little_in_a_second_and_more_in_a_week(symbol: Any) -> None:
    def prices(step: timedelta) -> list[Decimal]:
        return [quote(symbol, NOON + number * step).bid for number in range(200)]

    seconds, days = prices(timedelta(seconds=1)), prices(timedelta(days=1))
    steps = [abs(one / other - 1) for one, other in pairwise(seconds)]
    assert max(steps) < Decimal("0.001")
    assert len(set(seconds)) > 20
    start = Decimal(symbol.start).scaleb(-symbol.digits)
    assert all(Decimal("0.9") < price / start < Decimal("1.1") for price in days)
    assert max(days) / min(days) > Decimal("1.01")
    assert all(str(price)[::-1].index(".") == symbol.digits for price in seconds)


# Positions.


def test_what_a_position_gains_becomes_balance(embedded: TradingServer, clock: Clock) -> None:
    login = embedded.account("10000")
    opened_at = quote(SYMBOLS["EURUSD"], clock.moment).ask
    ticket = embedded.buy(login, "0.50", swap="-1.20", commission="-3.50")
    clock.forward(hours=3)
    closed_at = quote(SYMBOLS["EURUSD"], clock.moment).bid
    assert opened_at != closed_at
    gained = ((closed_at - opened_at) * 50_000).quantize(Decimal("0.01"))
    (position,) = embedded.port.positions(login)
    assert (position.close_price, position.profit) == (closed_at, gained)
    assert embedded.figures(login).equity == 10_000 + gained - Decimal("4.70")
    deal = embedded.close(ticket)
    assert embedded.balance(login) == 10_000 + gained - Decimal("4.70")
    booked = embedded.port.deals(login=login).items[-1]
    assert (booked.ticket, booked.kind) == (deal, DealKind.TRADE)
    assert booked.amount == gained - Decimal("4.70")
    assert embedded.port.find_balance_operations(login, f"#{ticket}") == []


def test_who_sells_gains_when_the_price_falls(embedded: TradingServer, clock: Clock) -> None:
    login = embedded.account("10000")
    body = {"symbol": "EURUSD", "type": "SELL", "volume": "1"}
    embedded.control("POST", f"/accounts/{login}/positions", body)
    clock.forward(days=1)
    (position,) = embedded.port.positions(login)
    fallen = position.open_price - position.close_price
    assert position.profit == (fallen * 100_000).quantize(Decimal("0.01")) != 0


def test_profit_comes_in_the_currency_of_the_account(embedded: TradingServer, clock: Clock) -> None:
    login = embedded.account("10000", currency="EUR")
    embedded.buy(login, "1", "USDJPY")
    clock.forward(hours=5)
    (position,) = embedded.port.positions(login)
    yen = (position.close_price - position.open_price) * 100_000
    dollars = yen / quote(SYMBOLS["USDJPY"], clock.moment).bid
    euros = dollars / quote(SYMBOLS["EURUSD"], clock.moment).bid
    assert position.profit == euros.quantize(Decimal("0.01")) != 0


@pytest.mark.parametrize("leverage", [1, 30, 500])
def test_margin_is_the_worth_of_the_lots_by_the_leverage(
    embedded: TradingServer, clock: Clock, leverage: int
) -> None:
    login = embedded.account("1000000")
    embedded.buy(login, "0.30")
    embedded.port.set_leverage(login, leverage)
    worth = 30_000 * quote(SYMBOLS["EURUSD"], clock.moment).bid / leverage
    assert embedded.figures(login).margin == worth.quantize(Decimal("0.01"), ROUND_CEILING)


def test_who_has_too_little_opens_nothing(embedded: TradingServer) -> None:
    login = embedded.account("100")
    with pytest.raises(AssertionError, match=str(int(Retcode.NO_MONEY))):
        embedded.buy(login, "1")
    assert embedded.port.positions(login) == []


@pytest.mark.parametrize("wrong", [{"volume": "0"}, {"volume": "0.001"}, {"volume": "1e2"}])
def test_an_odd_volume_is_refused(embedded: TradingServer, wrong: dict[str, str]) -> None:
    login = embedded.account("100000")
    with pytest.raises(AssertionError, match='"retcode": 3'):
        embedded.buy(login, **wrong)


def test_a_position_is_closed_once(embedded: TradingServer) -> None:
    login = embedded.account("10000")
    ticket = embedded.buy(login)
    embedded.close(ticket)
    balance = embedded.balance(login)
    with pytest.raises(AssertionError, match=str(int(Retcode.NOT_FOUND))):
        embedded.close(ticket)
    assert embedded.balance(login) == balance


class Trading(RuleBasedStateMachine):
    """Somebody pays in, pays out and trades, in any order. His deals always make up his balance."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.clock = Clock()
        reached = Reached(Path(self.folder.name), clock=self.clock)
        self.server = TradingServer(reached, TradingServers(reached.folder, self.clock))
        self.login = self.server.account("1000")
        self.paid = Decimal(1000)

    def teardown(self) -> None:
        self.server.servers.close()
        self.folder.cleanup()

    @rule(amount=st.decimals(-2000, 2000, places=2), again=st.booleans())
    def pay(self, amount: Decimal, again: bool) -> None:
        for _ in range(2 if again else 1):
            if not amount:
                continue
            free = self.server.figures(self.login).free_margin
            try:
                self.server.port.balance_operation(self.login, amount, "D:1")
            except TradingRejectedError as refused:
                assert refused.retcode == Retcode.NO_MONEY
                assert -amount > free
            else:
                assert -amount <= free
                self.paid += amount

    @rule(volume=st.sampled_from(["0.01", "0.37"]), symbol=st.sampled_from(sorted(SYMBOLS)))
    def trade(self, volume: str, symbol: str) -> None:
        if self.server.figures(self.login).free_margin > 60_000:
            self.server.buy(self.login, volume, symbol, commission="-0.07")

    @rule(which=st.integers(0, 3))
    def end(self, which: int) -> None:
        open_now = self.server.port.positions(self.login)
        if which < len(open_now):
            self.server.close(open_now[which].ticket)

    @rule(minutes=st.integers(1, 3000))
    def wait(self, minutes: int) -> None:
        self.clock.forward(minutes=minutes)

    @rule(credit=st.sampled_from(["0", "500000.00"]))
    def lend(self, credit: str) -> None:
        self.server.control("PUT", f"/accounts/{self.login}/credit", {"credit": credit})

    @invariant()
    def deals_make_up_the_balance(self) -> None:
        figures = self.server.figures(self.login)
        booked = self.server.port.deals(login=self.login).items
        assert figures.balance == sum(deal.amount for deal in booked)
        assert self.paid == sum(deal.amount for deal in booked if deal.kind is DealKind.BALANCE)
        gained = [each.profit + each.swap + each.commission for each in self.closed()]
        assert figures.balance == self.paid + sum(gained)

    def closed(self) -> list[Any]:
        return self.server.port.closed(login=self.login).items

    @invariant()
    def figures_fit_together(self) -> None:
        figures, open_now = (
            self.server.figures(self.login),
            self.server.port.positions(self.login),
        )
        floating = sum(each.profit + each.swap + each.commission for each in open_now)
        assert figures.equity == figures.balance + figures.credit + floating
        assert figures.free_margin == figures.equity - figures.margin
        assert (figures.margin > 0) is bool(open_now)


TestTrading = Trading.TestCase
TestTrading.settings = settings(max_examples=20, stateful_step_count=12, deadline=None)


# Storage.


def test_of_many_who_take_all_there_is_one_gets_it(embedded: TradingServer) -> None:
    """Each as a process of its own would do it, with a simulator of its own."""

    def take(servers: TradingServers, login: str, number: int) -> bool:
        port = servers.port("", "", embedded.name)
        try:
            port.balance_operation(login, Decimal(-100), f"W:{number}")
        except TradingError:
            return False
        return True

    with ThreadPoolExecutor(10) as pool:
        for number in range(5):
            login = embedded.account("100", key=f"A:{number}")
            own = [replace(embedded.servers, _ports={}, _embedded=None) for _ in range(10)]
            taken = list(pool.map(partial(take, login=login, number=number), own))
            assert taken.count(True) == 1
            assert embedded.balance(login) == 0
            for servers in own:
                servers.close()


def test_many_who_pay_in_at_once_wait_for_each_other(embedded: TradingServer) -> None:
    login = embedded.account()

    def pay(number: int) -> None:
        servers = replace(embedded.servers, _ports={}, _embedded=None)
        for time in range(6):
            servers.port("", "", embedded.name).balance_operation(
                login, Decimal(1), f"D:{number}:{time}"
            )
        servers.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(pay, range(4)))
    assert embedded.balance(login) == 24


def test_a_deal_and_its_balance_are_written_together(
    embedded: TradingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = embedded.account("100")

    def fail(*_: object) -> str:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(deals, "shown", fail)  # what follows when both are written
    with pytest.raises(TradingError):
        embedded.port.balance_operation(login, Decimal(5), "D:1")
    monkeypatch.undo()
    assert embedded.balance(login) == 100
    assert embedded.port.find_balance_operations(login, "D:1") == []


def test_what_is_committed_is_on_the_disk(tmp_path: Path) -> None:
    storage = Storage(tmp_path)
    with storage.writing() as connection:
        wanted = {"journal_mode": "delete", "synchronous": 2, "foreign_keys": 1}
        for name, value in wanted.items():
            assert connection.execute(f"PRAGMA {name}").fetchone()[0] == value
    assert storage.path.stat().st_mode & 0o077 == 0


def test_who_is_kept_waiting_has_changed_nothing(
    embedded: TradingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = embedded.account("1")
    fresh = embedded.servers.port("", "another", embedded.name)
    monkeypatch.setattr("simulator.storage._BUSY_SECONDS", 0)
    other = sqlite3.connect(embedded.reached.folder / "simulator.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    for port in (embedded.port, fresh):
        with pytest.raises(TradingUnavailableError):
            port.balance_operation(login, Decimal(1), "D:1")
    other.execute("ROLLBACK")
    other.close()
    assert embedded.balance(login) == 1


def test_no_password_stands_in_the_file(embedded: TradingServer) -> None:
    login = embedded.account()
    embedded.port.set_password(login, PasswordKind.TRADE, "canary-Another-1")
    content = (embedded.reached.folder / "simulator.sqlite").read_bytes()
    assert b"Ann Lee" in content
    for password in (*PASSWORDS.values(), "canary-Another-1"):
        for spelled in (password.encode(), password.encode("utf-16-le")):
            assert spelled not in content
    assert b"canary" not in content


# Requests that are not as documented.


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/", b"", 404),
        ("GET", "/servers/S/nothing", b"", 404),
        ("GET", "/servers/S/accounts/x", b"", 404),
        ("DELETE", "/servers/S/accounts", b"", 405),
        ("POST", "/servers/S/accounts", b"{", 400),
        ("POST", "/servers/S/accounts", b"[]", 400),
        ("POST", "/servers/S/accounts", b"\xff", 400),
        ("POST", "/servers/S/accounts", b"[" * 100_000, 400),
        ("POST", "/servers/S/accounts", b"{}", 422),
        ("GET", "/servers/T", b"", 404),
        ("GET", "/servers/S/accounts", b"", 422),
        ("POST", "/servers/S/accounts/figures", b'{"logins": "1"}', 422),
        ("POST", "/servers/S/accounts/figures", b'{"logins": [1]}', 422),
        ("POST", "/servers/S/accounts/1/operations", b'{"amount": 5, "comment": "D"}', 422),
        ("PUT", "/servers/S", b'{"platform": "MT6", "kind": "live"}', 422),
    ],
)
def test_what_is_not_as_documented_is_refused(
    tmp_path: Path, method: str, path: str, body: bytes, status: int
) -> None:
    simulator = Simulator(tmp_path)
    simulator.make_server("S")
    answer = simulator.answer(Request(method, path, {}, body, "id"), NOON)
    assert (answer.status, answer.request_id) == (status, "id")
    assert b'"error"' in answer.body


@pytest.mark.parametrize("cursor", ["x", "-1", "1" * 19, "１"])  # noqa: RUF001  # a digit of another script
def test_a_cursor_that_was_never_told_is_refused(tmp_path: Path, cursor: str) -> None:
    simulator = Simulator(tmp_path)
    simulator.make_server("S")
    answer = simulator.answer(Request("GET", "/servers/S/deals", {"cursor": cursor}, b"", ""), NOON)
    assert answer.status == 422


def test_a_server_that_is_set_up_again_keeps_what_it_has(embedded: TradingServer) -> None:
    login = embedded.account("7")
    embedded.set_up("MT4")
    assert embedded.balance(login) == 7
    assert embedded.control("GET", "")["platform"] == "MT4"
    assert embedded.account(key="A:2") != login


# Its own face.


def test_the_command_says_where_it_answers_and_where_the_token_is(tmp_path: Path) -> None:
    port = free_port()
    arguments = ("simulator", "--port", str(port), "--data", str(tmp_path / "data"))
    with running_command(tmp_path, *arguments) as command:
        until(lambda: "answers on" in command.told(), "the address")
        kept = tmp_path / "data" / "simulator-token"
        first = command.told().splitlines()[0]
        assert f"http://127.0.0.1:{port}" in first
        assert str(kept) in first
        assert kept.stat().st_mode & 0o077 == 0
        token = kept.read_text()
        headers = {"Authorization": f"Bearer {token}"}
        url = f"http://127.0.0.1:{port}/servers/S"
        body = {"platform": "MT5", "kind": "demo"}
        until(lambda: is_answered(url, headers, body), "an answer")
        assert token not in command.told()
        assert command.stop() == 0


def is_answered(url: str, headers: dict[str, str], body: Json) -> bool:
    try:
        return httpx2.put(url, headers=headers, json=body).status_code == 200
    except httpx2.ConnectError:
        return False


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reached]:
    with simulator_process(tmp_path_factory.mktemp("simulator"), free_port()) as reached:
        yield reached


@pytest.mark.parametrize(
    "shown",
    [None, "", "Bearer", f"bearer {TOKEN}", f"Bearer {TOKEN}x", f"Basic {TOKEN}"],
)
@pytest.mark.parametrize("path", ["/", "/servers/S", "/servers/S/faults"])
def test_without_the_token_nothing_is_told(process: Reached, shown: str | None, path: str) -> None:
    headers = {"X-Request-Id": "7"} | ({} if shown is None else {"Authorization": shown})
    for method in ("GET", "PUT"):
        answer = httpx2.request(method, process.address + path, headers=headers)
        assert (answer.status_code, answer.json()) == (401, {"error": "unauthorized"})
        assert answer.headers["X-Request-Id"] == "7"


def test_a_request_that_is_too_long_is_refused(process: Reached) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    url = f"{process.address}/servers/S"
    answer = httpx2.put(url, headers=headers, content=b" " * 300_000)
    assert (answer.status_code, answer.json()) == (413, {"error": "too_large"})


def test_what_is_written_of_requests_holds_no_secret(process: Reached) -> None:
    with process.servers() as servers:
        server = TradingServer(process, servers, "Logged")
        server.set_up()
        login = server.account("5")
        server.port.set_password(login, PasswordKind.TRADE, "canary-Another-1")
        server.fault("lose", "error")
        for _ in range(2):
            with pytest.raises(TradingUnavailableError):
                server.port.find_login("canary-key")
        server.port.ping()
    assert process.command is not None
    told = process.command.told()
    assert '"operation":"set_password"' in told
    assert "canary" not in told
    assert TOKEN not in told


# The guide.


def test_the_guide_names_every_request() -> None:
    for route in ROUTES:
        path = route.path.pattern
        subject = "{ticket}" if path.endswith("/close") else "{login}"
        path = re.sub(r"\(\?P<server>.*?\)", "{server}", path)
        path = re.sub(r"\(\?P<subject>.*?\)", subject, path)
        assert re.search(re.escape(path) + r"[`?]", GUIDE), path
        assert route.is_control or f"`{route.action}`" in GUIDE, route.action


def test_the_guide_names_every_fault_and_reason() -> None:
    for word in (*Fault, *(str(int(code)) for code in Retcode)):
        assert re.search(rf"^\| `?{word}`? \|", GUIDE, re.MULTILINE), word


def test_an_embedded_simulator_that_has_no_folder_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with Reached(tmp_path / "file").servers() as servers, pytest.raises(TradingUnavailableError):
        servers.port("", "", "S").ping()
