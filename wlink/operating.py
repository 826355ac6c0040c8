"""What those who run the server have it do; wlink/server_commands.py says how they ask."""

import os
import signal
import tempfile
from collections.abc import Iterator
from threading import Event, Thread

import structlog

from contract.errors import CannotStartError
from gateways.inbox import Inbox
from models.outbox_entry import OutboxEntry
from wlink.app import create_app
from wlink.demo import Login, demo
from wlink.logs import configure_logs, log_warnings_only
from wlink.migrating import differences
from wlink.readiness import ready
from wlink.serving import opened, serve, serve_many
from wlink.worker import Worker

_log = structlog.get_logger("wlink.server")


def start_server(host: str, port: int, workers: int) -> None:
    """Serves until it is stopped."""
    with ready() as parts:
        proxies = parts.settings.trusted_proxies
        listener = opened(host, port)
        configure_logs()
        _log.info("serving", address=f"http://{host}:{port}", workers=workers)
        if not parts.settings.smtp_host:
            _log.warning("no mail server is set: mails are kept, and wlink inbox shows them")
        if workers == 1:
            serve(create_app(parts), listener, trusted_proxies=proxies)
            return
        parts.database.close()
        with tempfile.TemporaryDirectory(prefix="wlink-metrics-") as folder:
            # Each process writes its counts there, so that any of them can tell those of all.
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
            serve_many("wlink.app:served", listener, workers, trusted_proxies=proxies)


def start_worker() -> None:
    """Delivers the outbox until it is asked to stop; what has begun is done first."""
    with ready() as parts:
        configure_logs()
        stopped = Event()

        def stop(*_: object) -> None:
            # In a thread: the one that the signal has come upon may hold the event's own lock.
            Thread(target=stopped.set).start()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        Worker(parts).run(stopped)


def demo_logins() -> Iterator[str]:
    """Makes the demo, and tells how to log in."""
    log_warnings_only()  # what the worker does is no news here
    with ready() as parts:
        logins = demo(parts)
    yield "Demo Markets, whose portals answer on every host that is nobody else's:"
    yield from map(_told, logins)
    yield "IBs log in with the header X-Portal: ib. Mails are kept: wlink inbox"
    yield "Operators work at the console: wlink operator --as operator@example.com ..."


def _told(login: Login) -> str:
    password = login.password if login.is_valid else "(changed)"
    return f"  {login.portal:<6}  {login.email:<20}  {password:<19}  {login.name}"


def kept_mails(at_most: int) -> Iterator[str]:
    """The last mails that were kept, the oldest of them first."""
    with ready() as parts:
        inbox = Inbox(parts.database, parts.box, parts.clock)
        for mail, text in reversed(inbox.newest(at_most)):
            yield f"{mail.sent_at:%F %T} UTC  {mail.recipient}  {mail.subject}\n\n{text}"


def outbox_state() -> Iterator[str]:
    """How much is in which state, and every entry that has failed for good."""
    with ready() as parts:
        depth = parts.database.read(None, lambda session: OutboxEntry.depth(session, parts.clock()))
        for state, (count, age) in sorted(depth.items()):
            yield f"{state:<8}  {count:>6}  the oldest {age:.0f} s old"
        for entry in parts.database.read(None, OutboxEntry.dead):
            told = f"{entry.created_at:%F %T} UTC  tenant {entry.tenant_id}  {entry.tries} tries"
            yield f"dead: {entry.kind} {entry.key}  {told}  {entry.fault}"


def check_database() -> None:
    """Raises CannotStartError if the database is not as it should be."""
    with ready() as parts:
        found = differences(parts.database)
    if found:
        raise CannotStartError("the database differs: " + "; ".join(found))
