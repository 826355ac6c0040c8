"""A message to thousands, while workers are killed over it and its readers do not wait."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlmodel import Session, col, func, select

from backoffice import messages
from backoffice.desk import Desk
from models.boundaries import BoundSession
from models.message import Message
from models.message_recipient import MessageBox, MessageRecipient
from models.tenant import Portal
from models.user import User
from tests.processes import Installation, installed, until
from tests.server import DATABASES, PERSON

pytestmark = pytest.mark.long

USERS = 4000
FORM = messages.MessageForm(
    title={"en": "Hello"}, content={"en": "<p>Hello</p>"}, portals=[Portal.CLIENT]
)


@pytest.fixture(params=DATABASES)
def inside(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    with installed(request.param, tmp_path) as place:
        yield place


def crowd(inside: Installation, number: int) -> None:
    """So many users, who never log in."""
    one = inside.user("mei.lin@example.com").model_dump(exclude={"id", "email"})
    tenant_id = inside.boundary.tenant_id

    def write(session: Session) -> None:
        people = [{**one, "email": f"n{each}@example.com"} for each in range(1, number)]
        session.connection().execute(insert(User), people)
        others = session.exec(select(User.id).where(User.full_name == PERSON.full_name)).all()
        known = set(session.exec(select(MessageBox.user_id)))
        boxes = [
            {"tenant_id": tenant_id, "user_id": each, "total": 0, "unread": 0}
            for each in others
            if each not in known
        ]
        session.connection().execute(insert(MessageBox), boxes)

    inside.write(write)


def send(inside: Installation) -> int:
    parts = inside.services

    def write(session: BoundSession) -> int:
        desk = Desk(session, parts.audit, parts.clock(), "console test")
        return messages.send(desk, parts.outbox, FORM)

    return inside.write(write)


def reached(inside: Installation, number: int) -> int:
    own = select(Message.recipients).where(Message.id == number)
    return inside.read(lambda session: session.exec(own).one())


def has_reached(inside: Installation, number: int, least: int) -> bool:
    return reached(inside, number) >= least


def is_delivered(inside: Installation, number: int) -> bool:
    own = select(Message.delivered_at).where(Message.id == number)
    return inside.read(lambda session: session.exec(own).one()) is not None


def test_everybody_has_it_once_though_workers_are_killed_on_the_way(inside: Installation) -> None:
    crowd(inside, USERS)
    number = send(inside)
    for threshold in (1, USERS // 2):
        with inside.command("worker", lease_seconds=1) as worker:
            until(partial(has_reached, inside, number, threshold), "some users")
            os.kill(worker.pid, signal.SIGKILL)
            worker.process.wait(60)
    assert reached(inside, number) % messages.BATCH == 0, "a batch is done or not"
    with inside.command("worker", lease_seconds=1), inside.command("worker", lease_seconds=1):
        until(lambda: is_delivered(inside, number), "everybody")
    assert reached(inside, number) == USERS
    times = (
        select(func.count(), func.count(col(MessageRecipient.user_id).distinct()))
        .select_from(MessageRecipient)
        .where(MessageRecipient.message_id == number)
    )
    assert inside.read(lambda session: session.exec(times).one()) == (USERS, USERS)
    boxes = select(MessageBox.total, MessageBox.unread).distinct()
    assert inside.read(lambda session: session.exec(boxes).all()) == [(1, 1)]


def test_counters_are_right_though_all_happens_at_once(inside: Installation) -> None:
    """Two messages come while one and the same reader reads and hides what he has."""
    user, now = inside.user("mei.lin@example.com"), inside.services.clock()
    first = [send(inside) for _ in range(10)]
    with inside.command("worker"):
        until(lambda: all(is_delivered(inside, each) for each in first), "ten messages")

    def own(session: Session, number: int) -> MessageRecipient:
        return MessageRecipient.locked(session, user.id, number)

    def read(number: int) -> None:
        inside.write(lambda session: own(session, number).read(session, now))

    def hide(number: int) -> None:
        inside.write(lambda session: own(session, number).hide(session, now))

    with inside.command("worker"), inside.command("worker"), ThreadPoolExecutor(8) as pool:
        later = [pool.submit(send, inside) for _ in range(6)]
        done = [pool.submit(read, number) for number in first[:8] for _ in range(3)]
        done += [pool.submit(hide, number) for number in first[8:] for _ in range(3)]
        for each in done:
            each.result()
        numbers = [each.result() for each in later]
        until(lambda: all(is_delivered(inside, each) for each in numbers), "six more")
    counts = inside.services.database.reading(
        inside.boundary, lambda reading: MessageBox.counts(reading, user.id)
    )
    assert counts == (10 - 2 + 6, 6)
