"""The database's form: up, down and up again, and never unlike what the code knows."""

import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlmodel import select

from contract.errors import CannotStartError
from models import tables
from models.boundaries import Boundary
from models.captcha_setting import CaptchaSetting
from models.cashier_setting import CashierSetting
from models.channel import Channel, Direction
from models.codes import Country, Currency
from models.company_setting import CompanySetting
from models.database import Database
from models.offer_setting import OfferSetting
from models.portal_setting import PortalSetting
from models.security_setting import SecuritySetting
from models.tenant import Portal, Tenant
from tests.server import DATABASES, database_url
from wlink.migrating import differences, downgrade, is_current, upgrade
from wlink.preparing import prepare

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


@pytest.mark.long
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


def test_a_tenant_of_before_goes_on_with_the_settings_that_he_had(database: Database) -> None:
    upgrade(database, "0001")
    old = {"code": "old", "name": 'The "Old" Ltd: 1', "language": "vi", "strength": "high"}
    with database.engine.begin() as connection:
        for statement in (
            "INSERT INTO tenant (code, name, default_language, timezone, serves_unknown_hosts)"
            " VALUES (:code, :name, :language, 'UTC', true)",
            "INSERT INTO security_setting (tenant_id, required_password_strength,"
            " email_verification_scenarios, re_captcha_enabled, tencent_captcha_enabled,"
            " tencent_app_ids, session_idle_seconds, session_seconds, reveals_registered)"
            " SELECT id, :strength, '[]', true, true, '[7, 8]', 60, 60, true FROM tenant",
        ):
            connection.execute(text(statement), old)
    prepare(database)
    tenant = database.read(None, lambda session: session.exec(select(Tenant)).one())
    boundary = Boundary(tenant.id)
    assert database.read(boundary, CompanySetting.of_tenant).broker_name == {"en": old["name"]}
    assert database.read(boundary, CaptchaSetting.of_tenant).tencent_app_ids == [7, 8]
    assert database.read(boundary, OfferSetting.of_tenant).languages[0] == "vi"
    assert database.read(boundary, SecuritySetting.of_tenant).re_captcha_enabled
    for portal in Portal:
        setting = database.read(boundary, partial(PortalSetting.of_portal, portal=portal))
        assert setting.login_copy == {"en": ""}


def test_channels_of_before_go_on_and_those_for_deposits_are_offline(database: Database) -> None:
    upgrade(database, "0007")
    with database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO tenant (code, name, default_language, timezone, serves_unknown_hosts)"
                " VALUES ('old', 'Old Ltd', 'en', 'UTC', true)"
            )
        )
        for direction in Direction:
            connection.execute(
                text(
                    "INSERT INTO channel (tenant_id, name, direction, method, currencies,"
                    ' is_enabled, sort_order) SELECT id, \'{"en": "A bank"}\', :direction,'
                    " 'bank_transfer', '[\"USD\"]', true, 0 FROM tenant"
                ),
                {"direction": direction},
            )
    upgrade(database)
    tenant = database.read(None, lambda session: session.exec(select(Tenant)).one())
    boundary = Boundary(tenant.id)
    assert database.read(boundary, CashierSetting.of_tenant).draft_hours == 72
    (paid_in,), (paid_out,) = (
        database.read(boundary, partial(Channel.offered, direction=direction, country=""))
        for direction in Direction
    )
    assert (paid_in.method, paid_out.method) == ("offline", "bank_transfer")
    for each in (paid_in, paid_out):
        assert (each.name, each.currencies, each.countries) == ({"en": "A bank"}, ["USD"], [])
        assert (each.min_amount, each.max_amount) == (Decimal(1), Decimal(1_000_000))
        assert each.fee_value == Decimal(0)
        assert each.created_at == each.updated_at
    downgrade(database, "0007")
    with database.engine.begin() as connection:
        methods = connection.execute(text("SELECT method FROM channel ORDER BY id")).scalars()
        assert list(methods) == ["bank_transfer", "bank_transfer"]


def test_what_the_world_has_comes_with_every_upgrade_and_nothing_comes_twice(
    database: Database,
) -> None:
    for _ in range(2):
        prepare(database)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE country SET phone_code = '+0' WHERE code = 'CN'"))
        connection.execute(text("DELETE FROM currency WHERE code = 'USDT'"))
    prepare(database)
    (china,) = database.read(None, lambda session: Country.in_order(session, ["CN"]))
    assert (china.phone_code, china.flag, china.name["zh-CN"]) == ("+86", "🇨🇳", "中国")
    (tether,) = database.read(None, lambda session: Currency.in_order(session, ["USDT"]))
    assert tether.decimals == 6
    assert 240 < len(database.read(None, Country.all)) < 250
