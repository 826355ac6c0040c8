"""Commands for what clients apply for. What they need is imported when one of them is called."""

from typing import Annotated

import typer

from wlink.operator_commands import tell


def application_commands(name: str) -> typer.Typer:
    """The same for accounts and leverages."""
    commands = typer.Typer(
        name=f"{name}-application", help=f"Who wants another {name}.", no_args_is_help=True
    )

    _queue(commands, name)
    _decisions(commands, name)
    return commands


def _queue(commands: typer.Typer, name: str) -> None:
    @commands.command("list")
    def waiting_command(context: typer.Context) -> None:
        """What nobody has decided yet, the oldest first."""
        from wlink import trading_desk

        tell(context.obj.at_desk(lambda desk, _: trading_desk.waiting(desk, name)))

    @commands.command("claim")
    def claim_command(context: typer.Context, number: int) -> None:
        """Take one, so that others leave it alone; only what is claimed can be decided."""
        from wlink import trading_desk

        context.obj.at_desk(lambda desk, _: trading_desk.claim(desk, name, number))

    @commands.command("release")
    def release_command(context: typer.Context, number: int) -> None:
        """Give it back."""
        from wlink import trading_desk

        context.obj.at_desk(lambda desk, _: trading_desk.release(desk, name, number))


def _decisions(commands: typer.Typer, name: str) -> None:
    @commands.command("approve")
    def approve_application_command(context: typer.Context, number: int) -> None:
        """Have it carried out on the trading server."""
        from wlink import trading_desk

        context.obj.at_desk(lambda desk, parts: trading_desk.approve(desk, parts, name, number))

    @commands.command("reject")
    def reject_command(
        context: typer.Context,
        number: int,
        reason: Annotated[str, typer.Option(help="The client reads it.")],
    ) -> None:
        """Refuse it."""
        from wlink import trading_desk

        context.obj.at_desk(
            lambda desk, parts: trading_desk.reject(desk, parts, name, number, reason)
        )

    @commands.command("retry")
    def retry_command(context: typer.Context, number: int) -> None:
        """Ask the trading server once more for what it has refused."""
        from wlink import trading_desk

        context.obj.at_desk(lambda desk, parts: trading_desk.retry(desk, parts, name, number))
