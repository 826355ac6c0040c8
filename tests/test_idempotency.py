"""A request that is repeated by its key has one effect and one answer, whatever happens."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import Engine, event, select

from contract.operations import Operation
from handlers.planned import PLANNED
from models import tables
from models.answered_request import AnsweredRequest
from models.rate_counter import RateCounter
from models.sweeping import sweep
from tests.keyed import (
    APPLY,
    CREATE,
    DEPOSIT,
    KEYED,
    REPLAYED,
    Keyed,
    ask,
    crowd,
    each_keyed,
    floor,
    is_new,
    is_replayed,
    kept,
    newcomer,
)
from tests.own_server import server
from tests.server import problem
from tests.trading import Floor
from trading.play_money import top_up
from wlink.idempotency import KEY

__all__ = ["floor", "server"]

# Every case of a long table.
pytestmark = pytest.mark.long

Json = Any


def test_every_operation_that_takes_a_key_and_is_built_has_its_row(
    all_operations: dict[str, Operation],
) -> None:
    taking = {
        name
        for name, operation in all_operations.items()
        if any(parameter["name"] == KEY for parameter in operation.parameters)
    }
    assert {keyed.name for keyed in KEYED.values()} == taking - PLANNED


@each_keyed
def test_a_repeated_request_has_the_same_answer_and_no_second_effect(
    floor: Floor, keyed: Keyed
) -> None:
    body = keyed.body(floor)
    before = keyed.effects(floor)
    first = ask(floor, keyed, body)
    assert is_new(first)
    for again in (body, dict(reversed(body.items()))):
        assert is_replayed(ask(floor, keyed, again), first)
    assert keyed.effects(floor) == before + 1


@each_keyed
def test_a_key_is_good_for_one_body(floor: Floor, keyed: Keyed) -> None:
    body = keyed.body(floor)
    before = keyed.effects(floor)
    first = ask(floor, keyed, body)
    refused = ask(floor, keyed, body | keyed.other)
    assert problem(refused) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert keyed.effects(floor) == before + 1
    assert is_replayed(ask(floor, keyed, body), first)


@each_keyed
def test_another_s_key_is_another_key(floor: Floor, keyed: Keyed) -> None:
    """Another client's of the broker, and a client's of another broker."""
    assert is_new(ask(floor, keyed, keyed.body(floor)))
    for other in (newcomer(floor), Floor(floor.broker.server.broker())):
        body = keyed.body(other)
        before = keyed.effects(other)
        assert is_new(ask(other, keyed, body))
        assert keyed.effects(other) == before + 1


def test_nobody_gets_the_answer_to_another_s_request(floor: Floor) -> None:
    body = DEPOSIT.body(floor)
    assert is_new(ask(floor, DEPOSIT, body))
    assert problem(ask(newcomer(floor), DEPOSIT, body)) == (404, "NOT_FOUND")


def test_the_same_key_for_another_operation_is_another_key(floor: Floor) -> None:
    for keyed in (CREATE, APPLY, DEPOSIT):
        assert is_new(ask(floor, keyed, keyed.body(floor)))
    body = floor.wanted()
    assert problem(ask(floor, APPLY, body, "second")) == (409, "APPLICATION_PENDING")
    live = body | {"is_demo": False}
    assert problem(ask(floor, CREATE, live, "second")) == (409, "APPLICATION_PENDING")


def test_without_a_key_every_request_is_one_of_its_own(floor: Floor) -> None:
    body = DEPOSIT.body(floor)
    for _ in range(2):
        assert is_new(floor.call(DEPOSIT.name, body))
    assert (DEPOSIT.effects(floor), kept(floor)) == (2, [])


def test_what_was_refused_is_served_anew(floor: Floor) -> None:
    body = DEPOSIT.body(floor)
    floor.set(most_demo_deposits=1)
    assert problem(ask(floor, DEPOSIT, body)) == (409, "AMOUNT_OUT_OF_RANGE")
    assert (DEPOSIT.effects(floor), kept(floor)) == (0, [])
    floor.set(most_demo_deposits=5)
    first = ask(floor, DEPOSIT, body)
    assert is_new(first)
    assert is_replayed(ask(floor, DEPOSIT, body), first), "the cap is reached by now"
    assert problem(ask(floor, DEPOSIT, body, "second")) == (409, "AMOUNT_OUT_OF_RANGE")


def test_after_three_days_a_key_is_a_new_one(floor: Floor) -> None:
    body, clock = DEPOSIT.body(floor), floor.broker.server.clock
    first = ask(floor, DEPOSIT, body)
    clock.forward(hours=72, seconds=-1)
    floor.token = floor.broker.token(floor.user)
    assert is_replayed(ask(floor, DEPOSIT, body), first)
    clock.forward(seconds=1)
    assert is_new(ask(floor, DEPOSIT, body | DEPOSIT.other))
    assert problem(ask(floor, DEPOSIT, body)) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert (DEPOSIT.effects(floor), len(kept(floor))) == (2, 1)


def test_answers_are_thrown_away_when_their_time_is_over(floor: Floor) -> None:
    parts = floor.broker.server.services
    assert is_new(ask(floor, DEPOSIT, DEPOSIT.body(floor)))
    for hours, left in ((71, 1), (1, 0)):
        floor.broker.server.clock.forward(hours=hours)
        parts.database.write(None, lambda session: sweep(session, parts.clock()))
        assert len(kept(floor)) == left


@each_keyed
def test_of_twenty_at_once_one_has_an_effect(floor: Floor, keyed: Keyed) -> None:
    body = keyed.body(floor)
    before = keyed.effects(floor)
    granted, refused = crowd(floor, keyed, body)
    assert [is_new(each) for each in granted].count(True) == 1
    assert {each.content for each in granted} == {ask(floor, keyed, body).content}
    for each in refused:
        assert problem(each) == (409, "IDEMPOTENCY_IN_PROGRESS")
    assert keyed.effects(floor) == before + 1


def test_who_comes_while_the_first_is_served_is_told_so_or_waits(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite has one writer at a time: there he waits."""
    body = DEPOSIT.body(floor)
    waits = floor.broker.server.services.database.url.get_backend_name() == "sqlite"
    meanwhile: list[Future[Response]] = []

    with ThreadPoolExecutor(1) as threads:

        def be_slow(*given: Json) -> Json:
            meanwhile.append(threads.submit(ask, floor, DEPOSIT, body))
            if not waits:
                meanwhile[0].result()
            return top_up(*given)

        monkeypatch.setattr("handlers.deposits.top_up", be_slow)
        first = ask(floor, DEPOSIT, body)
        (second,) = (each.result() for each in meanwhile)
    assert is_new(first)
    if waits:
        assert is_replayed(second, first)
    else:
        assert problem(second) == (409, "IDEMPOTENCY_IN_PROGRESS")
        assert second.headers["retry-after"] == "1"
    assert DEPOSIT.effects(floor) == 1


@each_keyed
def test_though_nobody_had_a_lock_one_of_twenty_has_an_effect(
    floor: Floor, keyed: Keyed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AnsweredRequest, "claim", lambda session, request: None)
    body = keyed.body(floor)
    before = keyed.effects(floor)
    granted, _ = crowd(floor, keyed, body)
    assert [is_new(each) for each in granted].count(True) == 1
    assert keyed.effects(floor) == before + 1


def test_though_nobody_looked_a_request_has_one_effect(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AnsweredRequest, "answer_to", lambda session, request: None)
    body = DEPOSIT.body(floor)
    assert is_new(ask(floor, DEPOSIT, body))
    assert problem(ask(floor, DEPOSIT, body)) == (409, "IDEMPOTENCY_IN_PROGRESS")
    assert DEPOSIT.effects(floor) == 1


class BrokenError(Exception):
    """The server breaks down here."""


@contextmanager
def breaking(engine: Engine, at: int) -> Iterator[list[str]]:
    """Whoever uses the database breaks down before his statement or commit of this number. Tells
    what was tried.
    """
    tried: list[str] = []

    def note(*given: Json) -> None:
        tried.append(str(given[2]) if len(given) > 1 else "COMMIT")
        if len(tried) == at:
            raise BrokenError

    for moment in ("before_cursor_execute", "commit"):
        event.listen(engine, moment, note)
    try:
        yield tried
    finally:
        for moment in ("before_cursor_execute", "commit"):
            event.remove(engine, moment, note)


def everything(floor: Floor) -> dict[str, list[str]]:
    """All rows of the broker's, of every table but that of calls: they count, whatever becomes of
    them.
    """
    found: dict[str, list[str]] = {}
    with floor.broker.server.services.database.engine.connect() as connection:
        for table in tables.metadata().sorted_tables:
            if "tenant_id" in table.c and table.name != RateCounter.__tablename__:
                own = select(table).where(table.c.tenant_id == floor.broker.tenant_id)
                found[table.name] = sorted(map(str, connection.execute(own)))
    return found


@each_keyed
def test_wherever_it_breaks_down_all_of_it_is_done_or_nothing(floor: Floor, keyed: Keyed) -> None:
    engine, body = floor.broker.server.services.database.engine, keyed.body(floor)
    effects, before = keyed.effects(floor), everything(floor)
    for at in range(1, 100):
        with breaking(engine, at) as tried:
            answer = ask(floor, keyed, body)
        if answer.status_code == 200:
            break
        assert problem(answer) == (500, "INTERNAL_ERROR")
        assert everything(floor) == before, tried[-1]
    assert len(tried) == at - 1 > 10, "once before each"
    assert (tried[-1], "answered_request" in tried[-2]) == ("COMMIT", True)
    assert is_new(answer)
    assert (keyed.effects(floor), len(kept(floor))) == (effects + 1, 1)
    assert is_replayed(ask(floor, keyed, body), answer)


def test_neither_key_nor_content_can_be_read_from_what_is_kept(floor: Floor) -> None:
    body, other = APPLY.body(floor), newcomer(floor)
    for client in (floor, other):
        assert is_new(ask(client, APPLY, body, "a-key-of-mine"))
    first, second = kept(floor)
    assert (first.user_id, second.user_id) == (floor.user.id, other.user.id)
    assert first.name_seal != second.name_seal
    assert first.content_seal != second.content_seal, "though they say the same"
    written = str(everything(floor)["answered_request"])
    assert "a-key-of-mine" not in written and body["password"] not in written


def test_a_page_may_see_that_an_answer_is_an_old_one(floor: Floor) -> None:
    origin = f"https://client.t{floor.broker.number}.example"
    answer = floor.broker.call("get_company", headers={"Origin": origin})
    assert REPLAYED in answer.headers["access-control-expose-headers"]
