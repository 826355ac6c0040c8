"""No query and no row crosses from one tenant, or one user, to another."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import bindparam, delete, func, update
from sqlmodel import SQLModel, col, select

from models import tables
from models.audit_entry import AuditHead
from models.boundaries import (
    OWNER,
    TENANT,
    Boundary,
    BoundSession,
    ForeignRowError,
    InTenant,
    OfUser,
)
from models.captcha_setting import CaptchaSetting
from models.cashier_setting import CashierSetting
from models.columns import Exact, Moment, Word
from models.company_setting import CompanySetting
from models.machines import ForbiddenEdgeError
from models.offer_setting import OfferSetting
from models.portal_setting import PortalSetting
from models.reading import Query
from models.reset_token import ResetToken
from models.security_setting import SecuritySetting
from models.trading_setting import TradingSetting
from models.upsert import inserted, locked
from models.used_ticket import UsedTicket
from models.user import User
from tests.own_server import server
from tests.server import Broker, Server

__all__ = ["server"]

Json = Any
Table = type[InTenant]

# The world's, the same for every tenant.
CODES = ("country", "currency", "language")
# Of which each tenant has one from the start.
SETTINGS = (
    *(SecuritySetting, CompanySetting, CaptchaSetting),
    *(OfferSetting, TradingSetting, CashierSetting),
)
NOW = datetime(2026, 1, 15, 9, tzinfo=UTC)
NUMBERS = count(700_000)


def all_tables(base: type[SQLModel]) -> list[Any]:
    tables.metadata()
    below = [table for each in base.__subclasses__() for table in all_tables(each)]
    found = [base, *below] if hasattr(base, "__table__") else below
    return sorted(set(found), key=lambda table: str(table.__name__))


TENANT_TABLES = all_tables(InTenant)
USER_TABLES = all_tables(OfUser)
by_table = pytest.mark.parametrize("table", TENANT_TABLES, ids=lambda table: table.__name__)
by_user_table = pytest.mark.parametrize("table", USER_TABLES, ids=lambda table: table.__name__)


def test_every_table_but_the_world_s_belongs_to_a_tenant() -> None:
    outside = {
        table.name for table in tables.metadata().sorted_tables if "tenant_id" not in table.c
    }
    assert outside == {"tenant", *CODES}
    assert len(TENANT_TABLES) == len(tables.metadata().tables) - len(outside)


def test_every_table_with_a_user_belongs_to_that_user() -> None:
    with_user = {table.name for table in tables.metadata().sorted_tables if "user_id" in table.c}
    assert {table.__tablename__ for table in USER_TABLES} == with_user


def value(column: Any, number: int) -> Json:
    """Something that a column may hold, different for each number."""
    if column.name == "currency":
        return "USD"
    if isinstance(column.type, Word):
        return next(iter(column.type.words))
    if isinstance(column.type, Moment):
        return NOW
    if isinstance(column.type, Exact):
        return Decimal(number)
    samples: dict[type, Json] = {
        bool: True,
        int: number,
        bytes: b"x" * 40,
        dict: {},
    }
    longest = getattr(column.type, "length", None) or 100
    return samples.get(column.type.python_type, f"{column.name} {number}"[-longest:])


def row(session: BoundSession, table: Table, number: int) -> Any:
    """A row of this number, new unless it was made before, and those that it refers to."""
    if table in SETTINGS:
        return session.exec(select(table)).one()
    if table in (AuditHead, PortalSetting) and (known := session.exec(select(table)).first()):
        return known
    made: dict[tuple[Table, int], Any] = session.info.setdefault("made", {})
    if (table, number) not in made:
        made[table, number] = new = table(**values(session, table, number))
        session.add(new)
        session.flush()
    return made[table, number]


def values(session: BoundSession, table: Table, number: int) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for column in table.__table__.columns:  # type: ignore[attr-defined]  # every table has columns
        if column.name in ("id", "tenant_id") or column.nullable:
            continue
        if column.foreign_keys and column.name != "currency":
            target = next(iter(column.foreign_keys)).column.table
            referred = next(t for t in TENANT_TABLES if t.__table__ is target)
            found[column.name] = row(session, referred, number).id
        else:
            found[column.name] = value(column, number)
    return found


@pytest.fixture(scope="module")
def pair(server: Server) -> tuple[Broker, Broker]:
    """Two tenants, for all tests of this module that may share them."""
    return server.broker(), server.broker()


@pytest.fixture
def rows(pair: tuple[Broker, Broker]) -> Callable[[Table], tuple[Broker, Broker, Any]]:
    """Both of them, and a row of the second one."""
    broker, other = pair

    def make(table: Table) -> tuple[Broker, Broker, Any]:
        return broker, other, add(other.boundary, broker, table)

    return make


def add(boundary: Boundary, broker: Broker, table: Table) -> Any:
    """A new row within a boundary."""
    number = next(NUMBERS)
    return broker.server.services.database.write(
        boundary, lambda session: row(session, table, number)
    )


Rows = Callable[[Table], tuple[Broker, Broker, Any]]


@by_table
def test_a_row_of_another_tenant_is_not_found(rows: Rows, table: Any) -> None:
    broker, other, foreign = rows(table)
    database = broker.server.services.database

    def look(session: BoundSession) -> list[Json]:
        key = session.exec(select(table.id).where(table.id == foreign.id)).all()
        whole = session.exec(select(table).where(table.id == foreign.id)).all()
        got = session.get(table, foreign.id)
        counted = select(func.count()).select_from(table).where(table.id == foreign.id)
        return [list(key), list(whole), got, session.exec(counted).one()]

    assert database.read(broker.boundary, look) == [[], [], None, 0]
    assert database.read(other.boundary, look)[3] == 1


@by_table
def test_a_row_of_another_tenant_is_not_found_in_a_subquery(rows: Rows, table: Any) -> None:
    broker, other, foreign = rows(table)

    def look(session: BoundSession) -> int:
        found = select(table.id).where(table.id == foreign.id).exists()
        return session.exec(select(func.count(col(User.id))).where(found)).one()

    broker.user(f"one-{foreign.id}-{table.__name__}@example.com")
    assert broker.server.services.database.read(broker.boundary, look) == 0
    other.user(f"another-{foreign.id}-{table.__name__}@example.com")
    assert other.server.services.database.read(other.boundary, look) > 0


@by_table
def test_a_row_of_another_tenant_is_not_found_by_a_prepared_query(rows: Rows, table: Any) -> None:
    broker, other, foreign = rows(table)
    query = Query(sa.select(table.id).where(table.id == bindparam("number")))
    found = [
        broker.server.services.database.reading(
            each.boundary, lambda reading: reading.rows(query, number=foreign.id)
        )
        for each in (broker, other)
    ]
    assert found == [[], [(foreign.id,)]]


def test_a_boundary_cannot_be_asked_for(broker: Broker) -> None:
    other = broker.server.broker()
    theirs = other.user()
    query = Query(sa.select(col(User.id)).where(col(User.id) == bindparam("number")))
    asked = {"number": theirs.id, TENANT: other.tenant_id, OWNER: theirs.id}
    database = broker.server.services.database
    assert database.reading(broker.boundary, lambda reading: reading.rows(query, **asked)) == []


def tamper(statement: Json, session: BoundSession) -> None:
    session.execute(statement)


@by_table
def test_a_row_of_another_tenant_is_neither_changed_nor_removed(rows: Rows, table: Any) -> None:
    broker, other, foreign = rows(table)
    database = broker.server.services.database

    for tampering in (update(table).values(id=foreign.id), delete(table)):
        there = tampering.where(table.id == foreign.id)
        # Many rows of what has states are changed by nobody.
        with suppress(ForbiddenEdgeError):
            database.write(broker.boundary, partial(tamper, there))

    assert database.read(other.boundary, lambda s: s.get(table, foreign.id)) is not None


@by_table
def test_a_new_row_gets_the_tenant_of_its_session_and_no_other(rows: Rows, table: Any) -> None:
    broker, other, _ = rows(table)
    database = broker.server.services.database
    made = add(broker.boundary, broker, table)
    assert made.tenant_id == broker.tenant_id

    def smuggle(session: BoundSession) -> None:
        own: Any = session.get(table, made.id)
        own.tenant_id = other.tenant_id

    with pytest.raises(ForeignRowError):
        database.write(broker.boundary, smuggle)


def test_an_upsert_gets_the_tenant_of_its_session(broker: Broker) -> None:
    other = broker.server.broker()
    key = {"ticket_hash": f"upsert {broker.number}"}

    def write(session: BoundSession) -> int:
        assert inserted(session, UsedTicket, key, used_at=NOW, tenant_id=other.tenant_id)
        assert not inserted(session, UsedTicket, key, used_at=NOW)
        return locked(session, UsedTicket, key, used_at=NOW).tenant_id

    assert broker.server.services.database.write(broker.boundary, write) == broker.tenant_id


def test_an_upsert_is_in_the_name_of_who_is_logged_in(broker: Broker) -> None:
    me, other = broker.user(), broker.user("other@example.com")
    key = {"token_hash": f"upsert {broker.number}"}

    def write(session: BoundSession) -> int:
        inserted(session, ResetToken, key, user_id=other.id, expires_at=NOW)
        return session.exec(select(ResetToken.user_id)).one()

    mine = Boundary(broker.tenant_id, me.id)
    assert broker.server.services.database.write(mine, write) == me.id


@by_user_table
def test_a_row_of_another_user_is_not_found_by_who_is_logged_in(
    pair: tuple[Broker, Broker], table: Any
) -> None:
    broker, _ = pair
    database = broker.server.services.database
    theirs = add(broker.boundary, broker, table)
    me = broker.user(f"found-{table.__name__}@example.com")
    mine = Boundary(broker.tenant_id, me.id)
    found = database.read(mine, lambda session: session.exec(select(table.user_id)).all())
    assert set(found) <= {me.id}
    query = Query(sa.select(table.user_id))
    prepared = database.reading(mine, lambda reading: reading.rows(query))
    assert {user_id for (user_id,) in prepared} <= {me.id}
    owner = Boundary(broker.tenant_id, theirs.user_id)
    assert len(database.read(owner, lambda session: session.exec(select(table)).all())) == 1


@by_user_table
def test_a_row_is_not_written_in_somebody_else_s_name(
    pair: tuple[Broker, Broker], table: Any
) -> None:
    broker, _ = pair
    me = broker.user(f"written-{table.__name__}@example.com")
    with pytest.raises(ForeignRowError):
        add(Boundary(broker.tenant_id, me.id), broker, table)


def test_a_token_of_one_tenant_is_unknown_to_another(broker: Broker) -> None:
    other = broker.server.broker()
    token = broker.login(broker.user())
    assert other.call("get_security_profile", token=token).status_code == 401


def test_the_same_address_may_have_a_user_in_each_tenant(broker: Broker) -> None:
    other = broker.server.broker()
    first, second = broker.user(), other.user()
    assert first.id != second.id
    assert {each.login(user)[:4] for each, user in ((broker, first), (other, second))} == {"crm_"}
