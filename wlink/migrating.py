"""Bringing the database to the form that this version needs."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from contract.errors import CannotStartError
from models import tables
from models.database import Database


def upgrade(database: Database, revision: str = "head") -> None:
    """Runs what is missing, in one transaction."""
    if database.url.get_backend_name() == "sqlite":
        Path(str(database.url.database)).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with database.engine.begin() as connection:
            command.upgrade(_config(connection), revision)
    except CommandError as error:
        raise CannotStartError(str(error)) from error
    except OperationalError as error:
        raise CannotStartError(f"the database does not answer: {error.orig}") from error


def downgrade(database: Database, revision: str = "base") -> None:
    """Takes back everything after a revision. What was kept in it is lost."""
    with database.engine.begin() as connection:
        command.downgrade(_config(connection), revision)


def is_current(database: Database) -> bool:
    """Whether nothing is missing. Raises Problem OVERLOADED if the database is away."""
    newest = ScriptDirectory(str(_folder())).get_current_head()
    found = database.read(None, lambda session: _revision(session.connection()))
    return found == newest


def differences(database: Database) -> list[str]:
    """What distinguishes the database from the tables that the code knows."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, tables.metadata())
    return [str(difference) for difference in found]


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
