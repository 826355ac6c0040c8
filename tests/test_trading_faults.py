"""Trading servers that fail: what may have happened is told apart from what cannot have."""

import os
import signal
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import httpx2
import orjson
import pytest

from gateways.breaker import Breaker
from gateways.trading import (
    PasswordKind,
    TradingError,
    TradingPort,
    TradingRejectedError,
    TradingUnavailableError,
    TradingUnknownError,
)
from gateways.trading_bridge import TradingBridge
from gateways.trading_line import ECHO, Line
from tests.processes import free_port, until
from tests.server import Clock
from tests.trading_servers import (
    PASSWORDS,
    TOKEN,
    Reached,
    TradingServer,
    reached,
    simulator_process,
    trading,
)

__all__ = ["reached", "trading"]

Json = Any

pytestmark = pytest.mark.long
Act = Callable[[TradingPort, str], object]
Look = Callable[[TradingServer, str], bool]

OPENING: Json = {"group": "g", "name": "n", "leverage": 100, "currency": "USD", **PASSWORDS}
LOGIN = "1000001"


def deposit(port: TradingPort, login: str) -> int:
    return port.balance_operation(login, Decimal(10), "D:7")


# How something is changed, and whether it was.
CHANGES: dict[str, tuple[Act, Look]] = {
    "balance_operation": (deposit, lambda server, login: server.balance(login) == 110),
    "open_account": (
        lambda port, _: port.open_account(**OPENING, key="A:7"),
        lambda server, _: server.port.find_login("A:7") is not None,
    ),
    "set_leverage": (
        lambda port, login: port.set_leverage(login, 50),
        lambda server, login: server.figures(login).leverage == 50,
    ),
    "set_password": (
        lambda port, login: port.set_password(login, PasswordKind.TRADE, "other-1"),
        lambda server, login: server.is_password(login, "trade", "other-1"),
    ),
    "set_enabled": (
        lambda port, login: port.set_enabled(login, False),
        lambda server, login: not server.figures(login).is_enabled,
    ),
}
# What is said of a change, and whether it was made.
FAULTS: dict[str, tuple[type[TradingError], bool]] = {
    "refuse": (TradingRejectedError, False),
    "error": (TradingUnknownError, False),
    "hang": (TradingUnknownError, False),
    "hang_applied": (TradingUnknownError, True),
    "lose": (TradingUnknownError, True),
    "twice": (TradingUnknownError, True),
}
READS: dict[str, Act] = {
    "about": lambda port, _: port.ping(),
    "find_login": lambda port, _: port.find_login("A:1"),
    "account": lambda port, login: port.account(login),
    "accounts": lambda port, login: port.accounts([login]),
    "find_balance_operations": lambda port, login: port.find_balance_operations(login, "D:7"),
    "deals": lambda port, _: port.deals(),
    "positions": lambda port, login: port.positions(login),
    "pendings": lambda port, login: port.pendings(login),
    "closed": lambda port, _: port.closed(),
    "symbols": lambda port, _: port.symbols(),
}


@contextmanager
def impatient(server: TradingServer) -> Iterator[TradingPort]:
    """Gives up soon."""
    with server.reached.servers(total_seconds=0.2) as servers:
        yield servers.port(server.reached.address, TOKEN, server.name)


@pytest.mark.parametrize("action", CHANGES)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_for_what_it_is(trading: TradingServer, fault: str, action: str) -> None:
    act, was_done = CHANGES[action]
    error, is_applied = FAULTS[fault]
    login = trading.account("100")
    trading.fault(fault, actions=[action])
    with impatient(trading) as port, pytest.raises(error) as told:
        act(port if "hang" in fault else trading.port, login)
    assert type(told.value) is error
    until(trading.are_faults_over, "a fault")
    if is_applied:
        until(lambda: was_done(trading, login), "what was asked for")
    assert was_done(trading, login) is is_applied


@pytest.mark.parametrize("action", READS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_question_that_fails_has_changed_nothing(
    trading: TradingServer, fault: str, action: str
) -> None:
    login = trading.account("100")
    expected = TradingRejectedError if fault == "refuse" else TradingUnavailableError
    trading.fault(fault, actions=[action])
    with impatient(trading) as port, pytest.raises(expected):
        READS[action](port if "hang" in fault else trading.port, login)
    READS[action](trading.port, login)


def test_the_answer_of_somebody_else_s_payment_is_not_taken(trading: TradingServer) -> None:
    login = trading.account("100")
    first = trading.port.balance_operation(login, Decimal(1), "D:1")
    trading.fault("twice", actions=["balance_operation"])
    with pytest.raises(TradingUnknownError, match="another request"):
        trading.port.balance_operation(login, Decimal(1), "D:2")
    (found,) = trading.port.find_balance_operations(login, "D:2")
    assert found.ticket > first


def test_a_share_of_requests_fails_and_always_the_same(trading: TradingServer) -> None:
    def pattern(server: TradingServer) -> list[bool]:
        wanted = {"share": 0.3, "kinds": ["refuse"], "seed": 7, "actions": ["about"]}
        server.control("PUT", "/faults", wanted)
        return [is_refused(server.port.ping) for _ in range(60)]

    found = pattern(trading)
    assert 6 <= sum(found) <= 30
    assert pattern(trading) == found
    trading.control("PUT", "/faults", {})
    trading.port.ping()


def is_refused(call: Callable[[], object]) -> bool:
    try:
        call()
    except TradingRejectedError:
        return True
    return False


@pytest.mark.parametrize(
    "wanted",
    [
        *({"next": ["explode"]}, {"next": "lose"}, {"share": 1.1, "kinds": ["lose"]}),
        *({"share": 0.5}, {"share": "0.5", "kinds": ["lose"]}, {"shares": 1}, {"actions": 1}),
    ],
)
def test_faults_that_there_are_not_are_refused(trading: TradingServer, wanted: Json) -> None:
    with pytest.raises(AssertionError, match="refused"):
        trading.control("PUT", "/faults", wanted)


def sent_once(server: TradingServer, clock: Clock, login: str, comment: str) -> None:
    """What a careful caller does: looks it up, and sends it if it is not there. He has enough time
    for the breaker to let him through.
    """

    def is_there() -> bool:
        try:
            if server.port.find_balance_operations(login, comment):
                return True
            server.port.balance_operation(login, Decimal(1), comment)
        except TradingError:
            clock.forward(seconds=31)
            return False
        return True

    until(is_there, f"{comment} done")


def test_nothing_is_lost_and_nothing_doubled_for_who_looks_before_he_sends(
    trading: TradingServer,
) -> None:
    login = trading.account()
    kinds = ["refuse", "lose", "twice", "error"]
    kinds += [] if trading.reached.address else ["hang", "hang_applied"]
    trading.control("PUT", "/faults", {"share": 0.3, "kinds": kinds, "seed": 3})
    comments = [f"D:{number}" for number in range(100)]
    clock = Clock()
    with replace(trading.reached, clock=clock).servers() as servers:
        patient = replace(trading, servers=servers)
        for comment in comments:
            sent_once(patient, clock, login, comment)
    trading.control("PUT", "/faults", {})
    assert [deal.comment for deal in trading.port.deals(login=login).items] == comments
    assert trading.balance(login) == len(comments)


def test_who_is_not_there_was_told_nothing() -> None:
    with Reached(Path("/nowhere"), "x").servers() as servers:
        for address in (f"http://127.0.0.1:{free_port()}", "http://no-such-host.invalid"):
            port = servers.port(address, TOKEN, "x")
            with pytest.raises(TradingUnavailableError) as told:
                deposit(port, LOGIN)
            assert TOKEN not in f"{told.value!r} {port!r}"


# A bridge whose every answer is a test's to say.

Answer = Callable[[httpx2.Request], httpx2.Response]


def line_to(answer: Answer, clock: Clock | None = None, patience: float = 30) -> Line:
    client = httpx2.Client(base_url="http://bridge", transport=httpx2.MockTransport(answer))
    return Line(client, "/servers/x", clock or Clock(), patience, 30)


@contextmanager
def bridge_to(answer: Answer, clock: Clock | None = None) -> Iterator[TradingBridge]:
    line = line_to(answer, clock)
    with closing(line.client):
        yield TradingBridge(line)


def told(content: bytes, status: int = 200, **headers: str) -> httpx2.Response:
    """Not read yet, as one that comes from far."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.Response(status, stream=httpx2.ByteStream(content), headers=named)


def echoed(request: httpx2.Request, body: Json, status: int = 200) -> httpx2.Response:
    return told(orjson.dumps(body), status, x_request_id=request.headers[ECHO])


def done(request: httpx2.Request, **changed: Json) -> httpx2.Response:
    """A balance operation as it should be answered."""
    sent = orjson.loads(request.content)
    return echoed(request, {"ticket": 5, "login": LOGIN, **sent, **changed})


def test_a_right_answer_is_taken() -> None:
    with bridge_to(done) as bridge:
        assert deposit(bridge, LOGIN) == 5


NOT_SENT = (
    *(httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout),
    *(httpx2.UnsupportedProtocol, httpx2.InvalidURL),
)
IN_DOUBT = (
    *(httpx2.ReadTimeout, httpx2.WriteTimeout, httpx2.ReadError, httpx2.WriteError),
    *(httpx2.RemoteProtocolError, httpx2.CloseError, httpx2.LocalProtocolError),
    *(httpx2.DecodingError, httpx2.TooManyRedirects, httpx2.ProxyError),
)


@pytest.mark.parametrize("fault", [*NOT_SENT, *IN_DOUBT])
def test_a_fault_after_sending_leaves_a_doubt(fault: Callable[[str], Exception]) -> None:
    def fail(_: httpx2.Request) -> httpx2.Response:
        raise fault(f"Authorization: {TOKEN}")

    expected = TradingUnavailableError if fault in NOT_SENT else TradingUnknownError
    with bridge_to(fail) as bridge:
        with pytest.raises(expected) as told:
            deposit(bridge, LOGIN)
        assert TOKEN not in str(told.value)
        with pytest.raises(TradingUnavailableError):
            bridge.find_balance_operations(LOGIN, "D:7")


@pytest.mark.parametrize(
    "answer",
    [
        partial(done, comment="D:70"),
        partial(done, login="1000002"),
        partial(done, amount="11.00"),
        partial(done, amount=10.0),
        partial(done, amount="1e1"),
        partial(done, ticket="5"),
        partial(done, ticket=True),
        partial(done, ticket=None),
        lambda request: echoed(request, []),
        lambda request: echoed(request, {}),
        lambda request: echoed(request, {}, 302),
        lambda request: echoed(request, {}, 500),
        lambda request: echoed(request, {"error": "refused"}, 422),
        lambda request: echoed(request, {"error": "refused", "retcode": "3"}, 422),
        lambda request: echoed(request, {"error": "who knows"}, 503),
        lambda request: echoed(request, {"error": ["busy"]}, 503),
        lambda request: told(b'{"error": "busy"}', 503),
        lambda request: told(b'{"error": "refused", "retcode": 3}', 422),
        lambda request: told(b"<html>", x_request_id=request.headers[ECHO]),
        lambda request: told(b"[" * 100_000, x_request_id=request.headers[ECHO]),
        lambda request: told(done(request).read()),
        lambda request: told(done(request).read(), x_request_id="another"),
    ],
)
def test_an_answer_that_is_not_as_it_should_be_leaves_a_doubt(answer: Answer) -> None:
    with bridge_to(answer) as bridge, pytest.raises(TradingUnknownError):
        deposit(bridge, LOGIN)


@pytest.mark.parametrize(
    ("status", "word"), [(503, "busy"), (401, "unauthorized"), (404, "unknown_server")]
)
def test_what_the_bridge_has_not_served_was_not_done(status: int, word: str) -> None:
    answer = partial(echoed, body={"error": word}, status=status)
    with bridge_to(answer) as bridge, pytest.raises(TradingUnavailableError, match=word):
        deposit(bridge, LOGIN)


def test_an_opened_account_that_is_somebody_else_s_is_not_taken() -> None:
    for answer in ({"login": LOGIN, "key": "A:70"}, {"login": "x", "key": "A:7"}, {"key": "A:7"}):
        with bridge_to(partial(echoed, body=answer)) as bridge, pytest.raises(TradingUnknownError):
            bridge.open_account(**OPENING, key="A:7")


DEAL = {"ticket": 5, "login": LOGIN, "kind": "balance", "amount": "10.00", "comment": "D:7"}
DEAL["at"] = "2026-01-15T10:00:00+01:00"


@pytest.mark.parametrize(
    "found",
    [
        {"login": LOGIN, "comment": "D:70", "deals": []},
        {"login": "1000002", "comment": "D:7", "deals": []},
        {"login": LOGIN, "comment": "D:7"},
        {"login": LOGIN, "comment": "D:7", "deals": {}},
        *(
            {"login": LOGIN, "comment": "D:7", "deals": [DEAL | wrong]}
            for wrong in (
                {"comment": "D:70"},
                {"login": "1000002"},
                {"kind": "trade"},
                {"kind": "gift"},
                {"at": "2026-01-15T10:00:00"},
                {"at": 17},
                {"amount": 10},
            )
        ),
    ],
)
def test_a_look_that_is_not_answered_rightly_finds_nothing_out(found: Json) -> None:
    with bridge_to(partial(echoed, body=found)) as bridge, pytest.raises(TradingUnavailableError):
        bridge.find_balance_operations(LOGIN, "D:7")


def test_moments_are_utc() -> None:
    found = {"login": LOGIN, "comment": "D:7", "deals": [DEAL]}
    with bridge_to(partial(echoed, body=found)) as bridge:
        (deal,) = bridge.find_balance_operations(LOGIN, "D:7")
    assert deal.at.isoformat() == "2026-01-15T09:00:00+00:00"


@pytest.mark.parametrize(
    ("answer", "ask"),
    [
        ({"key": "A:70", "logins": []}, lambda bridge: bridge.find_login("A:7")),
        ({"key": "A:7", "logins": [17]}, lambda bridge: bridge.find_login("A:7")),
        ({"key": "A:7"}, lambda bridge: bridge.find_login("A:7")),
        ({"deals": []}, lambda bridge: bridge.deals()),
        ({"deals": [DEAL], "cursor": "5"}, lambda bridge: bridge.deals(login="1000002")),
        ({"orders": []}, lambda bridge: bridge.closed()),
        ({}, lambda bridge: bridge.positions(LOGIN)),
        ({}, lambda bridge: bridge.symbols()),
        ({"login": "1000002"}, lambda bridge: bridge.account(LOGIN)),
        ({"accounts": [{}]}, lambda bridge: bridge.accounts([LOGIN])),
    ],
)
def test_a_question_that_is_not_answered_rightly_is_not_answered(
    answer: Json, ask: Callable[[TradingBridge], object]
) -> None:
    with bridge_to(partial(echoed, body=answer)) as bridge, pytest.raises(TradingUnavailableError):
        ask(bridge)


def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    parts = []

    def endless() -> Iterator[bytes]:
        for _ in range(1000):
            parts.append(1)
            yield b" " * 100_000

    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=endless(), headers={ECHO: request.headers[ECHO]})

    with bridge_to(answer) as bridge, pytest.raises(TradingUnknownError, match="too long"):
        deposit(bridge, LOGIN)
    assert len(parts) < 100


# A bridge that is slow, on a socket of its own.


@contextmanager
def slow_bridge(talk: Callable[[socket.socket], object]) -> Iterator[TradingPort]:
    """Whoever calls it has half a second of patience."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, suppress(OSError):
                    talk(connection)

    thread = Thread(target=serve)
    thread.start()
    try:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with Reached(Path("/nowhere"), address).servers(total_seconds=0.5) as servers:
            yield servers.port(address, TOKEN, "x")
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def drip(text: bytes, sent: list[int], connection: socket.socket) -> None:
    """A byte now and then: no single wait is long."""
    connection.recv(65536)
    stopped = Event()
    for number in range(len(text)):
        connection.send(text[number : number + 1])
        sent.append(number)
        stopped.wait(0.05)


@pytest.mark.parametrize(
    "text",
    [b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 100, b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 100],
)
def test_an_answer_that_comes_drop_by_drop_is_given_up(text: bytes) -> None:
    sent: list[int] = []
    with slow_bridge(partial(drip, text, sent)) as port, pytest.raises(TradingUnknownError):
        deposit(port, LOGIN)
    assert len(sent) < len(text)


def test_a_silent_server_leaves_a_doubt() -> None:
    silence = Event()
    with slow_bridge(lambda _: silence.wait(60)) as port:
        with pytest.raises(TradingUnknownError):
            deposit(port, LOGIN)
        silence.set()


def test_nobody_is_followed_elsewhere() -> None:
    asked = []

    def send_on(connection: socket.socket) -> None:
        asked.append(connection.recv(65536))
        connection.send(b"HTTP/1.1 307 Elsewhere\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")

    with slow_bridge(send_on) as port, pytest.raises(TradingUnknownError):
        deposit(port, LOGIN)
    assert len(asked) == 1


def test_a_request_whose_time_is_up_before_it_is_sent_is_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Finding the address may take longer than everything else."""
    connect, heard = socket.create_connection, []

    def late(*place: Any, **more: Any) -> socket.socket:
        Event().wait(1)
        return connect(*place, **more)

    monkeypatch.setattr(socket, "create_connection", late)

    def hear(connection: socket.socket) -> None:
        heard.append(connection.recv(65536))

    with slow_bridge(hear) as port, pytest.raises(TradingUnavailableError):
        deposit(port, LOGIN)
    assert heard in ([], [b""])


# Not too many calls at once, and none for a while where all fail.


def test_nine_do_not_call_at_once() -> None:
    inside, released = Barrier(9), Event()

    def answer(request: httpx2.Request) -> httpx2.Response:
        inside.wait(30)
        released.wait(30)
        return done(request)

    line = line_to(answer, patience=0.01)
    bridge = TradingBridge(line)
    with closing(line.client), ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(deposit, bridge, LOGIN) for _ in range(8)]
        inside.wait(30)  # for the eight of them
        with pytest.raises(TradingUnavailableError, match="at once"):
            deposit(bridge, LOGIN)
        released.set()
        assert [call.result() for call in calls] == [5] * 8
        inside.reset()


class Flaky:
    """Fails as long as it is told to."""

    def __init__(self) -> None:
        self.calls, self.is_away = 0, True

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.calls += 1
        if self.is_away:
            raise httpx2.ReadTimeout("away")
        return done(request)


def failing(bridge: TradingBridge, times: int) -> list[str]:
    told = []
    for _ in range(times):
        with pytest.raises(TradingError) as error:
            deposit(bridge, LOGIN)
        told.append(type(error.value).__name__)
    return told


def test_who_has_failed_five_times_is_left_alone_for_half_a_minute() -> None:
    clock, server = Clock(), Flaky()
    with bridge_to(server, clock) as bridge:
        told = failing(bridge, 7)
        assert told == ["TradingUnknownError"] * 5 + ["TradingUnavailableError"] * 2
        clock.forward(seconds=29)
        assert failing(bridge, 1) == ["TradingUnavailableError"]
        assert server.calls == 5
        clock.forward(seconds=1)
        assert failing(bridge, 2) == ["TradingUnknownError", "TradingUnavailableError"]
        assert server.calls == 6
        clock.forward(seconds=30)
        server.is_away = False
        assert [deposit(bridge, LOGIN) for _ in range(3)] == [5, 5, 5]


def test_failures_that_lie_apart_are_not_counted_together() -> None:
    clock, server = Clock(), Flaky()
    with bridge_to(server, clock) as bridge:
        for _ in range(8):
            assert failing(bridge, 1) == ["TradingUnknownError"]
            clock.forward(seconds=8)


def test_refusals_are_no_failures() -> None:
    answer = partial(echoed, body={"error": "refused", "retcode": 10019}, status=422)
    with bridge_to(answer) as bridge:
        assert failing(bridge, 9) == ["TradingRejectedError"] * 9


def test_one_caller_alone_tries_whether_a_server_is_back() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(5):
        breaker.failed()
    clock.forward(seconds=30)
    with ThreadPoolExecutor(8) as pool:
        tried = list(pool.map(lambda _: breaker.lets_through(), range(40)))
    assert tried.count(True) == 1


# Killed.


def test_what_was_acknowledged_is_there_after_a_simulator_was_killed(tmp_path: Path) -> None:
    port, comments = free_port(), [f"D:{number}" for number in range(1000)]
    acknowledged: list[str] = []
    doubtful: list[str] = []
    login = ""
    for _ in range(3):
        with simulator_process(tmp_path, port) as process, process.servers() as servers:
            server = TradingServer(process, servers, "Killed")
            server.set_up()
            login = login or server.account()
            server.fault("refuse", actions=["about"])
            assert process.command is not None
            enough = len(acknowledged) + 10
            with ThreadPoolExecutor(1) as pool:
                paying = pool.submit(pay, server, login, comments, acknowledged, doubtful)
                until(partial(_are, acknowledged, enough), "payments")
                os.killpg(process.command.pid, signal.SIGKILL)
                paying.result()
    with simulator_process(tmp_path, port) as process, process.servers() as servers:
        server = TradingServer(process, servers, "Killed")
        with pytest.raises(TradingRejectedError):
            server.port.ping()
        kept = [deal.comment for deal in server.port.deals(login=login).items]
        assert len(acknowledged) >= 30
        assert len(kept) == len(set(kept)) == server.balance(login)
        assert set(acknowledged) <= set(kept) <= {*acknowledged, *doubtful}


def _are(acknowledged: list[str], enough: int) -> bool:
    return len(acknowledged) >= enough


def pay(
    server: TradingServer,
    login: str,
    comments: list[str],
    acknowledged: list[str],
    doubtful: list[str],
) -> None:
    """One after another, until the server is gone."""
    while True:
        comment = comments.pop(0)
        try:
            server.port.balance_operation(login, Decimal(1), comment)
        except TradingUnknownError:
            doubtful.append(comment)
        except TradingUnavailableError:
            return
        else:
            acknowledged.append(comment)
