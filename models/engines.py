"""Where the database is, and how it is spoken to."""

import sqlite3
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from contract.errors import CannotStartError

BUSY_MILLISECONDS = 1000
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


class UnsafeDatabaseError(CannotStartError):
    """The database would not keep what it is given."""


def database_url(text: str) -> URL:
    """Raises UnsafeDatabaseError if it is neither a PostgreSQL database nor an SQLite file."""
    try:
        url = make_url(text)
    except ArgumentError:
        url = URL.create("none")
    file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    if not file and url.get_backend_name() != "postgresql":
        raise UnsafeDatabaseError("the database must be postgresql://... or sqlite:///a file")
    return url


def new_engine(url: URL, connections: int) -> Engine:
    """With at most so many connections, whose times are UTC. Connecting raises UnsafeDatabaseError
    if SQLite would not keep what it is given.
    """
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
        "busy_timeout": BUSY_MILLISECONDS,
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


def _from_json(kept: Any) -> Any:
    """SQLite gives back a number as one."""
    return kept if isinstance(kept, int | float) else orjson.loads(kept)
