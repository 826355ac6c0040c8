"""Empty databases on a PostgreSQL server, gone afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg


@contextmanager
def fresh_postgresql(server: str) -> Iterator[str]:
    """The address of a new database. Raises psycopg's OperationalError if no server answers at
    `server`, which is the address of any database there.
    """
    name = f"wlink_{uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True, connect_timeout=2) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{server.rpartition('/')[0]}/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
