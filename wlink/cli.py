"""The command line."""

import logging
import sys
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

# In a wheel the rooms lie inside this package; in a checkout beside it, on the path already.
if (Path(__file__).parent / "contract").is_dir():
    sys.path.insert(0, str(Path(__file__).resolve().parent))

import orjson
import typer
from faker.config import AVAILABLE_LOCALES

from contract import documents
from contract.bundling import Bundle
from contract.checks import check
from contract.errors import CannotStartError, ContractError, RefusedError
from contract.problems import Problem
from mock.world import DEFAULT_LOCALES, DEFAULT_NOW, DEFAULT_SEED, EARLIEST, LATEST, World
from wlink.audit_commands import audit_commands
from wlink.cash_commands import CASH_COMMANDS
from wlink.channel_commands import channel_commands
from wlink.content_commands import CONTENT_COMMANDS
from wlink.ledger_commands import ledger_commands
from wlink.mocking import log_requests, mock_app, welcome
from wlink.operator_commands import operator_commands
from wlink.rate_commands import RATE_COMMANDS
from wlink.reloading import Reloading
from wlink.server_commands import server_commands
from wlink.serving import opened, serve
from wlink.trading_commands import TRADING_COMMANDS, reconcile_commands
from wlink.version import current

commands = typer.Typer(
    help="The back end of a foreign-exchange broker's CRM.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
spec_commands = typer.Typer(help="The OpenAPI contract.", no_args_is_help=True)
commands.add_typer(spec_commands, name="spec")
commands.add_typer(server_commands)
for further in (
    *(*CONTENT_COMMANDS, *RATE_COMMANDS, *TRADING_COMMANDS, *CASH_COMMANDS),
    channel_commands,
):
    operator_commands.add_typer(further)
commands.add_typer(operator_commands, name="operator")
commands.add_typer(audit_commands, name="audit")
commands.add_typer(reconcile_commands)
commands.add_typer(ledger_commands, name="ledger")


class Source(StrEnum):
    """Where the mock's answers come from."""

    schema = "schema"


class Validation(StrEnum):
    """What becomes of a request that is not as documented."""

    strict = "strict"
    log = "log"


class Document(StrEnum):
    """A document of the contract."""

    wlink = "wlink"
    lwork = "lwork"
    merged = "merged"


def _moment(text: str) -> datetime:
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            "not a moment like 2026-01-15T09:00:00Z", param_hint="'--now'"
        ) from None
    moment = (given if given.tzinfo else given.replace(tzinfo=UTC)).replace(microsecond=0)
    if not EARLIEST <= moment <= LATEST:
        raise typer.BadParameter(
            f"not between {EARLIEST.year} and {LATEST.year}", param_hint="'--now'"
        )
    return moment.astimezone(UTC)


def _locales(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in AVAILABLE_LOCALES:
            raise typer.BadParameter(
                f"{name!r} is no locale that Faker knows", param_hint="'--locale'"
            )
    return names


@commands.command()
def mock(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 4010,
    source: Annotated[Source, typer.Option(help="Where answers come from.")] = Source.schema,
    seed: Annotated[int, typer.Option(help="Another seed, other data.")] = DEFAULT_SEED,
    now: Annotated[
        str, typer.Option(metavar="MOMENT", help="The mock's clock stands still here.")
    ] = f"{DEFAULT_NOW:%Y-%m-%dT%H:%M:%SZ}",
    locale: Annotated[
        str, typer.Option(metavar="LOCALES", help="Where people come from.")
    ] = ",".join(DEFAULT_LOCALES),
    validate: Annotated[
        Validation, typer.Option(help="Refuse wrong requests, or just say so in the log.")
    ] = Validation.strict,
    reload: Annotated[
        bool, typer.Option("--reload", help="Follow changes of the contract.")
    ] = False,
) -> None:
    """Start a mock server that answers every operation."""
    world = World(seed=seed, now=_moment(now), locales=_locales(locale))
    listener = opened(host, port)
    make = partial(mock_app, world, validate=validate is Validation.strict)
    app = Reloading(make) if reload else make()
    log_requests()
    typer.echo(welcome(host, port, world))
    serve(app, listener)


@spec_commands.command("bundle")
def bundle_spec(
    document: Annotated[Document, typer.Option(help="Which document.")] = Document.merged,
    output: Annotated[Path | None, typer.Option(help="File to write; else it is printed.")] = None,
) -> None:
    """Write a document as one JSON file."""
    bundle = _bundle(document)
    text = orjson.dumps(bundle.document, option=orjson.OPT_INDENT_2).decode()
    if output is None:
        typer.echo(text)
    else:
        output.write_text(text + "\n", encoding="utf-8")


@spec_commands.command("check")
def check_spec() -> None:
    """Check the contract as a server does when it starts."""
    bundle = documents.merged()
    check(bundle)
    typer.echo(f"The contract is sound: {len(bundle.document['paths'])} paths.")


def _bundle(document: Document) -> Bundle:
    if document is Document.merged:
        return documents.merged()
    return documents.bundle(document.value)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"wlink {current()}")
        raise typer.Exit


@commands.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """The back end of a foreign-exchange broker's CRM."""


def main() -> None:
    """Entry point. A fault of the caller's is one line and exit code 2, a broken contract 1."""
    logging.getLogger("wlink").addHandler(logging.NullHandler())  # one line is enough
    try:
        code = commands(standalone_mode=False, prog_name="wlink")
    except typer.TyperException as error:
        _stop(error.format_message(), 2)
    except (CannotStartError, RefusedError) as error:
        _stop(str(error), 2)
    except Problem as problem:
        _stop(f"the database does not answer ({problem.code})", 2)
    except ContractError as error:
        _stop(str(error), 1)
    except OSError as error:
        _stop(f"{error.filename or 'output'}: {error.strerror}", 2)
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else 0)


def _stop(fault: str, code: int) -> None:
    sys.stderr.write(f"wlink: {' '.join(fault.split())}\n")
    sys.exit(code)
