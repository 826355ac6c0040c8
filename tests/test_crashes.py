"""What was promised is kept, whoever is killed, stopped or away meanwhile."""

import asyncio
import os
import signal
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from gateways.letters import DAY, post_letter
from gateways.mail import Mail
from gateways.smtp import SmtpMail
from models.boundaries import Boundary, BoundSession
from models.outbox_entry import EntryState, OutboxEntry
from tests.processes import Command, Installation, free_port, installed, outbox, outcomes, until
from tests.server import DATABASES, Broker, Clock
from wlink.services import Services
from wlink.worker import Worker

pytestmark = pytest.mark.long

HERE = "127.0.0.1"
SENDER = "wlink <no-reply@localhost>"
BODY = b'{"email": "nobody@example.com", "password": "wrong"}'
REQUEST = (
    b"POST /v1/auth/account/login HTTP/1.1\r\nHost: one.example\r\nExpect: 100-continue\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY)
)


@dataclass
class Postbox:
    """A mail server. What happens before it answers is a test's to say."""

    port: int = field(default_factory=free_port)
    accepted: list[str] = field(default_factory=list)
    before_answering: Callable[[str, str], bool] = lambda sender, key: True
    crowd: int = 1
    _inside: int = 0
    _crowded: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        """Accepts a mail, unless `before_answering` says no."""
        key = message_from_bytes(envelope.content)["Message-ID"].strip("<>").partition("@")[0]
        await self._wait_for_others()
        if not self.before_answering(envelope.mail_from, key):
            return "451 not now"
        self.accepted.append(key)
        return "250 OK"

    async def _wait_for_others(self) -> None:
        """The first mails wait until so many are being sent at the same time; not for ever, since
        whoever sends one does not wait for ever, either.
        """
        self._inside += 1
        if self._inside >= self.crowd:
            self._crowded.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._crowded.wait(), 8)

    @contextmanager
    def open(self) -> Iterator["Postbox"]:
        controller = Controller(self, hostname="127.0.0.1", port=self.port)
        controller.start()
        try:
            yield self
        finally:
            controller.stop()


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with Postbox().open() as opened:
        yield opened


@pytest.fixture(params=DATABASES)
def inside(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    with installed(request.param, tmp_path) as place:
        yield place


def post(parts: Services, boundary: Boundary, number: int, life: timedelta = DAY) -> list[str]:
    """Writes so many letters into the outbox, and says by which keys they go."""
    now = parts.clock()

    def write(session: BoundSession) -> list[str]:
        for place in range(number):
            recipient = f"n{place}@example.com"
            post_letter(parts.outbox, session, "email_code", recipient, "en", now, life, code="1")
        return [entry.key for entry in session.new if isinstance(entry, OutboxEntry)]

    return parts.database.write(boundary, write)


def entry_of(parts: Services, key: str) -> OutboxEntry:
    return next(entry for entry in outbox(parts) if entry.key == key)


def states(parts: Services) -> set[EntryState]:
    return {entry.state for entry in outbox(parts)}


@contextmanager
def working(inside: Installation, postbox: Postbox, **changed: Any) -> Iterator[Command]:
    """A worker that brings its mails to the postbox."""
    mail = {"smtp_host": HERE, "smtp_port": postbox.port, "smtp_encrypted": False}
    with inside.command("worker", **(mail | changed)) as worker:
        yield worker


def test_a_mail_goes_out_once_though_workers_are_killed_over_it(
    inside: Installation, postbox: Postbox
) -> None:
    keys = post(inside.services, inside.boundary, 30)
    workers: dict[str, Command] = {}
    offered: list[str] = []
    postbox.before_answering = lambda sender, key: not is_killed(sender, key)

    def is_killed(sender: str, key: str) -> bool:
        """The first worker is killed over its first mail, the second one over its third."""
        offered.append(sender)
        is_fatal = offered.count(sender) == {"first@localhost": 1, "second@localhost": 3}.get(
            sender
        )
        if is_fatal:
            os.kill(workers[sender].pid, signal.SIGKILL)
        return is_fatal

    with ExitStack() as running:

        def start(sender: str) -> None:
            worker = working(inside, postbox, mail_sender=sender, lease_seconds=1)
            workers[sender] = running.enter_context(worker)

        start("first@localhost")
        start("second@localhost")
        for killed in list(workers.values()):
            assert killed.process.wait(60) == -signal.SIGKILL
        assert len(postbox.accepted) == 2
        start("third@localhost")
        until(lambda: states(inside.services) == {EntryState.DONE}, "every mail on its way")
    assert sorted(postbox.accepted) == sorted(keys)


def test_several_workers_never_send_the_same_mail(inside: Installation, postbox: Postbox) -> None:
    keys = post(inside.services, inside.boundary, 60)
    postbox.crowd = 3
    with ExitStack() as running:
        for _ in range(3):
            running.enter_context(working(inside, postbox))
        until(lambda: states(inside.services) == {EntryState.DONE}, "every mail on its way")
    assert sorted(postbox.accepted) == sorted(keys)
    assert {entry.tries for entry in outbox(inside.services)} == {1}


def test_a_worker_that_is_asked_to_stop_finishes_what_it_has_begun(
    inside: Installation, postbox: Postbox
) -> None:
    (key,) = post(inside.services, inside.boundary, 1)
    with working(inside, postbox) as worker:

        def asks_to_stop(_: str, __: str) -> bool:
            os.kill(worker.pid, signal.SIGTERM)
            return True

        postbox.before_answering = asks_to_stop
        assert worker.process.wait(60) == 0
    assert postbox.accepted == [key]
    assert entry_of(inside.services, key).state is EntryState.DONE


def test_mails_wait_longer_and_longer_for_a_mail_server_that_is_away(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.server.deliver()
    monkeypatch.setattr("wlink.worker.random.uniform", lambda _, longest: longest)
    postbox = Postbox()
    mail = SmtpMail(HERE, postbox.port, SENDER, encrypted=False)
    parts = replace(broker.server.services, mail=mail)
    worker, clock = Worker(parts), broker.server.clock
    (key,) = post(parts, broker.boundary, 1)
    for tries in (1, 2, 3, 4):
        assert worker.step()
        entry = entry_of(parts, key)
        assert (entry.state, entry.tries) == (EntryState.WAITING, tries)
        assert entry.fault == "ConnectionRefusedError"
        assert entry.due_at - clock() == timedelta(seconds=2**tries)
        assert not worker.step(), "not before it is due"
        clock.moment = entry.due_at
    with postbox.open():
        assert worker.step()
    assert postbox.accepted == [key]
    assert entry_of(parts, key).state is EntryState.DONE


def test_mails_whose_time_is_over_are_not_sent(broker: Broker, postbox: Postbox) -> None:
    broker.server.deliver()
    away = SmtpMail(HERE, free_port(), SENDER, encrypted=False)
    there = SmtpMail(HERE, postbox.port, SENDER, encrypted=False)
    parts, life = broker.server.services, timedelta(minutes=10)
    (failed,) = post(parts, broker.boundary, 1, life)
    Worker(replace(parts, mail=away)).step()
    (untried,) = post(parts, broker.boundary, 1, life)
    broker.server.clock.forward(minutes=10)
    in_time = Worker(replace(parts, mail=there))
    assert [in_time.step() for _ in range(3)] == [True, True, False]
    assert entry_of(parts, failed).state is EntryState.DEAD
    assert entry_of(parts, untried).state is EntryState.EXPIRED
    assert {entry_of(parts, key).content for key in (failed, untried)} == {b""}
    assert postbox.accepted == []


@dataclass
class SlowMail:
    """Over the first mail more time goes by than a worker has; another one works meanwhile."""

    clock: Clock
    fails: bool
    sent: list[str] = field(default_factory=list)
    other: Worker | None = None

    def send(self, mail: Mail) -> None:
        self.sent.append(mail.key)
        if len(self.sent) == 1:
            self.clock.forward(seconds=61)
            assert self.other
            assert [self.other.step() for _ in range(3)] == [True, True, False]
            if self.fails:
                raise TimeoutError


@pytest.mark.parametrize("fails", [False, True], ids=["late", "failed"])
def test_a_worker_that_has_lost_its_claim_leaves_all_to_the_next(
    broker: Broker, fails: bool
) -> None:
    broker.server.deliver()
    mail = SlowMail(broker.server.clock, fails)
    parts = replace(broker.server.services, mail=mail)
    slow, mail.other = Worker(parts), Worker(parts)
    first, second = post(parts, broker.boundary, 2)
    assert slow.step()
    assert Counter(mail.sent) == {first: 2, second: 1}, "the first one's fate was not known"
    for key, tries in ((first, 2), (second, 1)):
        entry = entry_of(parts, key)
        assert (entry.state, entry.tries, entry.fault) == (EntryState.DONE, tries, "")


def test_a_process_that_is_killed_is_missed_by_nobody_and_replaced(tmp_path: Path) -> None:
    with installed("sqlite", tmp_path) as inside, inside.served() as service:
        token = inside.token(inside.user("mei.lin@example.com"))
        killed, other = service.command.children()
        os.kill(killed, signal.SIGKILL)
        until(lambda: killed not in service.command.children(), "the end of the process")
        answers = service.at_once("get_security_profile", *[None] * 10, token=token)
        assert outcomes(answers) == {"200": 10}
        replaced = until(lambda: set(service.command.children()) - {other}, "another process")
        assert killed not in replaced
        assert service.call("get_security_profile", token=token).is_success
        assert service.command.stop() == 0


@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_that_is_asked_to_stop_answers_first(tmp_path: Path, workers: int) -> None:
    with installed("sqlite", tmp_path) as inside, inside.served(workers) as service:
        inside.unlimited("login", HERE)
        idle = [socket.create_connection((HERE, service.port), 20) for _ in range(8)]
        with socket.create_connection((HERE, service.port), 20) as asking:
            asking.sendall(REQUEST)
            assert asking.recv(1000).startswith(b"HTTP/1.1 100"), "the server has begun"
            service.command.process.terminate()
            for connection in idle:
                assert connection.recv(1) == b"", "nobody is kept waiting for a next request"
                connection.close()
            asking.sendall(BODY)
            assert asking.recv(1000).startswith(b"HTTP/1.1 401")
        assert service.command.process.wait(20) == 0


class HurriedServer:
    """Takes mails, and shows who says goodbye the door."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd wants this name
        self.taken.append(envelope.rcpt_tos[0])
        return "250 taken"

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # the same
        return "421 in a hurry"


def test_a_mail_that_was_taken_is_not_sent_again_for_want_of_a_goodbye() -> None:
    hurried = HurriedServer()
    door = Controller(hurried, hostname=HERE, port=free_port())
    door.start()
    try:
        mail = Mail(1, "key", "mei.lin@example.com", "Hello", "text")
        SmtpMail(HERE, door.port, SENDER, encrypted=False).send(mail)
    finally:
        door.stop()
    assert hurried.taken == ["mei.lin@example.com"]


class SlowServer:
    """Takes its time for each step, though less than anybody waits for one."""

    async def handle_MAIL(  # noqa: N802  # aiosmtpd wants this name
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        return await self._later(envelope, "mail_from", address)

    async def handle_RCPT(  # noqa: N802  # the same
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        return await self._later(envelope, "rcpt_tos", [address])

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # the same
        return await self._later(envelope, "content", b"")

    async def _later(self, envelope: Any, name: str, value: Any) -> str:
        await asyncio.sleep(0.4)
        setattr(envelope, name, value)
        return "250 OK"


def test_a_mail_server_that_is_slow_at_each_step_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateways.smtp._SECONDS", 0.7)
    door = Controller(SlowServer(), hostname=HERE, port=free_port())
    door.start()
    try:
        mail = Mail(1, "key", "x@example.com", "", "")
        with pytest.raises(SMTPServerDisconnected):
            SmtpMail(HERE, door.port, SENDER, encrypted=False).send(mail)
    finally:
        door.stop()
