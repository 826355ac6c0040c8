"""Commands for those who run the server. What they need is imported when one of them is called:
the mock, which needs none of it, starts a second sooner.
"""

import os
from pathlib import Path
from typing import Annotated

import typer

server_commands = typer.Typer()
database_commands = typer.Typer(help="The database.", no_args_is_help=True)
server_commands.add_typer(database_commands, name="db")


@server_commands.command("serve")
def serve_command(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(help="Processes that answer.", min=1, max=64)] = 1,
    docs: Annotated[bool, typer.Option("--docs", help="Show the contract at /docs.")] = False,
) -> None:
    """Start the server. What a deployment sets is in docs/server.md."""
    from wlink import operating

    if docs:
        os.environ["WLINK_DOCS"] = "true"  # for the processes that follow, too
    operating.start_server(host, port, workers)


@server_commands.command("worker")
def worker_command() -> None:
    """Deliver the outbox in a process of its own (servers then set WLINK_WORKER=false)."""
    from wlink import operating

    operating.start_worker()


@server_commands.command("demo")
def demo_command() -> None:
    """Set up a broker to try things with, and say how to log in."""
    from wlink import operating

    for line in operating.demo_logins():
        typer.echo(line)


@server_commands.command("inbox")
def inbox_command(
    last: Annotated[int, typer.Option(help="How many mails.", min=1, max=1000)] = 10,
) -> None:
    """Show the mails that were kept because there is no mail server."""
    from wlink import operating

    for mail in operating.kept_mails(last):
        typer.echo(mail)


@server_commands.command("outbox")
def outbox_command() -> None:
    """Show how much waits to be done outside, and what has failed for good."""
    from wlink import operating

    for line in operating.outbox_state():
        typer.echo(line)


@server_commands.command("simulator")
def simulator_command(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8100,
    data: Annotated[
        Path | None, typer.Option(help="Folder for what is kept; else WLINK_DATA.")
    ] = None,
) -> None:
    """Start trading servers and payments that are none: docs/trading-bridge.md, payments.md."""
    from wlink import simulating

    if data is not None:
        os.environ["WLINK_DATA"] = str(data)
    simulating.start_simulator(host, port)


@database_commands.command("upgrade")
def upgrade_command() -> None:
    """Bring the database to the form that this version needs; makes it if there is none."""
    from wlink import preparing

    preparing.upgrade_database()
    typer.echo("The database is up to date.")


@database_commands.command("check")
def check_command() -> None:
    """Compare the database with what this version needs."""
    from wlink import operating

    operating.check_database()
    typer.echo("The database is as it should be.")
