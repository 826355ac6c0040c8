"""Books of any size, as clients' money would have filled them: written past the ledger, and sound
all the same.
"""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, text

from benchmarks.peers.broker import Broker
from models.ledger_account import AccountKind
from models.ledger_transaction import TransactionKind

_CHUNK = 10_000
_ENTRIES_OF_AN_ACCOUNT = 100
_PAYMENTS, _PAYABLE, _FIRST_CLIENT = 1, 2, 3


class _Entry(NamedTuple):
    """On which account, and what it changes, in units of the life's amount."""

    account: str
    posted: int
    held: int


class _Step(NamedTuple):
    """One transaction in the life of an amount, and how many steps before stands what it resolves
    or reverses.
    """

    kind: TransactionKind
    entries: tuple[_Entry, ...]
    resolves: int = 0
    reverses: int = 0


_CLIENT = f"{_FIRST_CLIENT} + n % :clients"
_DEPOSITED = (_Entry(f"{_PAYMENTS}", -1, 0), _Entry(_CLIENT, 1, 0))
_TAKEN_BACK = (_Entry(f"{_PAYMENTS}", 1, 0), _Entry(_CLIENT, -1, 0))
_WITHDRAWN = (_Entry(_CLIENT, -1, -1), _Entry(f"{_PAYABLE}", 1, 0))
_LIFE = (
    _Step(TransactionKind.POSTING, _DEPOSITED),
    _Step(TransactionKind.POSTING, _DEPOSITED),
    _Step(TransactionKind.REVERSAL, _TAKEN_BACK, reverses=1),
    _Step(TransactionKind.HOLD, (_Entry(_CLIENT, 0, 1),)),
    _Step(TransactionKind.HOLD_VOIDED, (_Entry(_CLIENT, 0, -1),), resolves=1),
    _Step(TransactionKind.HOLD, (_Entry(_CLIENT, 0, 1),)),
    _Step(TransactionKind.HOLD_POSTED, _WITHDRAWN, resolves=1),
)
_OF_A_LIFE = sum(len(step.entries) for step in _LIFE)
_AMOUNT = "(1000 + n % 997)"
_LIVES = (
    " WITH RECURSIVE life(n) AS"
    " (SELECT CAST(:first AS BIGINT) UNION ALL SELECT n + 1 FROM life WHERE n < :last)"
)


def bring_books(broker: Broker, entries: int) -> None:
    """At least so many entries in a database that has no accounts yet."""
    lives, clients = -(-entries // _OF_A_LIFE), max(1, entries // _ENTRIES_OF_AN_ACCOUNT)
    bound = {"tenant": broker.boundary.tenant_id, "clients": clients}
    engine = broker.services.database.engine
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            # Else every reference would be looked up, which are right by how they are made.
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        _bring_accounts(connection, bound)
        for first in range(0, lives, _CHUNK):
            span = {"first": first, "last": min(first + _CHUNK, lives) - 1}
            for statement in _of_lives():
                connection.execute(text(statement), bound | span)
            print(f"\r{(span['last'] + 1) * _OF_A_LIFE:,} entries", end="", flush=True)
        _balance(connection)
    print("\r" + " " * 40, end="\r")
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.exec_driver_sql("VACUUM ANALYZE")


def _of_lives() -> Iterator[str]:
    for place, step in enumerate(_LIFE, start=1):
        number = f"n * {len(_LIFE)} + {place}"
        resolved, reversed_ = (
            f"{number} - {before}" if before else "NULL"
            for before in (step.resolves, step.reverses)
        )
        yield (
            "INSERT INTO ledger_transaction"
            " (id, tenant_id, key, kind, currency, resolves_id, reverses_id, at)"
            f"{_LIVES} SELECT {number}, :tenant, 'life ' || n || ' step {place}', '{step.kind}',"
            f" 'USD', {resolved}, {reversed_}, CURRENT_TIMESTAMP FROM life"
        )
        for account, posted, held in step.entries:
            yield (
                "INSERT INTO ledger_entry"
                " (tenant_id, transaction_id, account_id, currency, posted, held)"
                f"{_LIVES} SELECT :tenant, {number}, {account}, 'USD',"
                f" {posted} * {_AMOUNT}, {held} * {_AMOUNT} FROM life"
            )


def _bring_accounts(connection: Connection, bound: dict[str, int]) -> None:
    """Empty ones."""
    connection.execute(
        text(
            "INSERT INTO ledger_account"
            " (id, tenant_id, kind, subject, currency, places, posted, held, may_be_negative)"
            f"{_LIVES} SELECT n, :tenant, CASE n WHEN {_PAYMENTS} THEN '{AccountKind.PAYMENTS}'"
            f" WHEN {_PAYABLE} THEN '{AccountKind.PAYABLE}' ELSE '{AccountKind.TRADING}' END,"
            f" 'account ' || n, 'USD', 2, 0, 0, n <> {_PAYABLE} FROM life"
        ),
        bound | {"first": 1, "last": _FIRST_CLIENT + bound["clients"] - 1},
    )


def _balance(connection: Connection) -> None:
    """What their entries sum to."""
    sums = (
        f"{column} = (SELECT COALESCE(CAST(SUM({column}) AS BIGINT), 0)"
        " FROM ledger_entry WHERE account_id = ledger_account.id)"
        for column in ("posted", "held")
    )
    connection.execute(text(f"UPDATE ledger_account SET {', '.join(sums)}"))
