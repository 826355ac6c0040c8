"""A request that is repeated by its key has one effect, though others serve it, and though who
served it first was killed over it.
"""

import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from httpx2 import Client, HTTPError, Response

from models.tenant import Portal, Site
from tests.keyed import DEPOSIT, REPLAYED, Keyed, each_keyed, is_new, kept, newcomer
from tests.own_server import server
from tests.processes import Installation, Service, until
from tests.server import Server, problem
from tests.trading import Floor
from wlink.idempotency import KEY
from wlink.services import Services

__all__ = ["server"]

Json = Any

pytestmark = pytest.mark.long

CROWD = 20
IN_PROGRESS, BUSY = (409, "IDEMPOTENCY_IN_PROGRESS"), (503, "OVERLOADED")


@dataclass(frozen=True)
class House:
    """A broker whom two servers serve, one process each."""

    floor: Floor
    place: Installation
    servers: tuple[Service, Service]

    def client(self) -> Floor:
        """Somebody new, logged in by the servers' clock."""
        self.floor.broker.server.clock.moment = datetime.now(UTC)
        return newcomer(self.floor)


@pytest.fixture(scope="module")
def house(server: Server) -> Iterator[House]:
    server.clock.moment = datetime.now(UTC)
    floor, parts = Floor(server.broker()), server.services
    site = Site(floor.broker.tenant_id, "", Portal.CLIENT, "", language="en", zone="UTC")
    place = Installation(parts.settings.data, parts, site)
    with place.served(1) as first, place.served(1) as second:
        yield House(floor, place, (first, second))


def ask(service: Service, client: Floor, keyed: Keyed, body: Json) -> Response:
    path = client.broker.operations[keyed.name].path
    headers = {"Host": f"client.t{client.broker.number}.example", KEY: "first"}
    headers |= {"Authorization": f"Bearer {client.token}"}
    with Client(base_url=service.address, timeout=60) as http:
        return http.post(path, json=body, headers=headers)


def ask_patiently(service: Service, client: Floor, keyed: Keyed, body: Json) -> Response:
    """Again and again while the server says that this may help."""

    def answers() -> list[Response]:
        found = ask(service, client, keyed, body)
        is_early = not found.is_success and problem(found) in (IN_PROGRESS, BUSY)
        return [] if is_early else [found]

    return until(answers, "an answer")[0]


@each_keyed
def test_another_server_knows_the_answer(house: House, keyed: Keyed) -> None:
    client, (first, second) = house.client(), house.servers
    body = keyed.body(client)
    before = keyed.effects(client)
    granted, again = (ask(each, client, keyed, body) for each in (first, second))
    assert is_new(granted)
    assert (again.status_code, again.headers[REPLAYED]) == (200, "true")
    assert again.content == granted.content
    assert keyed.effects(client) == before + 1


@each_keyed
def test_of_twenty_at_once_at_two_servers_one_has_an_effect(house: House, keyed: Keyed) -> None:
    client = house.client()
    body = keyed.body(client)
    before = keyed.effects(client)
    with ThreadPoolExecutor(CROWD) as threads:
        tried = [
            threads.submit(ask, house.servers[number % 2], client, keyed, body)
            for number in range(CROWD)
        ]
        answers = [each.result() for each in tried]
    granted = [each for each in answers if each.is_success]
    assert [is_new(each) for each in granted].count(True) == 1
    assert len({each.content for each in granted}) == 1
    assert {problem(each) for each in answers if not each.is_success} <= {IN_PROGRESS, BUSY}
    assert keyed.effects(client) == before + 1


@each_keyed
def test_who_was_killed_before_he_was_through_has_done_nothing(house: House, keyed: Keyed) -> None:
    client, parts = house.client(), house.place.services
    body = keyed.body(client)
    before, known = keyed.effects(client), len(kept(client))
    with house.place.served(1) as doomed, ThreadPoolExecutor(1) as threads:
        with held_up(parts) as is_waiting:
            lost = threads.submit(ask, doomed, client, keyed, body)
            until(is_waiting, "a server that has done everything but to commit")
            kill(doomed)
            with pytest.raises(HTTPError):
                lost.result()
        assert (keyed.effects(client), len(kept(client))) == (before, known)
        granted = ask_patiently(house.servers[0], client, keyed, body)
    assert is_new(granted)
    assert (keyed.effects(client), len(kept(client))) == (before + 1, known + 1)


def test_who_was_killed_before_he_answered_knows_the_answer_when_he_was_started_anew(
    house: House,
) -> None:
    client = house.client()
    body = DEPOSIT.body(client)
    with house.place.served(1) as doomed:
        granted = ask(doomed, client, DEPOSIT, body)
        kill(doomed)
    with house.place.served(1) as anew:
        again = ask(anew, client, DEPOSIT, body)
    assert (again.headers[REPLAYED], again.content) == ("true", granted.content)


def kill(service: Service) -> None:
    os.kill(service.command.pid, signal.SIGKILL)
    assert service.command.process.wait(60) == -signal.SIGKILL


@contextmanager
def held_up(parts: Services) -> Iterator[Callable[[], bool]]:
    """Whoever has done everything else cannot keep his answer meanwhile, which comes last. Tells
    whether somebody waits.
    """
    url = parts.database.url
    if url.get_backend_name() == "sqlite":
        held = _busy(str(url.database))
    else:
        held = _locked(url.render_as_string(hide_password=False))
    with held as is_waiting:
        yield is_waiting


@contextmanager
def _locked(url: str) -> Iterator[Callable[[], bool]]:
    waiting = "SELECT 1 FROM pg_locks WHERE relation = 'answered_request'::regclass AND NOT granted"
    with psycopg.connect(url) as holding, psycopg.connect(url, autocommit=True) as looking:
        holding.execute("LOCK TABLE answered_request IN SHARE MODE")
        yield lambda: looking.execute(waiting).fetchone() is not None


@contextmanager
def _busy(file: str) -> Iterator[Callable[[], bool]]:
    """A count of more pairs of countries than anybody could wait for stands before each row."""
    pairs = ", ".join(f"country AS c{number}" for number in range(6))
    count = f"SELECT count(*) FROM {pairs};"
    with closing(sqlite3.connect(file, timeout=60, isolation_level=None)) as looking:
        looking.execute(f"CREATE TRIGGER busy BEFORE INSERT ON answered_request BEGIN {count} END")
        looking.execute("PRAGMA busy_timeout = 1000")
        try:
            yield lambda: _is_taken(looking)
        finally:
            looking.execute("PRAGMA busy_timeout = 60000")
            looking.execute("DROP TRIGGER busy")


def _is_taken(looking: sqlite3.Connection) -> bool:
    """Whether somebody writes and comes to no end."""
    try:
        looking.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return True
    looking.execute("ROLLBACK")
    return False
