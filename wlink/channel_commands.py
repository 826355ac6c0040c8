"""Commands for the ways on which money comes in and goes out."""

import sys

import typer

from wlink.content_commands import content_commands

channel_commands = content_commands("channel", "Ways on which money comes in and goes out.")

_MOST_CHARACTERS = 4096


@channel_commands.command("secrets")
def secrets_command(context: typer.Context, number: int) -> None:
    """Set what a gateway and the server know each other by: standard input has the key in its first
    line, the webhook secret in its second.
    """
    from backoffice.channels import set_secrets

    key, secret = (sys.stdin.readline(_MOST_CHARACTERS).strip() for _ in range(2))
    context.obj.at_desk(lambda desk, parts: set_secrets(desk, parts.payments, number, key, secret))
