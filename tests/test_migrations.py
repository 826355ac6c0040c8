"""The database's form: up, down and up again, and never unlike what the code knows."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from contract.errors import CannotStartError
from models import tables
from models.database import Database
from tests.server import DATABASES, database_url
from wlink.migrating import differences, downgrade, is_current, upgrade

ROOT = Path(__file__).parent.parent


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with database_url(request.param, tmp_path) as url:
        empty = Database(url)
        yield empty
        empty.close()


def test_the_database_goes_up_down_and_up_again(database: Database) -> None:
    assert not is_current(database)
    for _ in range(2):
        upgrade(database)
        assert is_current(database)
        assert differences(database) == []
        downgrade(database)
        assert set(inspect(database.engine).get_table_names()) <= {"alembic_version"}
        assert not is_current(database)


def test_an_upgrade_of_what_is_up_to_date_changes_nothing(database: Database) -> None:
    upgrade(database)
    upgrade(database)
    assert is_current(database)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE partner ADD COLUMN extra INTEGER",
        "DROP TABLE audit_log",
        "DROP INDEX ix_outbox_waiting",
        "ALTER TABLE partner DROP COLUMN is_enabled",
    ],
)
def test_a_database_unlike_the_code_is_found(database: Database, change: str) -> None:
    upgrade(database)
    with database.engine.begin() as connection:
        connection.execute(text(change))
    assert differences(database)


def test_every_table_is_made_by_a_migration(database: Database) -> None:
    upgrade(database)
    made = set(inspect(database.engine).get_table_names()) - {"alembic_version"}
    assert made == set(tables.metadata().tables)


def test_a_version_that_is_behind_the_database_goes_on_working(database: Database) -> None:
    upgrade(database)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert is_current(database)


def test_several_may_upgrade_at_once(database: Database, tmp_path: Path) -> None:
    url = database.url.render_as_string(hide_password=False)
    environment = {**os.environ, "WLINK_DATABASE_URL": url, "WLINK_DATA": str(tmp_path)}
    command = [sys.executable, "-c", "from wlink.cli import main; main()", "db", "upgrade"]
    started = [subprocess.Popen(command, cwd=ROOT, env=environment) for _ in range(3)]
    assert [process.wait(60) for process in started] == [0, 0, 0]
    assert is_current(database)


def test_a_migration_that_nobody_knows_is_told_in_one_line(database: Database) -> None:
    upgrade(database)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'other'"))
    with pytest.raises(CannotStartError, match="other"):
        upgrade(database)
