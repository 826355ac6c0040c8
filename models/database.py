"""The database: where it is, how it is spoken to, and transactions."""

import logging
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import RLock
from typing import Any, TypeVar

import orjson
import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from contract.errors import CannotStartError
from contract.problems import Problem
from models.boundaries import Boundary, BoundSession
from models.reading import Reading

Result = TypeVar("Result")

_TRIES = 4
_BUSY_MILLISECONDS = 1000
# Before this version a write-ahead log could be damaged by several writers.
_SAFE_LOG = (3, 51, 3)
_POSTGRESQL = {
    "connect_timeout": 2,
    # A host that has fallen silent is given up after some seconds.
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 5000,
    "options": "-c timezone=UTC -c statement_timeout=5000 -c lock_timeout=3000"
    " -c idle_in_transaction_session_timeout=10000",
}
_CONFLICTS = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)
_log = logging.getLogger("wlink.database")


class UnsafeDatabaseError(CannotStartError):
    """The database would not keep what it is given."""


class _GoneError(Exception):
    """A connection of the pool had been lost, and nothing was done with it yet."""


class Database:
    """Transactions: what returns is committed, what raises is undone. A database that cannot be
    reached is the problem OVERLOADED.
    """

    def __init__(self, url: str, *, connections: int = 20) -> None:
        self.url = _url(url)
        self.connections = connections
        self.engine = _engine(self.url, connections)
        self._reading = self.engine.execution_options(reads=True)
        # Psycopg begins one with every first statement; SQLite's driver is told not to.
        self._has_transactions = self.url.get_backend_name() == "postgresql"
        self._queue = RLock()

    def read(self, boundary: Boundary | None, work: Callable[[BoundSession], Result]) -> Result:
        """What `work` finds."""
        return self._done(self._reading, boundary, work)

    def reading(self, boundary: Boundary, work: Callable[[Reading], Result]) -> Result:
        """The same for queries that are prepared. Each of them sees what is committed when it
        begins.
        """
        return self._tried(lambda: self._read_prepared(boundary, work))

    def write(self, boundary: Boundary | None, work: Callable[[BoundSession], Result]) -> Result:
        """What `work` returns, once it is committed. It is done again if the database could not
        let it through beside another transaction, so it must have no other effect.
        """
        if self._has_transactions:
            return self._done(self.engine, boundary, work)
        with self._turn():
            return self._done(self.engine, boundary, work)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """SQLite lets one write at a time. Those of a process queue up for that, without a
        connection: if each tried for itself, who is unlucky would wait for a second while others
        overtake him.
        """
        if not self._queue.acquire(timeout=_TRIES * _BUSY_MILLISECONDS / 1000):
            raise Problem("OVERLOADED")
        try:
            yield
        finally:
            self._queue.release()

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()

    def _done(
        self, engine: Engine, boundary: Boundary | None, work: Callable[[BoundSession], Result]
    ) -> Result:
        def transact() -> Result:
            with BoundSession(engine, boundary) as session, session.begin():
                self._require_live(session)
                return work(session)

        return self._tried(transact)

    def _read_prepared(self, boundary: Boundary, work: Callable[[Reading], Result]) -> Result:
        """On the driver's own connection, without a transaction: there is nothing to undo."""
        pooled = self.engine.raw_connection()
        connection: Any = pooled.driver_connection
        try:
            if self._has_transactions:
                connection.autocommit = True
            return work(Reading(connection, self.engine.dialect, boundary))
        except (sqlite3.Error, psycopg.Error) as error:
            if self._has_transactions and connection.closed:
                pooled.invalidate(error)
                self.engine.dispose()  # the others are as old
                raise _GoneError from error
            raise DBAPIError(None, None, error, hide_parameters=True) from error
        finally:
            if self._has_transactions and not connection.closed:
                connection.autocommit = False
            pooled.close()

    def _require_live(self, session: BoundSession) -> None:
        """A connection that has waited in the pool may be gone by now: that is found out before
        anything is done with it.
        """
        if not self._has_transactions:
            return
        try:
            session.connection().exec_driver_sql("SELECT 1")
        except DBAPIError as error:
            if error.connection_invalidated:
                raise _GoneError from error
            raise

    def _tried(self, work: Callable[[], Result]) -> Result:
        for attempt in range(1, _TRIES + 1):
            try:
                return work()
            except _GoneError:
                continue
            except NoConnectionError:
                _log.warning("no connection was free")
                break
            except DBAPIError as error:
                if _in_the_way(error) and attempt < _TRIES:
                    time.sleep(random.uniform(0, 0.02 * 2**attempt))
                    continue
                if not _is_away(error):
                    raise
                _log.warning("the database failed: %s", type(error.orig).__name__)
                break
        raise Problem("OVERLOADED")


@dataclass(frozen=True)
class Transaction:
    """Transactions within one boundary, for whoever must do something between two of them."""

    database: Database
    boundary: Boundary

    def read(self, work: Callable[[BoundSession], Result]) -> Result:
        """See Database."""
        return self.database.read(self.boundary, work)

    def write(self, work: Callable[[BoundSession], Result]) -> Result:
        """See Database."""
        return self.database.write(self.boundary, work)


def _is_away(error: DBAPIError) -> bool:
    """Whether the database cannot do what it is told, rather than was told nonsense."""
    if isinstance(error.orig, sqlite3.OperationalError):
        return _sqlite_code(error) != sqlite3.SQLITE_ERROR
    return isinstance(error.orig, psycopg.OperationalError)


def _sqlite_code(error: DBAPIError) -> int:
    return int(getattr(error.orig, "sqlite_errorcode", 0)) & 0xFF


def _in_the_way(error: DBAPIError) -> bool:
    """Whether another transaction was, so that a second try may succeed."""
    busy = _sqlite_code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return busy or isinstance(error.orig, _CONFLICTS)


def _from_json(kept: Any) -> Any:
    """SQLite gives back a number as one."""
    return kept if isinstance(kept, int | float) else orjson.loads(kept)


def _url(text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError:
        url = URL.create("none")
    file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    if not file and url.get_backend_name() != "postgresql":
        raise UnsafeDatabaseError("the database must be postgresql://... or sqlite:///a file")
    return url


def _engine(url: URL, connections: int) -> Engine:
    # Errors name no values: they may be secrets, and errors are logged.
    options = {
        "pool_size": connections,
        "max_overflow": 0,
        "pool_timeout": 2,
        "hide_parameters": True,
        "json_deserializer": _from_json,
    }
    if url.get_backend_name() == "postgresql":
        arguments = {**_POSTGRESQL, **url.query}
        return create_engine(
            url.set(drivername="postgresql+psycopg", query={}),
            connect_args=arguments,
            **options,
        )
    engine = create_engine(
        url, connect_args={"check_same_thread": False, "isolation_level": None}, **options
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:
    """Raises UnsafeDatabaseError if SQLite does not do as it is told."""
    journal = "wal" if sqlite3.sqlite_version_info >= _SAFE_LOG else "delete"
    wanted = {
        "busy_timeout": _BUSY_MILLISECONDS,
        "foreign_keys": 1,
        "journal_mode": journal,
        "synchronous": 2,
    }
    for name, value in wanted.items():
        connection.execute(f"PRAGMA {name} = {value}")
        (found,) = connection.execute(f"PRAGMA {name}").fetchone()
        if found != value:
            raise UnsafeDatabaseError(f"SQLite keeps {name} at {found}")


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes his place at once: two that had read before could not both go on."""
    reads = connection.get_execution_options().get("reads")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
