"""Bringing a message to its users: to each of them once, whatever happens to the worker."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Thread
from typing import Any

import pytest
from sqlmodel import col, select

from backoffice import messages
from models.message_recipient import MessageBox
from models.outbox_entry import OutboxEntry
from models.user import User
from tests.mailboxes import held, progress
from tests.server import Broker, problem
from wlink.worker import Worker

Json = Any


def users(broker: Broker, count: int) -> list[User]:
    """New clients."""
    return [broker.user(f"n{number}@example.com") for number in range(count)]


def step(broker: Broker) -> None:
    """A worker does one thing."""
    assert Worker(broker.server.services).step()


@pytest.fixture
def quiet(broker: Broker) -> Broker:
    """A broker whose worker has nothing else to do."""
    broker.server.deliver()
    return broker


@pytest.fixture
def pairs(quiet: Broker, monkeypatch: pytest.MonkeyPatch) -> Broker:
    """The same, and a message is brought to two users at a time."""
    monkeypatch.setattr(messages, "BATCH", 2)
    return quiet


def test_an_operator_s_message_that_fails_is_not_sent(quiet: Broker) -> None:
    user = quiet.user()
    form = messages.MessageForm(title={"en": "News"}, content={"en": "x"})

    def fail(desk: Any) -> None:
        messages.send(desk, quiet.server.services.outbox, form)
        desk.session.flush()
        raise RuntimeError("the lights went out")

    with pytest.raises(RuntimeError):
        quiet.desk(fail)
    assert not Worker(quiet.server.services).step()
    assert held(quiet, [user]) == [0]


def test_who_comes_later_does_not_get_what_was_sent_before(quiet: Broker) -> None:
    early = quiet.user()
    number = quiet.send("before")
    late = quiet.user("late@example.com")
    quiet.server.deliver()
    assert held(quiet, [early, late]) == [1, 0]
    assert progress(quiet, number) == (1, True)
    quiet.send("after")
    quiet.server.deliver()
    assert held(quiet, [early, late]) == [2, 1]


def test_a_message_to_all_of_nobody_is_delivered_at_once(quiet: Broker) -> None:
    number = quiet.send("to nobody")
    quiet.server.deliver()
    assert progress(quiet, number) == (0, True)
    assert held(quiet, [quiet.user()]) == [0]


def test_many_users_are_reached_two_by_two(pairs: Broker) -> None:
    people = users(pairs, 5)
    number = pairs.send("to five")
    seen = []
    for _ in range(3):
        step(pairs)
        seen.append((held(pairs, people), progress(pairs, number)))
    assert seen == [
        ([1, 1, 0, 0, 0], (2, False)),
        ([1, 1, 1, 1, 0], (4, False)),
        ([1, 1, 1, 1, 1], (5, True)),
    ]
    assert not Worker(pairs.server.services).step()


def test_a_batch_that_is_just_full_is_not_the_last(pairs: Broker) -> None:
    people = users(pairs, 4)
    number = pairs.send("to four")
    step(pairs)
    step(pairs)
    assert progress(pairs, number) == (4, False)
    step(pairs)
    assert progress(pairs, number) == (4, True)
    assert held(pairs, people) == [1] * 4


def test_who_comes_between_two_batches_is_too_late(pairs: Broker) -> None:
    people = users(pairs, 3)
    pairs.send("to three")
    step(pairs)
    late = pairs.user("late@example.com")
    pairs.server.deliver()
    assert held(pairs, [*people, late]) == [1, 1, 1, 0]


def test_a_message_can_be_read_and_hidden_while_others_still_wait_for_it(pairs: Broker) -> None:
    first, *rest = users(pairs, 4)
    number, token = pairs.send("to four"), pairs.token(first)
    step(pairs)
    for name in ("mark_client_message_read", "hide_client_message"):
        assert pairs.call(name, {"id": number}, token=token).json() == {}
    pairs.server.deliver()
    answer = pairs.call("get_client_message", token=token, query={"id": number})
    assert problem(answer) == (404, "NOT_FOUND")
    assert held(pairs, [first, *rest]) == [0, 1, 1, 1]


def failing(
    monkeypatch: pytest.MonkeyPatch, at_time: int, fault: BaseException, *, late: bool
) -> None:
    """Boxes cannot be counted up, at one of the times: before or after it is done."""
    usual, times = MessageBox.add, list[int]()

    def add(session: Any, user_ids: list[int]) -> None:
        times.append(1)
        fails = len(times) == at_time
        if fails and not late:
            raise fault
        usual(session, user_ids)
        if fails:
            raise fault

    monkeypatch.setattr(MessageBox, "add", add)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("at_time", [1, 2, 3])
def test_a_batch_that_fails_is_tried_again_and_nobody_has_it_twice(
    pairs: Broker, monkeypatch: pytest.MonkeyPatch, at_time: int, late: bool
) -> None:
    people = users(pairs, 5)
    number = pairs.send("once")
    failing(monkeypatch, at_time, OSError("no space left"), late=late)
    pairs.server.deliver()
    done = 2 * (at_time - 1)
    assert progress(pairs, number) == (done, False)
    assert held(pairs, people) == [1] * done + [0] * (5 - done)
    pairs.server.clock.forward(seconds=2)
    pairs.server.deliver()
    assert held(pairs, people) == [1] * 5
    assert progress(pairs, number) == (5, True)


@pytest.mark.parametrize("late", [False, True])
def test_what_a_worker_has_claimed_and_not_done_another_does_when_the_claim_is_over(
    pairs: Broker, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    people = users(pairs, 5)
    number = pairs.send("once")
    failing(monkeypatch, 2, SystemExit(), late=late)
    with pytest.raises(SystemExit):
        pairs.server.deliver()
    assert not Worker(pairs.server.services).step(), "it is still the dead worker's"
    assert progress(pairs, number) == (2, False)
    pairs.server.clock.forward(seconds=pairs.server.services.settings.lease_seconds)
    pairs.server.deliver()
    assert held(pairs, people) == [1] * 5
    assert progress(pairs, number) == (5, True)


@dataclass
class DrowsyClock:
    """The clock of a worker who looks at it when he is made, when he claims an entry and when he
    begins to work on it: there he sleeps first.
    """

    clock: Callable[[], datetime]
    sleep: Callable[[], None]
    looks: int = 0

    def __call__(self) -> datetime:
        self.looks += 1
        if self.looks == 3:
            self.sleep()
        return self.clock()


def test_who_oversleeps_his_claim_brings_nobody_a_second_one(pairs: Broker) -> None:
    people = users(pairs, 5)
    number, parts = pairs.send("once"), pairs.server.services
    seen = []

    def sleep() -> None:
        """The claim runs out meanwhile, and another worker does the first batch."""
        pairs.server.clock.forward(seconds=parts.settings.lease_seconds)
        step(pairs)
        seen.append(progress(pairs, number))

    drowsy = Worker(replace(parts, clock=DrowsyClock(parts.clock, sleep)))
    assert drowsy.step()
    seen.append(progress(pairs, number))
    assert seen == [(2, False), (2, False)], "who wakes up late does nothing"
    pairs.server.deliver()
    assert held(pairs, people) == [1] * 5
    assert progress(pairs, number) == (5, True)


def test_several_workers_bring_several_messages_to_the_same_users(pairs: Broker) -> None:
    people = users(pairs, 7)
    numbers = [pairs.send(f"message {number}") for number in range(3)]
    faults: list[BaseException] = []

    def work() -> None:
        try:
            pairs.server.deliver()
        except BaseException as fault:
            faults.append(fault)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pairs.server.clock.forward(minutes=1)
    pairs.server.deliver()
    assert faults == []
    assert [progress(pairs, number) for number in numbers] == [(7, True)] * 3
    assert held(pairs, people) == [3] * 7


def test_a_message_that_waits_outlasts_a_worker_that_is_away_for_long(quiet: Broker) -> None:
    user = quiet.user()
    quiet.send("patience")
    quiet.server.clock.forward(days=300)
    quiet.server.deliver()
    assert held(quiet, [user]) == [1]


def test_nothing_is_left_in_the_outbox_once_all_have_it(pairs: Broker) -> None:
    users(pairs, 5)
    pairs.send("once")
    pairs.server.deliver()
    entries = select(OutboxEntry).order_by(col(OutboxEntry.id))
    found = pairs.server.services.database.read(
        pairs.boundary, lambda session: session.exec(entries).all()
    )
    assert [(entry.state.value, entry.tries, entry.content) for entry in found] == [
        ("done", 1, b"")
    ] * 3
