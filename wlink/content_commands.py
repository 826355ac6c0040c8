"""Commands for what portals show: placements, popups, programs, tool columns, messages."""

from pathlib import Path
from typing import Annotated

import typer

from wlink.operator_commands import tell

FormFile = Annotated[Path, typer.Argument(help="A form in YAML; - is standard input.")]

KINDS = {
    "placement": "Advertisements.",
    "popup": "Popups.",
    "tool": "Programs to download.",
    "tool-column": "Pages of others that the portal embeds.",
}


def content_commands(name: str, title: str) -> typer.Typer:
    """The commands for one kind of content; they are the same for each."""
    commands = typer.Typer(name=name, help=title, no_args_is_help=True)

    @commands.command("publish")
    def publish_command(context: typer.Context, form: FormFile) -> None:
        """Publish what a form holds; prints its id. docs/operators.md has an example of each."""
        from wlink import operators

        number = context.obj.at_desk(lambda desk, _: operators.publish(desk, name, form))
        typer.echo(str(number))

    @commands.command("change")
    def change_command(context: typer.Context, number: int, form: FormFile) -> None:
        """Put what a form holds in the place of what is there, and show it."""
        from wlink import operators

        context.obj.at_desk(lambda desk, _: operators.change(desk, name, number, form))

    @commands.command("withdraw")
    def withdraw_command(context: typer.Context, number: int) -> None:
        """Show it to nobody any more."""
        from wlink import operators

        context.obj.at_desk(lambda desk, _: operators.withdraw(desk, name, number))

    @commands.command("list")
    def list_command(context: typer.Context) -> None:
        """All of them, shown or not, as forms."""
        from wlink import operators

        tell(context.obj.at_desk(lambda desk, _: operators.content_shown(desk, name)))

    return commands


message_commands = typer.Typer(name="message", help="Messages to many users.", no_args_is_help=True)


@message_commands.command("send")
def send_command(context: typer.Context, form: FormFile) -> None:
    """Send what a form holds; the worker brings it to its users. Prints its id."""
    from wlink import operators

    typer.echo(str(context.obj.at_desk(lambda desk, parts: operators.send(desk, parts, form))))


@message_commands.command("list")
def messages_command(
    context: typer.Context,
    last: Annotated[int, typer.Option(help="How many.", min=1, max=1000)] = 20,
) -> None:
    """The last messages, and how far they have come."""
    from wlink import operators

    tell(context.obj.at_desk(lambda desk, _: operators.messages_shown(desk, last)))


CONTENT_COMMANDS = (
    *(content_commands(name, title) for name, title in KINDS.items()),
    message_commands,
)
