"""Whatever happens to messages in whatever order, they are counted right."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from models.boundaries import BoundSession
from models.message_recipient import MessageRecipient
from models.tenant import Portal
from tests.mailboxes import Mailbox, boxes, sent
from tests.server import Broker, Server, problem

Json = Any

EMAILS = ("mei@example.com", "lin@example.com")
marks = st.sampled_from(["read", "hide"])
readers = st.sampled_from(range(len(EMAILS)))


class Post(RuleBasedStateMachine):
    """Messages are sent, delivered, read and hidden; beside them it is written down what each user
    must see: which messages, and whether they are read.
    """

    server: Server
    messages: Bundle[tuple[int, frozenset[int]]] = Bundle("messages")

    @initialize()
    def open(self) -> None:
        self.broker = self.server.broker()
        self.mailboxes = [Mailbox.of(self.broker, email, Portal.CLIENT) for email in EMAILS]
        self.users = [mailbox.user for mailbox in self.mailboxes]
        self.waiting: list[tuple[int, frozenset[int]]] = []
        self.shown: list[dict[int, bool]] = [{} for _ in EMAILS]
        self.hidden: list[set[int]] = [set() for _ in EMAILS]

    @rule(target=messages, to=st.frozensets(readers))
    def send(self, to: frozenset[int]) -> tuple[int, frozenset[int]]:
        """To some of them, or to all that there are."""
        number = self.broker.send(users=[EMAILS[reader] for reader in sorted(to)])
        message = (number, to or frozenset(range(len(EMAILS))))
        self.waiting.append(message)
        return message

    @rule()
    def deliver(self) -> None:
        self.server.deliver()
        for number, to in self.waiting:
            for reader in to:
                self.shown[reader][number] = False
        self.waiting = []

    @rule(message=messages, reader=readers, mark=marks)
    def do(self, message: tuple[int, frozenset[int]], reader: int, mark: str) -> None:
        """Reads or hides a message that may be there, may be hidden, may not have come yet."""
        number, shown = message[0], self.shown[reader]
        answer = self.mailboxes[reader].call(mark, {"id": number})
        if number not in shown and not (mark == "hide" and number in self.hidden[reader]):
            assert problem(answer) == (404, "NOT_FOUND")
            return
        assert answer.json() == {}
        if mark == "read":
            shown[number] = True
        elif shown.pop(number, None) is not None:
            self.hidden[reader].add(number)

    @rule(reader=readers)
    def look(self, reader: int) -> None:
        shown = self.shown[reader]
        seen, total, unread = self.mailboxes[reader].state()
        assert list(seen) == sorted(shown, reverse=True)
        assert (seen, total) == (shown, len(shown))
        assert unread == list(shown.values()).count(False)

    @invariant()
    def boxes_count_what_is_there(self) -> None:
        for shown, box in zip(self.shown, boxes(self.broker, self.users), strict=True):
            total, unread = len(shown), list(shown.values()).count(False)
            assert box == (total, unread, total, unread)

    def teardown(self) -> None:
        for reader in range(len(EMAILS)):
            self.look(reader)


@pytest.mark.long
@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_after_whatever_was_done_messages_are_counted_right(server: Server) -> None:
    machine = type("Post", (Post,), {"server": server})
    few = settings(max_examples=30, stateful_step_count=12, deadline=None)
    run_state_machine_as_test(machine, settings=few)


@pytest.mark.parametrize("marks", [["read"] * 8, ["hide"] * 8, ["read", "hide"] * 4])
def test_who_marks_a_message_many_times_at_once_is_counted_once(
    broker: Broker, marks: list[str]
) -> None:
    user = broker.user()
    number, others = sent(broker), [sent(broker), sent(broker)]
    database, now, together = broker.server.services.database, broker.server.clock(), Barrier(8)

    def mark(name: str) -> None:
        def write(session: BoundSession) -> None:
            own = MessageRecipient.locked(session, user.id, number)
            own.hide(session, now) if name == "hide" or own.hidden_at else own.read(session, now)

        together.wait()
        database.write(broker.boundary, write)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(mark, marks))
    left = len(others) + ("hide" not in marks)
    assert boxes(broker, [user]) == [(left, 2, left, 2)]
