"""What happens outside after a transaction: once it is committed, and in spite of failures."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Event, Thread, Timer

import pytest
from sqlmodel import select

from contract.problems import Problem
from gateways.inbox import Inbox
from gateways.letters import post_letter
from gateways.mail import Mail
from gateways.secret_box import SecretBox
from models.boundaries import BoundSession
from models.login_failure import LoginFailure
from models.login_session import LoginSession
from models.outbox_entry import EntryState, OutboxEntry
from models.rate_counter import RateCounter
from models.sweeping import sweep
from models.verification_code import VerificationCode
from tests.server import Broker, Server
from wlink.worker import Worker


@dataclass
class Postman:
    """Takes mails, or fails as a test says."""

    mails: list[Mail] = field(default_factory=list)
    fails: Callable[[], None] = lambda: None

    def send(self, mail: Mail) -> None:
        self.fails()
        self.mails.append(mail)


@pytest.fixture
def postman(broker: Broker) -> Postman:
    broker.server.deliver()  # what other tests have left
    return Postman()


def post(broker: Broker, times: int = 1, life: timedelta = timedelta(days=1)) -> None:
    parts = broker.server.services

    def write(session: BoundSession) -> None:
        for number in range(times):
            post_letter(
                *(parts.outbox, session, "email_code", f"n{number}@example.com", "en"),
                *(parts.clock(), life),
                code="123456",
            )

    parts.database.write(broker.boundary, write)


def entries(broker: Broker) -> list[OutboxEntry]:
    return broker.server.services.database.read(
        broker.boundary, lambda session: list(session.exec(select(OutboxEntry)))
    )


def worker(server: Server, postman: Postman) -> Worker:
    return Worker(replace(server.services, mail=postman))


def test_what_was_undone_has_no_effect(broker: Broker, postman: Postman) -> None:
    parts = broker.server.services

    def fail(session: BoundSession) -> None:
        post_letter(
            parts.outbox, session, "email_code", "x@example.com", "en", parts.clock(), code="1"
        )
        session.flush()
        raise Problem("NOT_FOUND")

    with pytest.raises(Problem):
        parts.database.write(broker.boundary, fail)
    assert not worker(broker.server, postman).step()


def test_a_mail_goes_out_once_with_its_key(broker: Broker, postman: Postman) -> None:
    post(broker)
    (waiting,) = entries(broker)
    assert b"123456" not in waiting.content
    assert worker(broker.server, postman).step()
    assert not worker(broker.server, postman).step()
    (mail,) = postman.mails
    assert (mail.key, mail.recipient) == (waiting.key, "n0@example.com")
    assert "123456" in mail.text
    (done,) = entries(broker)
    assert (done.state, done.content, done.tries) == (EntryState.DONE, b"", 1)


def refused() -> None:
    raise OSError("refused: n0@example.com 123456")


def test_what_fails_is_tried_again_after_longer_and_longer_pauses(
    broker: Broker, postman: Postman
) -> None:
    post(broker)
    postman.fails = refused
    server = broker.server
    for tries in range(1, 13):
        assert worker(server, postman).step()
        (entry,) = entries(broker)
        assert (entry.state, entry.tries, entry.fault) == (EntryState.WAITING, tries, "OSError")
        pause = (entry.due_at - server.clock()).total_seconds()
        assert 0 <= pause <= min(2**tries, 15 * 60)
        server.clock.forward(seconds=pause)
    postman.fails = lambda: None
    worker(server, postman).step()
    assert len(postman.mails) == 1
    assert entries(broker)[0].state is EntryState.DONE


def test_what_has_failed_for_a_day_is_dead_and_to_be_seen(broker: Broker, postman: Postman) -> None:
    post(broker)
    postman.fails = refused
    worker(broker.server, postman).step()
    broker.server.clock.forward(days=1)
    worker(broker.server, postman).step()
    (entry,) = entries(broker)
    assert (entry.state, entry.content, entry.fault) == (EntryState.DEAD, b"", "OSError")
    database = broker.server.services.database
    assert entry.key in [dead.key for dead in database.read(None, OutboxEntry.dead)]


def test_what_would_come_too_late_does_not_come(broker: Broker, postman: Postman) -> None:
    post(broker, life=timedelta(minutes=10))
    broker.server.clock.forward(minutes=10)
    worker(broker.server, postman).step()
    assert postman.mails == []
    assert entries(broker)[0].state is EntryState.EXPIRED


def test_what_a_worker_has_claimed_is_its_own_until_the_lease_is_over(
    broker: Broker, postman: Postman
) -> None:
    server, seconds = broker.server, broker.server.services.settings.lease_seconds
    post(broker)
    claim = timedelta(seconds=seconds)
    database, now = server.services.database, server.clock()
    lost = database.write(None, lambda session: OutboxEntry.claim(session, now, claim))
    assert lost, "by a worker that dies now"
    assert not worker(server, postman).step()
    server.clock.forward(seconds=seconds)
    assert worker(server, postman).step()
    assert len(postman.mails) == 1


def test_who_has_lost_his_claim_does_not_say_what_became_of_it(
    broker: Broker, postman: Postman
) -> None:
    server = broker.server
    post(broker)
    slow, quick = worker(server, postman), worker(server, Postman())

    def meanwhile() -> None:
        postman.fails = lambda: None
        server.clock.forward(minutes=1)
        assert quick.step()
        raise OSError("too late")

    postman.fails = meanwhile
    slow.step()
    (entry,) = entries(broker)
    assert (entry.state, entry.tries, entry.fault) == (EntryState.DONE, 2, "")


def test_several_workers_share_the_work(broker: Broker, postman: Postman) -> None:
    post(broker, times=40)
    workers = [worker(broker.server, postman) for _ in range(4)]

    def run(each: Worker) -> None:
        while each.step():
            pass

    threads = [Thread(target=run, args=(each,)) for each in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    keys = [mail.key for mail in postman.mails]
    assert sorted(keys) == sorted(entry.key for entry in entries(broker))
    assert len(set(keys)) == 40


def test_a_worker_stops_when_it_is_told_to(broker: Broker, postman: Postman) -> None:
    post(broker)
    stopped = Event()
    postman.fails = stopped.set
    worker(broker.server, postman).run(stopped)
    assert len(postman.mails) == 1


@pytest.mark.parametrize("fault", [Problem("OVERLOADED"), RuntimeError("out of paper")])
def test_a_worker_outlives_whatever_happens(
    broker: Broker, postman: Postman, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    stopped, tries = Event(), list[int]()
    patient = worker(broker.server, postman)

    def step() -> bool:
        tries.append(1)
        if len(tries) == 2:
            stopped.set()
        raise fault

    monkeypatch.setattr(patient, "step", step)
    patient.run(stopped)
    assert len(tries) == 2


def test_a_worker_that_is_stopped_leaves_the_rest_to_others_at_once(
    broker: Broker, postman: Postman
) -> None:
    post(broker, times=3)
    stopped = Event()
    postman.fails = stopped.set
    worker(broker.server, postman).run(stopped)
    assert len(postman.mails) == 1
    assert sum(entry.claimed_until is None for entry in entries(broker)) == 3


def test_an_entry_of_an_unknown_kind_stays_to_be_seen(broker: Broker, postman: Postman) -> None:
    parts = broker.server.services
    parts.database.write(
        broker.boundary, lambda s: parts.outbox.add(s, "pigeon", {}, parts.clock())
    )
    worker(broker.server, postman).step()
    (entry,) = entries(broker)
    assert (entry.state, entry.fault) == (EntryState.WAITING, "UnknownKindError")
    broker.server.clock.forward(days=1)
    worker(broker.server, postman).step()
    assert entries(broker)[0].state is EntryState.DEAD


def test_a_kept_mail_that_cannot_be_opened_keeps_none_of_the_others_away(broker: Broker) -> None:
    parts = broker.server.services
    foreign = Inbox(parts.database, SecretBox(b"t" * 32), parts.clock)
    mail = Mail(broker.tenant_id, f"foreign {broker.number}", "x@example.com", "Foreign", "secret")
    foreign.send(mail)
    post(broker)
    told = {subject: text for _, subject, text in broker.mails()}
    assert "cannot be read" in told["Foreign"]
    assert "123456" in told[f"Broker {broker.number}: your code"]


def test_what_has_served_its_time_is_thrown_away(broker: Broker, postman: Postman) -> None:
    parts, clock = broker.server.services, broker.server.clock
    broker.token(broker.user())
    broker.call("login", {"email": "nobody@example.com", "password": "wrong"})
    broker.call(
        "send_email_code", {"scene": "register", "received_at": 0, "email": "n@example.com"}
    )
    broker.server.deliver()

    def left() -> dict[str, int]:
        tables = (RateCounter, LoginFailure, VerificationCode, OutboxEntry, LoginSession)

        def count(session: BoundSession) -> dict[str, int]:
            return {table.__name__: len(session.exec(select(table)).all()) for table in tables}

        return parts.database.read(broker.boundary, count)

    assert all(left().values())
    clock.forward(days=1)
    parts.database.write(None, lambda session: sweep(session, clock()))
    assert all(left().values())
    clock.forward(days=32)
    stopped = Event()
    working = worker(broker.server, postman)
    clock.forward(minutes=10)
    Timer(0.05, stopped.set).start()
    working.run(stopped)
    assert not any(left().values())
