"""What the messages that a user has cost him, and how long it takes until all users have one.

The list (page 1 of 20 rows) and the unread count over HTTP, one request at a time, by users with
10, 100, ... 100,000 messages, in turn and round by round: the median of the rounds' p50; `x 10` is
the median of what each round says beside the user with 10 (wanted: at most 2), whose list is half
as long as the others'. Then the delivery of one message to 100,000 more users, in batches, by a
worker without a server beside it. Needs wrk.

    make bench NAME=messages ARGS="--database postgresql://postgres@127.0.0.1:5432/"
"""

import argparse
import logging
import statistics
import time
from functools import partial
from typing import NamedTuple

import structlog

from backoffice.desk import Desk
from backoffice.messages import BATCH, MessageForm, send
from benchmarks.peers.broker import Broker, broker
from benchmarks.peers.bulk import bring_clients, bring_messages
from benchmarks.peers.processes import Running
from benchmarks.peers.rounds import in_turn
from benchmarks.peers.wrk import load, required
from contract.documents import merged
from contract.operations import operations
from models.boundaries import BoundSession
from models.message import Message
from models.tenant import Portal
from wlink.worker import Worker

OPERATIONS = operations(merged().document)
MEASURED = {"list_client_messages": "?page=1&size=20", "count_unread_client_messages": ""}
FEWEST = 10
WANTED = 2.0


class Reader(NamedTuple):
    """A user, by what logs him in."""

    server: Running
    token: str


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--database", default="", help="a PostgreSQL server; else SQLite")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=1)
    arguments.add_argument("--messages", type=int, default=100_000, help="of who has the most")
    arguments.add_argument("--users", type=int, default=100_000, help="who get one message")
    options = arguments.parse_args()
    required()
    # Each batch of the worker would be a line in between.
    level = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=level)
    with broker(options.database) as tenant:
        read(tenant, options)
        deliver(tenant, options.users)


def read(tenant: Broker, options: argparse.Namespace) -> None:
    """Measures list and count for every number of messages."""
    numbers = [FEWEST]
    while numbers[-1] * 10 <= options.messages:
        numbers.append(numbers[-1] * 10)
    users = tenant.users([f"has{number}@example.com" for number in numbers])
    owners = dict(zip(numbers, users, strict=True))
    bring_messages(tenant, {user.id: number for number, user in owners.items()})
    with tenant.serving(outbox=False) as server:
        readers = {
            f"{number:,} messages": Reader(server, tenant.token(user))
            for number, user in owners.items()
        }
        for name in MEASURED:
            measure = partial(_median, name, seconds=options.seconds)
            report(name, in_turn(name, readers, options.rounds, measure))


def _median(name: str, reader: Reader, *, seconds: int) -> float:
    """In milliseconds. With one connection nobody waits for anybody else."""
    operation = OPERATIONS[name]
    address = reader.server.address + operation.path + MEASURED[name]
    login = {"Authorization": f"Bearer {reader.token}"}
    return load(address, operation.method, login, "", seconds=seconds, connections=1).median


def report(name: str, found: dict[str, list[float]]) -> None:
    print(f"\n{name:<32}{'p50 ms':>9}{f'x {FEWEST}':>9}{'wanted':>12}")
    few = found[f"{FEWEST:,} messages"]
    for title, medians in found.items():
        ratio = statistics.median(many / one for many, one in zip(medians, few, strict=True))
        print(f"  {title:<30}{statistics.median(medians):>9.2f}{ratio:>9.2f}", end="")
        print(f"{f'at most {WANTED:.0f}':>12}", flush=True)


def deliver(tenant: Broker, users: int) -> None:
    """Sends one message to everybody, and has a worker bring it."""
    bring_clients(tenant, users)
    started = time.perf_counter()
    number = tenant.services.database.write(tenant.boundary, partial(_sent, tenant))
    worker, steps = Worker(tenant.services), 0
    while worker.step():
        steps += 1
        print(f"\rdelivery: {steps} batches of {BATCH:,} users", end="", flush=True)
    took = time.perf_counter() - started
    message = tenant.services.database.read(
        tenant.boundary, lambda session: session.get_one(Message, number)
    )
    if message.delivered_at is None or message.recipients < users:
        raise SystemExit(f"the message has reached {message.recipients} users only")
    print(f"\ndelivered to {message.recipients:,} users in {took:.1f} s,", end=" ")
    print(f"{message.recipients / took:,.0f} a second", flush=True)


def _sent(tenant: Broker, session: BoundSession) -> int:
    services = tenant.services
    desk = Desk(session, services.audit, services.clock(), "console benchmark")
    form = MessageForm(
        title={"en": "Holiday hours"},
        content={"en": "<p>We close early on Friday.</p>"},
        portals=[Portal.CLIENT],
    )
    return send(desk, services.outbox, form)


if __name__ == "__main__":
    main()
