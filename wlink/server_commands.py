"""Commands for those who run the server."""

import os
import tempfile
from threading import Event
from typing import Annotated

import structlog
import typer

from gateways.inbox import Inbox
from models.database import Database
from models.outbox_entry import OutboxEntry
from wlink.app import create_app
from wlink.demo import Login, demo
from wlink.logs import configure_logs
from wlink.migrating import differences, is_current, upgrade
from wlink.services import services
from wlink.serving import opened, serve, serve_many
from wlink.settings import Settings
from wlink.worker import Worker

server_commands = typer.Typer()
database_commands = typer.Typer(help="The database.", no_args_is_help=True)
server_commands.add_typer(database_commands, name="db")

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)]
_log = structlog.get_logger("wlink.server")


class NotReadyError(Exception):
    """The server cannot start like this."""


@server_commands.command("serve")
def serve_command(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Annotated[int, typer.Option(help="Processes that answer.", min=1, max=64)] = 1,
    docs: Annotated[bool, typer.Option("--docs", help="Show the contract at /docs.")] = False,
) -> None:
    """Start the server. What a deployment sets is in docs/server.md."""
    if docs:
        os.environ["WLINK_DOCS"] = "true"
    settings = Settings()
    parts = services(settings)
    _require_current(parts.database)
    listener = opened(host, port)
    configure_logs()
    _log.info("serving", address=f"http://{host}:{port}", workers=workers)
    if workers == 1:
        serve(create_app(parts), listener, trusted_proxies=settings.trusted_proxies)
        return
    parts.database.close()
    with tempfile.TemporaryDirectory(prefix="wlink-metrics-") as folder:
        # Each process writes its counts there, so that any of them can tell those of all.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        serve_many("wlink.app:served", listener, workers, trusted_proxies=settings.trusted_proxies)


@server_commands.command("worker")
def worker_command() -> None:
    """Deliver the outbox in a process of its own (servers then set WLINK_WORKER=false)."""
    parts = services(Settings())
    _require_current(parts.database)
    configure_logs()
    Worker(parts).run(Event())


@server_commands.command("demo")
def demo_command() -> None:
    """Set up a broker to try things with, and say how to log in."""
    parts = services(Settings())
    _require_current(parts.database)
    logins = demo(parts)
    typer.echo("Demo Markets, the portals of which answer on hosts that are nobody else's:")
    for login in logins:
        typer.echo(_told(login))
    typer.echo("IBs log in with the header X-Portal: ib. Mails are kept: wlink inbox")


def _told(login: Login) -> str:
    password = login.password if login.is_valid else "(changed)"
    return f"  {login.portal:<6}  {login.email:<18}  {password:<19}  {login.name}"


@server_commands.command("inbox")
def inbox_command(
    last: Annotated[int, typer.Option(help="How many mails.", min=1, max=1000)] = 10,
) -> None:
    """Show the mails that were kept because there is no mail server, the oldest first."""
    parts = services(Settings())
    inbox = Inbox(parts.database, parts.box, parts.clock)
    for mail, text in reversed(inbox.newest(last)):
        typer.echo(f"{mail.sent_at:%F %T} UTC  {mail.recipient}  {mail.subject}\n\n{text}")


@server_commands.command("outbox")
def outbox_command() -> None:
    """Show how much waits to be done outside, and what has failed for good."""
    parts = services(Settings())
    depth = parts.database.read(None, lambda s: OutboxEntry.depth(s, parts.clock()))
    for state, (count, age) in sorted(depth.items()):
        typer.echo(f"{state:<8}  {count:>6}  the oldest {age:.0f} s old")
    for entry in parts.database.read(None, OutboxEntry.dead):
        told = f"{entry.created_at:%F %T} UTC  tenant {entry.tenant_id}  {entry.tries} tries"
        typer.echo(f"dead: {entry.kind} {entry.key}  {told}  {entry.fault}")


@database_commands.command("upgrade")
def upgrade_command() -> None:
    """Bring the database to the form that this version needs; makes it if there is none."""
    parts = services(Settings())
    upgrade(parts.database)
    typer.echo("The database is up to date.")


@database_commands.command("check")
def check_command() -> None:
    """Compare the database with what this version needs."""
    parts = services(Settings())
    _require_current(parts.database)
    found = differences(parts.database)
    if found:
        raise NotReadyError("the database differs: " + "; ".join(found))
    typer.echo("The database is as it should be.")


def _require_current(database: Database) -> None:
    if not is_current(database):
        raise NotReadyError("the database is not up to date: wlink db upgrade")
