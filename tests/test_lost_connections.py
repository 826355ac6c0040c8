"""Connections that the database server has closed while they waited in the pool."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from contract.problems import Problem
from models.boundaries import Boundary, BoundSession
from models.database import Database
from models.reading import Query
from models.tenant import Tenant
from tests.server import database_url
from wlink.migrating import upgrade

Json = Any

WITHIN = Boundary(1)
CODES = Query(sa.select(col(Tenant.code)))


def read(database: Database) -> Json:
    return database.read(WITHIN, lambda session: session.exec(select(Tenant.code)).all())


def prepared(database: Database) -> Json:
    return [code for (code,) in database.reading(WITHIN, lambda reading: reading.rows(CODES))]


def write(database: Database) -> Json:
    return database.write(None, lambda session: session.exec(select(Tenant.code)).all())


WAYS = (read, prepared, write)
by_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """PostgreSQL, with eight connections in the pool."""
    with database_url("postgresql", tmp_path) as url:
        opened = Database(url, connections=8)
        upgrade(opened)
        for connection in [opened.engine.connect() for _ in range(8)]:
            connection.close()
        yield opened
        opened.close()


def cut(database: Database) -> None:
    """Ends every connection but the one that it has itself."""
    url = database.url.render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert ended.rowcount >= 8


@by_way
def test_nobody_notices_that_the_database_was_started_anew(
    database: Database, way: Callable[[Database], Json]
) -> None:
    assert way(database) == []
    cut(database)
    assert way(database) == []
    assert [other(database) for other in WAYS] == [[], [], []]


def test_what_may_have_happened_is_not_done_again(database: Database) -> None:
    """The connection is lost while the work is done: nobody knows what became of it."""
    times = []

    def work(session: BoundSession) -> None:
        times.append(1)
        session.exec(select(Tenant.code)).all()
        cut(database)
        session.exec(select(Tenant.code)).all()

    with pytest.raises(Problem) as refused:
        database.write(None, work)
    assert (refused.value.code, len(times)) == ("OVERLOADED", 1)
    assert write(database) == []


def test_a_connection_that_was_used_for_reading_has_transactions_again(database: Database) -> None:
    prepared(database)

    def fail(session: BoundSession) -> None:
        session.add(Tenant(code="x", name="x", default_language="en", timezone="UTC"))
        session.flush()
        raise Problem("NOT_FOUND")

    for _ in range(16):  # three turns each, so that every connection of the eight has every role
        with pytest.raises(Problem):
            database.write(None, fail)
        assert [prepared(database), prepared(database)] == [[], []]
