"""Commands for trading servers, types of accounts, accounts, and what clients apply for."""

import sys
from typing import Annotated

import typer

from wlink.content_commands import content_commands
from wlink.decision_commands import Decisions, Number, Reason, decision_commands
from wlink.operator_commands import EmailArgument, tell

server_commands = content_commands("trading-server", "Servers that clients trade on.")
type_commands = content_commands("account-type", "What clients may open there.")
client_commands = typer.Typer(name="client", help="Clients.", no_args_is_help=True)
account_commands = typer.Typer(name="account", help="Trading accounts.", no_args_is_help=True)
operation_commands = typer.Typer(
    name="operation", help="What trading servers are to do.", no_args_is_help=True
)
reconcile_commands = typer.Typer()

_MOST_CHARACTERS = 4096


def _trading_desk() -> Decisions:
    from wlink import trading_desk

    return trading_desk


opening_commands = decision_commands(
    "account-application", "account", "Who wants another account.", _trading_desk
)
leverage_commands = decision_commands(
    "leverage-application", "leverage", "Who wants another leverage.", _trading_desk
)


@server_commands.command("token")
def token_command(context: typer.Context, number: int) -> None:
    """Set the token of a server's bridge; it is read from standard input."""
    from backoffice.trading_offers import set_token

    token = sys.stdin.readline(_MOST_CHARACTERS).strip()
    context.obj.at_desk(lambda desk, parts: set_token(desk, parts.ports, number, token))


@client_commands.command("approve")
def approve_command(
    context: typer.Context,
    email: EmailArgument,
    country: Annotated[str, typer.Option(help="Where he lives: SG, say.")] = "",
) -> None:
    """Say that the broker knows who a client is: now he may have live accounts."""
    from backoffice.clients import approve_client

    context.obj.at_desk(lambda desk, _: approve_client(desk, email, country))


@client_commands.command("country")
def country_command(
    context: typer.Context,
    email: EmailArgument,
    country: Annotated[str, typer.Argument(help="SG, say; '' if nobody knows.")],
) -> None:
    """Say where a client lives: channels may be for some countries only."""
    from backoffice.clients import set_country

    context.obj.at_desk(lambda desk, _: set_country(desk, email, country))


@account_commands.command("list")
def list_command(context: typer.Context) -> None:
    """All accounts."""
    from wlink import trading_desk

    tell(context.obj.at_desk(lambda desk, _: trading_desk.accounts(desk)))


@account_commands.command("enable")
def enable_command(context: typer.Context, number: int) -> None:
    """Let an account trade again."""
    from backoffice.trading_accounts import enable

    context.obj.at_desk(lambda desk, parts: enable(desk, parts.orders, number))


@account_commands.command("disable")
def disable_command(context: typer.Context, number: int) -> None:
    """Let an account trade no more."""
    from backoffice.trading_accounts import disable

    context.obj.at_desk(lambda desk, parts: disable(desk, parts.orders, number))


@account_commands.command("funding")
def funding_command(
    context: typer.Context,
    number: int,
    kind: Annotated[str, typer.Argument(help="normal, deposit_only, withdrawal_only or none.")],
) -> None:
    """Say whether money may be put on an account and taken off."""
    from backoffice.trading_accounts import set_funding
    from wlink.trading_desk import funding

    context.obj.at_desk(lambda desk, _: set_funding(desk, number, funding(kind)))


@operation_commands.command("list")
def unfinished_command(context: typer.Context) -> None:
    """What is on its way, or in doubt."""
    from wlink import trading_desk

    tell(context.obj.at_desk(lambda desk, _: trading_desk.operations(desk)))


@operation_commands.command("resume")
def resume_command(context: typer.Context, key: str) -> None:
    """Have the worker see to an operation that it has given up."""
    from backoffice.trading_operations import resume

    context.obj.at_desk(lambda desk, parts: resume(desk, parts.orders, key))


@operation_commands.command("done")
def done_command(
    context: typer.Context,
    key: str,
    login: Annotated[str, typer.Option(help="Number of the account that was opened.")] = "",
) -> None:
    """Say that the server has done what is in doubt: you have looked there."""
    from backoffice.trading_operations import mark_done

    context.obj.at_desk(lambda desk, parts: mark_done(desk, parts.outcomes, key, login))


@operation_commands.command("not-done")
def not_done_command(context: typer.Context, key: str) -> None:
    """Say that it has not done it, and never will."""
    from backoffice.trading_operations import mark_not_done

    context.obj.at_desk(lambda desk, parts: mark_not_done(desk, parts.outcomes, key))


@opening_commands.command("give-up")
def give_up_command(context: typer.Context, number: Number, reason: Reason) -> None:
    """Let an account come to nothing that the trading server has refused."""
    from wlink import trading_desk

    context.obj.at_desk(lambda desk, parts: trading_desk.give_up(desk, parts, number, reason))


@reconcile_commands.command("reconcile")
def reconcile_command(
    tenant: Annotated[str, typer.Option(help="Code of one broker; else of all.")] = "",
) -> None:
    """Compare our movements with those of the trading servers; exit code 1 if they differ."""
    from wlink import reconciling

    faults = 0
    for line, found in reconciling.compared(tenant):
        typer.echo(line)
        faults += found
    if faults:
        raise typer.Exit(1)


TRADING_COMMANDS = (
    server_commands,
    type_commands,
    client_commands,
    account_commands,
    operation_commands,
    opening_commands,
    leverage_commands,
)
