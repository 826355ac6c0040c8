"""Bringing the database to the form that this version needs."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from contract.errors import CannotStartError
from models import tables
from models.database import Database


def upgrade(database: Database, revision: str = "head") -> None:
    """Runs what is missing, in one transaction."""
    if database.url.get_backend_name() == "sqlite":
        Path(str(database.url.database)).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with database.engine.connect() as connection, _patiently(connection).begin():
            _take_turn(connection)
            command.upgrade(_config(connection), revision)
    except CommandError as error:
        raise CannotStartError(str(error)) from error
    except DBAPIError as error:
        raise CannotStartError(f"the database does not answer: {error.orig}") from error


def downgrade(database: Database, revision: str = "base") -> None:
    """Takes back everything after a revision. What was kept in it is lost."""
    with database.engine.begin() as connection:
        command.downgrade(_config(connection), revision)


def is_current(database: Database) -> bool:
    """Whether nothing is missing. A newer version may have gone further already: it takes nothing
    away that this one needs. Raises Problem OVERLOADED if the database is away.
    """
    script = ScriptDirectory(str(_folder()))
    older = {each.revision for each in script.walk_revisions()} - {script.get_current_head()}
    found = database.read(None, lambda session: _revision(session.connection()))
    return found is not None and found not in older


def differences(database: Database) -> list[str]:
    """What distinguishes the database from the tables that the code knows."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, tables.metadata())
    return [str(difference) for difference in found]


def _patiently(connection: Connection) -> Connection:
    """On SQLite others may take longer over their upgrade than anybody waits elsewhere."""
    if connection.dialect.name == "sqlite":
        cursor = connection.connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 60000")
        cursor.close()
    return connection


def _take_turn(connection: Connection) -> None:
    """Of several that upgrade at once, one after the other; each may take its time. On SQLite there
    is one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        for limit in ("statement_timeout", "lock_timeout"):
            connection.execute(text(f"SET LOCAL {limit} = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(7746354)"))
        connection.execute(text("SET LOCAL lock_timeout TO DEFAULT"))


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_folder()))
    config.attributes["connection"] = connection
    return config


def _folder() -> Path:
    """Beside this package in a checkout, inside it in a wheel."""
    here = Path(__file__).resolve().parent
    inside = here / "migrations"
    return inside if inside.is_dir() else here.parent / "migrations"
