"""Commands for the ledger."""

import typer

from wlink.operator_commands import TenantOption, tell

ledger_commands = typer.Typer(help="Where the money is.", no_args_is_help=True)


@ledger_commands.command("verify")
def verify_command(tenant: TenantOption = "") -> None:
    """Check the books, of all brokers if none is named; exit code 1 if they are not sound."""
    from wlink import bookkeeping
    from wlink.desks import Console

    found, summary = bookkeeping.verified(Console(tenant))
    tell(found)
    typer.echo(summary)
    if found:
        raise typer.Exit(1)


@ledger_commands.command("balances")
def balances_command(tenant: TenantOption = "") -> None:
    """What is on each account."""
    from wlink import bookkeeping
    from wlink.desks import Console

    tell(bookkeeping.balances(Console(tenant)))
