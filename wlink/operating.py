"""What those who run the server have it do; wlink/server_commands.py says how they ask."""

import os
import signal
import tempfile
from collections.abc import Iterator
from threading import Event, Thread

import structlog

from contract.errors import CannotStartError
from gateways.inbox import Inbox
from models.database import Database
from models.outbox_entry import OutboxEntry
from wlink.app import create_app
from wlink.demo import Login, demo
from wlink.logs import configure_logs
from wlink.migrating import differences, is_current, upgrade
from wlink.services import Services, services
from wlink.serving import opened, serve, serve_many
from wlink.settings import settings
from wlink.worker import Worker

_FOR_OWNER_ONLY = 0o077
_log = structlog.get_logger("wlink.server")


def start_server(host: str, port: int, workers: int) -> None:
    """Serves until it is stopped."""
    parts = _ready()
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
    parts = _ready()
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
    logins = demo(_ready())
    yield "Demo Markets, whose portals answer on every host that is nobody else's:"
    yield from map(_told, logins)
    yield "IBs log in with the header X-Portal: ib. Mails are kept: wlink inbox"


def _told(login: Login) -> str:
    password = login.password if login.is_valid else "(changed)"
    return f"  {login.portal:<6}  {login.email:<18}  {password:<19}  {login.name}"


def kept_mails(at_most: int) -> Iterator[str]:
    """The last mails that were kept, the oldest of them first."""
    parts = _ready()
    inbox = Inbox(parts.database, parts.box, parts.clock)
    for mail, text in reversed(inbox.newest(at_most)):
        yield f"{mail.sent_at:%F %T} UTC  {mail.recipient}  {mail.subject}\n\n{text}"


def outbox_state() -> Iterator[str]:
    """How much is in which state, and every entry that has failed for good."""
    parts = _ready()
    depth = parts.database.read(None, lambda session: OutboxEntry.depth(session, parts.clock()))
    for state, (count, age) in sorted(depth.items()):
        yield f"{state:<8}  {count:>6}  the oldest {age:.0f} s old"
    for entry in parts.database.read(None, OutboxEntry.dead):
        told = f"{entry.created_at:%F %T} UTC  tenant {entry.tenant_id}  {entry.tries} tries"
        yield f"dead: {entry.kind} {entry.key}  {told}  {entry.fault}"


def upgrade_database() -> None:
    """Makes the database, or brings it up to date."""
    os.umask(_FOR_OWNER_ONLY)
    upgrade(services(settings()).database)


def check_database() -> None:
    """Raises CannotStartError if the database is not as it should be."""
    found = differences(_ready().database)
    if found:
        raise CannotStartError("the database differs: " + "; ".join(found))


def _ready() -> Services:
    os.umask(_FOR_OWNER_ONLY)
    parts = services(settings())
    _require_current(parts.database)
    return parts


def _require_current(database: Database) -> None:
    if not is_current(database):
        raise CannotStartError("the database is not up to date: wlink db upgrade")
