"""Two operations of the real server beside what others would have built, on one database.

Operation 19 (the broker, public) and 37 (20 of a client's 50 messages, with a bearer token): wlink
as `wlink serve` starts it, the outbox left to somebody else; FastAPI with SQLModel the way their
documentation goes; bare Starlette with SQL by hand. One process each, under uvicorn with uvloop
and httptools, no access log (wlink's own line for each request stays). All ask the database for
what they answer and for the token; the tenant of a host each of them remembers for a second. Both
peers open their transactions as their drivers do, wlink by its own rules; it validates each request
against the contract, and its security headers, metrics and log are its own, too. The answers are
compared before anything is measured.

Medians of the rounds, in which the servers take turns; `wlink is x` is the median of what each
round says of requests a second. CPU time, which a busy machine disturbs least, is the server's own
for one request, without the database's. Needs wrk.

    make bench NAME=api ARGS="--database postgresql://postgres@127.0.0.1:5432/"
"""

import argparse
import json
import statistics
import sys
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import Request as Call
from urllib.request import urlopen

from benchmarks.peers.broker import Broker, broker
from benchmarks.peers.bulk import bring_messages
from benchmarks.peers.processes import Running, running
from benchmarks.peers.rounds import in_turn
from benchmarks.peers.wrk import load, required
from contract.documents import merged
from contract.operations import operations

Json = Any

OPERATIONS = operations(merged().document)
MESSAGES = 50
WLINK = "wlink"
PEERS = {"FastAPI + SQLModel": "fastapi_api", "Starlette + SQL": "starlette_api"}
WANTED = {"FastAPI + SQLModel": 2.0, "Starlette + SQL": 0.7}


@dataclass(frozen=True)
class Request:
    operation: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return OPERATIONS[self.operation].path + self.query


class Cost(NamedTuple):
    """Times are in milliseconds, of the CPU in microseconds a request."""

    per_second: float
    median: float
    slow: float
    microseconds: float


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--database", default="", help="a PostgreSQL server; else SQLite")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=3)
    arguments.add_argument("--connections", type=int, default=8)
    options = arguments.parse_args()
    required()
    with broker(options.database) as tenant, ExitStack() as stack:
        requests = _requests(tenant)
        servers = {WLINK: stack.enter_context(tenant.serving(outbox=False))}
        for peer, module in PEERS.items():
            servers[peer] = stack.enter_context(_serving(module, tenant))
        for request in requests:
            compare(servers, request)
        for request in requests:
            measure = partial(
                _loaded, request, seconds=options.seconds, connections=options.connections
            )
            title = request.operation
            report(title, in_turn(title, servers, options.rounds, measure))


def _requests(tenant: Broker) -> list[Request]:
    (client,) = tenant.users(["client@example.com"])
    bring_messages(tenant, {client.id: MESSAGES})
    login = {"Authorization": f"Bearer {tenant.token(client)}"}
    return [
        Request("get_company"),
        Request("list_client_messages", "?page=1&size=20", login),
    ]


def _serving(module: str, tenant: Broker) -> AbstractContextManager[Running]:
    command = [sys.executable, "-m", f"benchmarks.peers.{module}", "{port}", tenant.address]
    return running(command, OPERATIONS["get_company"].path)


def compare(servers: dict[str, Running], request: Request) -> None:
    """Stops if the servers do not answer alike, or let somebody in without his token."""
    answers = {
        name: _answer(server, request.path, request.headers) for name, server in servers.items()
    }
    for name, answer in answers.items():
        if answer != answers[WLINK] or answer[0] != 200:
            sys.exit(f"{request.path}: {name} answers {answer}, wlink {answers[WLINK]}")
    if request.headers:
        for name, server in servers.items():
            for headers in ({}, {"Authorization": "Bearer nobody"}):
                if (status := _answer(server, request.path, headers)[0]) != 401:
                    sys.exit(f"{request.path}: {name} lets strangers in: {status}")


def _answer(server: Running, path: str, headers: dict[str, str]) -> tuple[int, Json]:
    try:
        with urlopen(Call(server.address + path, headers=headers)) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        return refused.code, None


def _loaded(request: Request, server: Running, *, seconds: int, connections: int) -> Cost:
    before = server.cpu_seconds()
    found = load(
        server.address + request.path,
        OPERATIONS[request.operation].method,
        request.headers,
        "",
        seconds=seconds,
        connections=connections,
    )
    used = (server.cpu_seconds() - before) / found.requests * 1e6
    return Cost(found.per_second, found.median, found.slow, used)


def report(title: str, found: dict[str, list[Cost]]) -> None:
    print(f"\n{title:<24}{'requests/s':>12}{'p50 ms':>9}{'p99 ms':>9}{'CPU us':>9}", end="")
    print(f"{'wlink is x':>12}{'wanted':>9}")
    for name, costs in found.items():
        rate, half, slow, used = map(statistics.median, zip(*costs, strict=True))
        print(f"  {name:<22}{rate:>12.0f}{half:>9.2f}{slow:>9.2f}{used:>9.0f}", end="")
        if name in WANTED:
            pairs = zip(found[WLINK], costs, strict=True)
            ratio = statistics.median(ours.per_second / theirs.per_second for ours, theirs in pairs)
            print(f"{ratio:>12.2f}{WANTED[name]:>9.1f}", end="")
        print(flush=True)


if __name__ == "__main__":
    main()
