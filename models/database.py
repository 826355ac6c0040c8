"""Transactions of the database."""

import logging
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import RLock
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from contract.problems import Problem
from models.boundaries import Boundary, BoundSession
from models.engines import BUSY_MILLISECONDS, database_url, new_engine
from models.reading import Reading

Result = TypeVar("Result")

_TRIES = 4
_CONFLICTS = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)
_log = logging.getLogger("wlink.database")


class _GoneError(Exception):
    """A connection of the pool had been lost, and nothing was done with it yet."""


class Database:
    """Transactions: what returns is committed, what raises is undone. A database that cannot be
    reached is the problem OVERLOADED.
    """

    def __init__(self, url: str, *, connections: int = 20) -> None:
        self.url = database_url(url)
        self.connections = connections
        self.engine = new_engine(self.url, connections)
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
        if not self._queue.acquire(timeout=_TRIES * BUSY_MILLISECONDS / 1000):
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
