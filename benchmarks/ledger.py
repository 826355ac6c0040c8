"""How long it takes to check the books, and what double entry costs.

`wlink ledger verify`, check by check, on books of 10,000, 100,000 and 1,000,000 entries (wanted: at
most 10 s in all). Then postings a second of the ledger beside those of a naive peer, which changes
two columns with balances and keeps no entries; one transaction each, one after the other, in turn
and round by round. Both databases, if a PostgreSQL server is named.

    make bench NAME=ledger ARGS="--database postgresql://postgres@127.0.0.1:5432/ --sizes 10000"
"""

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial
from itertools import count

from sqlalchemy import text

from benchmarks.peers.books import bring_books
from benchmarks.peers.broker import Broker, broker
from benchmarks.peers.rounds import in_turn
from ledger import book
from ledger.verification import CHECKS, size
from models.boundaries import BoundSession
from models.ledger_account import AccountKind
from models.money import Denomination, Money
from wlink.bookkeeping import found_by

WANTED_SECONDS = 10.0
NAIVE = "CREATE TABLE naive_balance (id INTEGER PRIMARY KEY, balance BIGINT NOT NULL)"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--database", default="", help="a PostgreSQL server, besides SQLite")
    arguments.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--postings", type=int, default=200, help="in each round")
    options = arguments.parse_args()
    for database in ["", options.database] if options.database else [""]:
        print("PostgreSQL" if database else "SQLite")
        for entries in options.sizes:
            with broker(database) as tenant:
                bring_books(tenant, entries)
                verify(tenant)
        with broker(database) as tenant:
            post(tenant, options)


def verify(tenant: Broker) -> None:
    """Times each check, of all tenants."""
    database, seconds = tenant.services.database, dict[str, float]()
    for check in CHECKS:
        started = time.perf_counter()
        found = found_by(check, database, None)
        seconds[check.__name__] = time.perf_counter() - started
        if found:
            raise SystemExit(f"the books are not sound: {found[0]}")
    books = database.read(None, size)
    print(f"\n  {books.entries:,} entries, {books.transactions:,} transactions", end="")
    print(f", {books.accounts:,} accounts")
    for name, took in seconds.items():
        print(f"    {name.replace('_', ' '):<44}{took:>8.2f} s")
    print(f"    {'in all':<44}{sum(seconds.values()):>8.2f} s", end="")
    print(f"    wanted: at most {WANTED_SECONDS:.0f}", flush=True)


def post(tenant: Broker, options: argparse.Namespace) -> None:
    """Measures postings a second, one after the other."""
    peers = {"ledger": _ledger(tenant), "naive": _naive(tenant)}
    measure = partial(_rate, times=options.postings)
    found = in_turn("postings", peers, options.rounds, measure)
    ratio = statistics.median(a / b for a, b in zip(found["ledger"], found["naive"], strict=True))
    print(f"\n  {'postings a second':<32}{'median':>9}")
    for name, rates in found.items():
        print(f"    {name:<30}{statistics.median(rates):>9,.0f}")
    print(f"    {'ledger / naive':<30}{ratio:>9.2f}\n", flush=True)


def _rate(posting: Callable[[], None], times: int) -> float:
    started = time.perf_counter()
    for _ in range(times):
        posting()
    return times / (time.perf_counter() - started)


def _ledger(tenant: Broker) -> Callable[[], None]:
    """From payments to a client, with an entry on each side."""
    write = partial(tenant.services.database.write, tenant.boundary)
    now, keys, unit = tenant.services.clock(), count(1), Denomination("USD", 2)

    def move(session: BoundSession) -> None:
        source = book.account(session, AccountKind.PAYMENTS, unit)
        target = book.account(session, AccountKind.TRADING, unit, "trading_account 1")
        movement = book.Movement(source, target, Money(1250, unit))
        book.post(session, f"deposit {next(keys)}", [movement], now)

    return lambda: write(move)


def _naive(tenant: Broker) -> Callable[[], None]:
    """Two balances change, and nobody knows why."""
    write = partial(tenant.services.database.write, tenant.boundary)
    change = text("UPDATE naive_balance SET balance = balance + :change WHERE id = :id")

    def make(session: BoundSession) -> None:
        session.connection().execute(text(NAIVE))
        session.connection().execute(text("INSERT INTO naive_balance VALUES (1, 0), (2, 0)"))

    def move(session: BoundSession) -> None:
        for number, minor in ((1, -1250), (2, 1250)):
            session.connection().execute(change, {"id": number, "change": minor})

    write(make)
    return lambda: write(move)


if __name__ == "__main__":
    main()
