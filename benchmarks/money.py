"""How many orders of money a second, and how long a client waits for each.

Deposits (a draft, then its receipt: two requests), transfers and withdrawals over HTTP, each with
an Idempotency-Key, from as many clients at once as are asked for; what the operators approve, and
what the worker then brings to the trading servers (the simulator in its own process), one after the
other. 1 and 2 workers, SQLite and, if a server is named, PostgreSQL. What a key costs is the ratio
of transfers with and without one. Times are in milliseconds; the clients run on the same machine.

    make bench NAME=money ARGS="--database postgresql://postgres@127.0.0.1:5432/"
"""

import argparse
import logging
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, pairwise
from threading import local
from typing import Any, NamedTuple
from uuid import uuid4

import httpx2
import structlog

from backoffice import cash_orders
from backoffice.cash_orders import DEPOSIT
from backoffice.desk import Desk
from benchmarks.peers.broker import Broker, broker
from benchmarks.peers.cashier import Client, bring_clients, bring_receipt, channel
from contract.documents import merged
from contract.operations import operations
from models.boundaries import BoundSession
from models.channel import ChannelMethod
from wlink.worker import Worker

Json = Any
Call = tuple[Client, str, Json]

OPERATIONS = operations(merged().document)
WORKERS = (1, 2)


class Measured(NamedTuple):
    """How many a second, and how long the middle one and the slowest of a hundred took."""

    rate: float
    p50: float
    p99: float

    def told(self, name: str) -> str:
        return f"    {name:<34}{self.rate:>9,.0f}{self.p50:>9.1f}{self.p99:>9.1f}"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--database", default="", help="a PostgreSQL server, besides SQLite")
    arguments.add_argument("--clients", type=int, default=8, help="at once")
    arguments.add_argument("--orders", type=int, default=40, help="of each kind, for each client")
    options = arguments.parse_args()
    # The worker in here would tell of every order.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    for database in ["", options.database] if options.database else [""]:
        found = {}
        for workers in WORKERS:
            print(f"\n{'PostgreSQL' if database else 'SQLite'}, {workers} workers", flush=True)
            print(f"    {'':<34}{'a second':>9}{'p50':>9}{'p99':>9}", flush=True)
            with broker(database) as tenant:
                found[workers] = measured(tenant, workers, options)
        one, two = (found[workers].rate for workers in WORKERS)
        print(f"    {'transfers, 2 workers / 1':<34}{two / one:>9.2f}", flush=True)


def measured(tenant: Broker, workers: int, options: argparse.Namespace) -> Measured:
    """Every kind of order; returns what was measured of transfers with a key."""
    # Every order has an account of its own, because one at a time is open for each.
    clients = bring_clients(tenant, options.clients, 3 * options.orders + 2)
    with tenant.serving(workers=workers, outbox=False) as server:
        run = Run(server.address, options.clients)
        drafts = run.all("deposit drafts", deposits(tenant, clients, options.orders))
        numbers = [answer["order_number"] for answer in drafts]
        run.all("their receipts", receipts(tenant, clients, numbers))
        keyed = transfers(clients, 0, options.orders)
        run.all("transfers", keyed)
        with_key = run.last
        run.all("  without a key", transfers(clients, options.orders, options.orders), key=False)
        print(f"    {'  with a key / without':<34}{with_key.rate / run.last.rate:>9.2f}")
        run.all("withdrawals", withdrawals(tenant, run, clients, options.orders))
    timed("deposits approved", numbers, lambda number: approve(tenant, number))
    timed("effects of the worker", steps(Worker(tenant.services)), lambda done: None)
    return with_key


class Run:
    """Calls from so many clients at once."""

    def __init__(self, address: str, clients: int) -> None:
        self._address, self._clients = address, clients
        self._own = local()
        self.last = Measured(0, 0, 0)

    def all(self, name: str, calls: list[Call], *, key: bool = True) -> list[Json]:
        """Makes them, prints how that went, and returns the answers in their order."""
        print(f"\r    {name:<34}{len(calls):>9,} to do", end="", flush=True)
        started = time.perf_counter()
        with ThreadPoolExecutor(self._clients) as pool:
            answers = list(pool.map(lambda call: self._timed(call, key=key), calls))
        seconds = time.perf_counter() - started
        self.last = _measured(seconds, [took for took, _ in answers])
        print(f"\r{self.last.told(name)}", flush=True)
        return [answer for _, answer in answers]

    def _timed(self, call: Call, *, key: bool) -> tuple[float, Json]:
        started = time.perf_counter()
        answer = self.answer(call, key=key)
        if answer.status_code != 200:
            raise SystemExit(f"{call[1]} was refused: {answer.text}")
        return time.perf_counter() - started, answer.json()

    def answer(self, call: Call, *, key: bool = True) -> httpx2.Response:
        """What the server says."""
        if not hasattr(self._own, "client"):
            self._own.client = httpx2.Client(base_url=self._address, timeout=30, trust_env=False)
        client, name, body = call
        headers = {"Authorization": f"Bearer {client.token}"}
        headers |= {"Idempotency-Key": uuid4().hex} if key else {}
        connection: httpx2.Client = self._own.client
        return connection.post(OPERATIONS[name].path, json=body, headers=headers)


def deposits(tenant: Broker, clients: list[Client], orders: int) -> list[Call]:
    """Drafts for one account of each client."""
    number = channel(tenant, ChannelMethod.OFFLINE).id
    body = {"deposit_amount": "100.00", "remittance_id": number}
    return [
        (client, "create_deposit_draft", {**body, "trading_account_id": client.accounts[-1]})
        for _ in range(orders)
        for client in clients
    ]


def receipts(tenant: Broker, clients: list[Client], numbers: list[str]) -> list[Call]:
    """For the drafts, whose numbers come in the order of the clients."""
    places = [bring_receipt(tenant, client) for client in clients]
    owners = cycle(zip(clients, places, strict=True))
    return [
        (client, "submit_deposit", {"order_number": number, "receipt_url": place})
        for number, (client, place) in zip(numbers, owners, strict=False)
    ]


def transfers(clients: list[Client], first: int, orders: int) -> list[Call]:
    """Each from an account of its own to the client's next one."""
    return in_turns(
        (
            client,
            "create_transfer",
            {
                "amount": "10.00",
                "remark": "measured",
                "source_trading_account_id": source,
                "target_trading_account_id": target,
            },
        )
        for client in clients
        for source, target in pairwise(client.accounts[first : first + orders + 1])
    )


def in_turns(calls: Iterable[Call]) -> list[Call]:
    """The first of every client, then the second: those at once are of different people."""
    of_each: dict[str, list[Call]] = {}
    for call in calls:
        of_each.setdefault(call[0].token, []).append(call)
    return [call for turn in zip(*of_each.values(), strict=True) for call in turn]


def withdrawals(tenant: Broker, run: Run, clients: list[Client], orders: int) -> list[Call]:
    """Each from an account of its own; the refusal of a wrong quote tells the right one."""
    found = channel(tenant, ChannelMethod.BANK_TRANSFER)
    info = {"bank_country": "CN", "bank_name": "Bank", "bank_no": "6217850800012345678"}
    body: Json = {
        "currency": found.currencies[0],
        "exchange_rate": "1",
        "fee": "0",
        "method": "bank_transfer",
        "remittance_amount": "1",
        "remittance_id": found.id,
        "withdrawal_amount": "100.00",
    }
    holder = {"account_holder_name": clients[0].user.full_name}
    body["bank_transfer_info"] = info | holder | {"branch_name": "One", "bsc_code": "104290003033"}
    first = 2 * orders
    asked = body | {"trading_account_id": clients[0].accounts[first]}
    body |= run.answer((clients[0], "create_withdrawal", asked)).json()["details"]
    return in_turns(
        (client, "create_withdrawal", {**body, "trading_account_id": number})
        for client in clients
        for number in client.accounts[first : first + orders]
    )


def approve(tenant: Broker, number: str) -> None:
    """As one operator does it, in two transactions."""
    parts = tenant.services

    def desk(session: BoundSession) -> Desk:
        return Desk(session, parts.audit, parts.clock(), "benchmark")

    write = parts.database.write
    write(tenant.boundary, lambda session: cash_orders.claim(desk(session), DEPOSIT, number))
    write(
        tenant.boundary,
        lambda session: cash_orders.approve(desk(session), parts.orders, DEPOSIT, number),
    )


def steps(worker: Worker) -> Iterator[bool]:
    """Until there is nothing left to do."""
    while worker.step():
        yield True


def timed(name: str, things: Iterable[Any], work: Callable[[Any], None]) -> None:
    """One after the other."""
    took, started = [], time.perf_counter()
    before = started
    for thing in things:
        work(thing)
        now = time.perf_counter()
        took.append(now - before)
        before = now
    print(_measured(time.perf_counter() - started, took).told(name), flush=True)


def _measured(seconds: float, took: list[float]) -> Measured:
    cuts = statistics.quantiles(took, n=100, method="inclusive")
    return Measured(len(took) / seconds, 1000 * cuts[49], 1000 * cuts[98])


if __name__ == "__main__":
    main()
