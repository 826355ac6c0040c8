"""Transactions, and how both databases are spoken to."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError
from sqlmodel import select

from contract.problems import Problem
from models import upsert
from models.boundaries import BoundSession
from models.database import Database
from models.engines import UnsafeDatabaseError
from models.rate_counter import Limit, RateCounter
from models.tenant import Portal, Tenant
from models.upsert import inserted
from models.user import User
from tests.server import Broker, Server

Json = Any


def test_what_returns_is_committed(broker: Broker) -> None:
    user = broker.user()

    def rename(session: BoundSession) -> None:
        User.locked(session, user.id).full_name = "Somebody Else"

    database = broker.server.services.database
    database.write(broker.boundary, rename)
    found = database.read(broker.boundary, lambda session: User.present(session, user.id))
    assert found.full_name == "Somebody Else"


def test_what_raises_is_undone(broker: Broker) -> None:
    user = broker.user()

    def fail(session: BoundSession) -> None:
        User.locked(session, user.id).full_name = "Somebody Else"
        session.flush()
        raise Problem("NOT_FOUND")

    database = broker.server.services.database
    with pytest.raises(Problem):
        database.write(broker.boundary, fail)
    found = database.read(broker.boundary, lambda session: User.present(session, user.id))
    assert found.full_name == "Lin Mei"


def test_a_reference_to_nothing_is_refused(broker: Broker) -> None:
    def refer(session: BoundSession) -> None:
        session.execute(
            text("UPDATE login_session SET user_id = 0 WHERE tenant_id = :t"),
            {"t": broker.tenant_id},
        )

    broker.login(broker.user())
    with pytest.raises(IntegrityError):
        broker.server.services.database.write(None, refer)


def test_errors_of_the_database_name_no_values(broker: Broker) -> None:
    broker.user("secret@example.com")
    with pytest.raises(IntegrityError) as told:
        broker.user("secret@example.com")
    assert "[parameters" not in str(told.value).replace("[SQL parameters hidden", "")


def serialization_failure(kind: str, raised: list[int], times: int) -> Json:
    def work(session: BoundSession) -> str:
        raised.append(1)
        if len(raised) <= times:
            if kind == "postgresql":
                session.execute(text("DO $$ BEGIN RAISE EXCEPTION SQLSTATE '40001'; END $$"))
            busy = sqlite3.OperationalError("database is locked")
            busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise OperationalError("", {}, busy)
        return "done"

    return work


def test_who_was_in_another_s_way_tries_again(server: Server) -> None:
    database, raised = server.services.database, list[int]()
    kind = database.url.get_backend_name()
    assert database.write(None, serialization_failure(kind, raised, 2)) == "done"
    assert len(raised) == 3


def test_who_is_always_in_the_way_gives_up_in_the_end(server: Server) -> None:
    database, raised = server.services.database, list[int]()
    kind = database.url.get_backend_name()
    with pytest.raises(Problem) as problem:
        database.write(None, serialization_failure(kind, raised, 99))
    assert problem.value.code == "OVERLOADED"
    assert len(raised) == 4


def test_a_fault_of_ours_is_not_taken_for_the_database_s(server: Server) -> None:
    with pytest.raises((ProgrammingError, OperationalError, Problem)) as raised:
        server.services.database.read(
            None, lambda s: s.execute(text("SELECT nothing FROM nowhere"))
        )
    assert not isinstance(raised.value, Problem)


def test_a_row_that_was_removed_in_between_is_made_anew(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = list[int]()

    def there_until_now(*found: Json, **values: Json) -> bool:
        seen.append(1)
        return len(seen) > 1 and inserted(*found, **values)

    monkeypatch.setattr(upsert, "inserted", there_until_now)
    limit, now = Limit(1, 60), broker.server.clock()
    wait = broker.server.services.database.write(
        broker.boundary, lambda s: RateCounter.wait(s, "test", "somebody", limit, now)
    )
    assert (wait, len(seen)) == (0, 2)


def test_two_that_count_the_same_row_lose_nothing(broker: Broker) -> None:
    user, database, together = broker.user(), broker.server.services.database, Barrier(8)

    def count(session: BoundSession) -> None:
        row = User.locked(session, user.id)
        row.full_name = str(int(row.full_name) + 1 if row.full_name.isdigit() else 1)

    def run() -> None:
        together.wait()
        for _ in range(5):
            database.write(broker.boundary, count)

    threads = [Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = database.read(broker.boundary, lambda session: User.present(session, user.id))
    assert found.full_name == "40"


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.datetimes(datetime(1970, 1, 2), datetime(2199, 1, 1), timezones=st.just(UTC)),
    st.integers(-12, 14),
)
def test_a_moment_comes_back_as_it_was(broker: Broker, moment: datetime, hours: int) -> None:
    said = moment.astimezone(timezone(timedelta(hours=hours)))
    database = broker.server.services.database
    user = database.write(broker.boundary, lambda s: _somebody(s, broker, said))
    found = database.read(broker.boundary, lambda s: User.present(s, user.id)).last_login_at
    assert found == moment
    assert found is not None
    assert found.tzinfo is UTC


def _somebody(session: BoundSession, broker: Broker, moment: datetime) -> User:
    email = "moments@example.com"
    user = session.exec(select(User).where(User.email == email)).first()
    if user is None:
        user = User(
            user_type=Portal.CLIENT,
            email=email,
            password_hash="",
            password_changed_at=moment,
            first_name="",
            last_name="",
            full_name="",
            language="en",
        )
        session.add(user)
    user.last_login_at = moment
    session.flush()
    return user


def test_a_moment_without_a_zone_is_refused(broker: Broker) -> None:
    with pytest.raises(Exception, match="without a time zone"):
        broker.user(last_login_at=datetime(2026, 1, 1))


def test_a_word_that_is_none_is_refused(broker: Broker) -> None:
    with pytest.raises(Exception, match="not a valid"):
        broker.user(status="asleep")


def test_sqlite_keeps_what_it_is_given(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite'}")
    wanted = {"foreign_keys": 1, "synchronous": 2, "busy_timeout": 1000}
    with database.engine.connect() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}
        journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    database.close()
    assert found == wanted
    assert journal == ("wal" if sqlite3.sqlite_version_info >= (3, 51, 3) else "delete")


@contextmanager
def somebody_writes(database: Database) -> Iterator[None]:
    """And does not come to an end meanwhile."""
    begun, goes_on = Event(), Event()

    def hold(session: BoundSession) -> None:
        one(session)
        begun.set()
        goes_on.wait()

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(database.write, None, hold)
        begun.wait()
        try:
            yield
        finally:
            goes_on.set()
        first.result()


def one(session: BoundSession) -> int:
    return int(session.execute(text("SELECT 1")).scalar_one())


def test_who_waits_to_write_to_sqlite_takes_no_connection_from_readers(tmp_path: Path) -> None:
    database, together = Database(f"sqlite:///{tmp_path / 'a.sqlite'}"), Barrier(6)
    pool: Any = database.engine.pool
    taken: list[int] = []
    event.listen(pool, "checkout", lambda *_: taken.append(pool.checkedout()))

    def write() -> int:
        together.wait()
        return database.write(None, one)

    with ThreadPoolExecutor(5) as threads, somebody_writes(database):
        others = [threads.submit(write) for _ in range(5)]
        together.wait()
    assert [each.result() for each in others] == [1] * 5
    assert taken == [1] * 6
    database.close()


def test_who_waits_too_long_to_write_to_sqlite_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.database.BUSY_MILLISECONDS", 1)
    database = Database(f"sqlite:///{tmp_path / 'a.sqlite'}")
    with somebody_writes(database), pytest.raises(Problem) as problem:
        database.write(None, one)
    assert problem.value.code == "OVERLOADED"
    assert database.write(None, one) == 1
    database.close()


@pytest.mark.parametrize("url", ["mysql://127.0.0.1/x", "sqlite://", "sqlite:///:memory:"])
def test_a_database_that_would_not_do_is_refused(url: str) -> None:
    with pytest.raises(UnsafeDatabaseError, match="must be postgresql"):
        Database(url)


def test_a_database_that_is_away_is_said_so() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(Problem) as problem:
        database.read(None, lambda session: session.exec(select(Tenant)).all())
    assert problem.value.code == "OVERLOADED"
