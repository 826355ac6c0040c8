"""Commands for the audit log."""

from typing import Annotated

import typer

from wlink.operator_commands import TenantOption, tell

audit_commands = typer.Typer(help="Who has done what.", no_args_is_help=True)


@audit_commands.callback()
def audit(
    context: typer.Context,
    tenant: TenantOption = "",
) -> None:
    """Keeps whose log it is."""
    from wlink.desks import Console

    context.obj = Console(tenant)


@audit_commands.command("verify")
def verify_command(context: typer.Context) -> None:
    """Check that no entry was changed, removed or slipped in; exit code 1 if one was."""
    from wlink import auditing

    faults, head = auditing.verified(context.obj)
    tell(faults)
    typer.echo(head)
    if faults:
        raise typer.Exit(1)


@audit_commands.command("list")
def list_command(
    context: typer.Context,
    last: Annotated[int, typer.Option(help="How many.", min=1, max=10_000)] = 20,
) -> None:
    """The last entries, the oldest of them first."""
    from wlink import auditing

    tell(auditing.last_entries(context.obj, last))
