"""What a request costs: wlink's dispatcher beside bare uvicorn, Starlette, FastAPI and Connexion.

All peers serve the same routes (benchmarks/peers/contract.py), each in a process of its own, and
are measured in turn, round by round. CPU time is the server's own, out of /proc. Needs wrk.

    make bench NAME=dispatch ARGS="--rounds 7"
"""

import argparse
import asyncio
import statistics
import sys
import time
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial

import orjson
from starlette.types import ASGIApp, Message

from benchmarks.peers.contract import BODY, POST, SECURED_POST
from benchmarks.peers.processes import Running, running
from benchmarks.peers.rounds import in_turn
from benchmarks.peers.servers import PEERS
from benchmarks.peers.wrk import load, required

BARE, FASTAPI = "bare uvicorn", "FastAPI"


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    token: bool = False

    @property
    def body(self) -> bytes:
        return orjson.dumps(BODY) if self.method == "POST" else b""

    @property
    def headers(self) -> dict[str, str]:
        kind = {"Content-Type": "application/json"} if self.body else {}
        return kind | ({"Authorization": "Bearer abc"} if self.token else {})


REQUESTS = {
    "POST, 8 fields": Request("POST", POST),
    "the same with a bearer token": Request("POST", SECURED_POST, token=True),
    "GET, 4 query parameters": Request("GET", f"{POST}?page=2&size=50&status=open&symbol=EURUSD"),
    "GET, path parameter": Request("GET", "/benchmark/orders/T26000001"),
}


def serving(peer: str) -> AbstractContextManager[Running]:
    command = [sys.executable, "-m", "benchmarks.peers.servers", peer, "{port}"]
    return running(command, "/benchmark/orders/T26000001")


@dataclass(frozen=True)
class Cost:
    """Of one measurement: CPU time of the server, and how many requests it answered."""

    microseconds: float
    per_second: float


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--seconds", type=int, default=2)
    arguments.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    options = arguments.parse_args()
    required()
    in_process(options.peers)
    with ExitStack() as stack:
        servers = {peer: stack.enter_context(serving(peer)) for peer in options.peers}
        for peer, server in servers.items():
            print(f"{peer}: first answer after {server.started_seconds:.1f} s", flush=True)
        for title, request in REQUESTS.items():
            measure = partial(_cost, request=request, seconds=options.seconds)
            report(title, in_turn(title, servers, options.rounds, measure))


def _cost(server: Running, request: Request, seconds: int) -> Cost:
    before = server.cpu_seconds()
    found = load(
        server.address + request.path,
        request.method,
        request.headers,
        request.body.decode(),
        seconds=seconds,
    )
    return Cost((server.cpu_seconds() - before) / found.requests * 1e6, found.per_second)


def report(title: str, costs: dict[str, list[Cost]]) -> None:
    """A table of medians. The spread is that of the middle half of the rounds."""
    print(f"\n{title}\n{'':<24}{'CPU us':>8}{'spread':>14}{'requests/s':>12}", end="")
    print(f"{'x bare':>9}{'FastAPI /':>11}")
    bare, fastapi = (_median(costs.get(peer, [])) for peer in (BARE, FASTAPI))
    for peer, found in costs.items():
        low, high = _spread([cost.microseconds for cost in found])
        cpu, rate = _median(found), statistics.median(cost.per_second for cost in found)
        print(f"{peer:<24}{cpu:>8.1f}{f'{low:.1f}-{high:.1f}':>14}{rate:>12.0f}", end="")
        print(f"{cpu / bare:>9.2f}{fastapi / cpu:>11.2f}")


def _median(costs: list[Cost]) -> float:
    return statistics.median([cost.microseconds for cost in costs] or [float("nan")])


def _spread(values: list[float]) -> tuple[float, float]:
    if len(values) < 4:
        return min(values), max(values)
    low, _, high = statistics.quantiles(values, n=4)
    return low, high


def in_process(peers: list[str]) -> None:
    """Without server and socket: the application alone, called in a loop."""
    print("In process: start of the application, and microseconds a request (best of 5 x 2,000)")
    for peer in (p for p in ("Connexion", "wlink", "wlink, answers checked") if p in peers):
        started = time.perf_counter()
        app = PEERS[peer]()
        took = time.perf_counter() - started
        costs = [asyncio.run(_called(app, request)) for request in REQUESTS.values()]
        shown = "  ".join(f"{cost:6.1f}" for cost in costs)
        print(f"{peer:<24}{took:6.2f} s  {shown}")


async def _called(app: ASGIApp, request: Request) -> float:
    path, _, query = request.path.partition("?")
    headers = [(k.lower().encode(), v.encode()) for k, v in request.headers.items()]
    scope = {
        "type": "http",
        "method": request.method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [*headers, (b"content-length", b"%d" % len(request.body))],
        "root_path": "",
        "scheme": "http",
        "server": ("127.0.0.1", 80),
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def send(message: Message) -> None:
        assert message.get("status", 200) == 200

    best = float("inf")
    for _ in range(5):
        started = time.perf_counter()
        for _ in range(2000):
            await app({**scope, "headers": list(scope["headers"])}, receive, send)
        best = min(best, (time.perf_counter() - started) / 2000 * 1e6)
    return best


if __name__ == "__main__":
    main()
