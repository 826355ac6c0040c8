"""Commands for what clients want and operators decide. What they need is imported when one of them
is called.
"""

from collections.abc import Callable
from typing import Annotated, Any, Protocol

import typer

from wlink.operator_commands import tell

Number = Annotated[str, typer.Argument(help="The number that `list` shows.")]
Reason = Annotated[str, typer.Option(help="Why; the client can read it.")]
# A Desk, and the Services; their modules are not imported before they are needed.
Desk = Any
Parts = Any


class Decisions(Protocol):
    """What a module of decisions does. `name` is the kind of what is decided; each raises
    RefusedError.
    """

    def waiting(self, desk: Desk, name: str) -> list[str]:
        """A line for each that nobody has decided."""

    def claim(self, desk: Desk, name: str, number: str) -> None:
        """Takes one."""

    def release(self, desk: Desk, name: str, number: str) -> None:
        """Gives it back."""

    def approve(self, desk: Desk, parts: Parts, name: str, number: str) -> None:
        """Has it carried out."""

    def reject(self, desk: Desk, parts: Parts, name: str, number: str, reason: str) -> None:
        """Refuses it."""

    def retry(self, desk: Desk, parts: Parts, name: str, number: str) -> None:
        """Asks the trading server once more."""


def decision_commands(
    command: str, name: str, title: str, decisions: Callable[[], Decisions]
) -> typer.Typer:
    """The same for all that is decided; `decisions` imports the module."""
    commands = typer.Typer(name=command, help=title, no_args_is_help=True)
    _queue(commands, name, decisions)
    _verdicts(commands, name, decisions)
    return commands


def _queue(commands: typer.Typer, name: str, decisions: Callable[[], Decisions]) -> None:
    @commands.command("list")
    def waiting_command(context: typer.Context) -> None:
        """What nobody has decided yet, the oldest first."""
        tell(context.obj.at_desk(lambda desk, _: decisions().waiting(desk, name)))

    @commands.command("claim")
    def claim_command(context: typer.Context, number: Number) -> None:
        """Take one, so that others leave it alone; only what is claimed can be decided."""
        context.obj.at_desk(lambda desk, _: decisions().claim(desk, name, number))

    @commands.command("release")
    def release_command(context: typer.Context, number: Number) -> None:
        """Give it back."""
        context.obj.at_desk(lambda desk, _: decisions().release(desk, name, number))


def _verdicts(commands: typer.Typer, name: str, decisions: Callable[[], Decisions]) -> None:
    @commands.command("approve")
    def approve_command(context: typer.Context, number: Number) -> None:
        """Have it carried out."""
        context.obj.at_desk(lambda desk, parts: decisions().approve(desk, parts, name, number))

    @commands.command("reject")
    def reject_command(context: typer.Context, number: Number, reason: Reason) -> None:
        """Refuse it; money that was taken for it goes back."""
        context.obj.at_desk(
            lambda desk, parts: decisions().reject(desk, parts, name, number, reason)
        )

    @commands.command("retry")
    def retry_command(context: typer.Context, number: Number) -> None:
        """Ask the trading server once more for what it has refused."""
        context.obj.at_desk(lambda desk, parts: decisions().retry(desk, parts, name, number))
