"""Commands for the broker's own people. What they need is imported when one of them is called."""

from collections.abc import Iterable
from typing import Annotated, Any

import typer

operator_commands = typer.Typer(
    help="What a broker's own people do. All of it is written down: wlink audit.",
    no_args_is_help=True,
)
tenant_commands = typer.Typer(help="Brokers.", no_args_is_help=True)
domain_commands = typer.Typer(help="The hosts of the portals.", no_args_is_help=True)
user_commands = typer.Typer(help="Clients, IBs and operators.", no_args_is_help=True)
role_commands = typer.Typer(help="Who may use which buttons.", no_args_is_help=True)
setting_commands = typer.Typer(help="Settings.", no_args_is_help=True)
for name, commands in (
    ("tenant", tenant_commands),
    ("domain", domain_commands),
    ("user", user_commands),
    ("role", role_commands),
    ("setting", setting_commands),
):
    operator_commands.add_typer(commands, name=name)


def _portal(name: str) -> Any:
    from models.tenant import Portal

    if name not in set(Portal):
        raise typer.BadParameter(f"one of {', '.join(Portal)}")
    return Portal(name)


# A Portal, whose module is not imported before it is needed.
PortalArgument = Annotated[
    Any, typer.Argument(parser=_portal, metavar="PORTAL", help="client, ib or broker.")
]
TenantOption = Annotated[
    str, typer.Option(envvar="WLINK_TENANT", help="Code of the broker, if there are several.")
]
EmailArgument = Annotated[str, typer.Argument(help="Address of the user.")]
_UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"


def tell(lines: Iterable[str]) -> None:
    """Prints them, without signs that would command the terminal, or turn the text around."""
    for line in lines:
        typer.echo("".join(sign if _is_harmless(sign) else _UNPRINTABLE for sign in line))


def _is_harmless(sign: str) -> bool:
    return sign.isprintable() or sign == "\n"


@operator_commands.callback()
def operator(
    context: typer.Context,
    tenant: TenantOption = "",
    who: Annotated[
        str,
        typer.Option("--as", envvar="WLINK_OPERATOR", help="Address of the operator who does it."),
    ] = "",
) -> None:
    """Keeps for whom, and in whose name, the command is."""
    from wlink.desks import Console

    context.obj = Console(tenant, who)


@tenant_commands.command("open")
def open_command(
    code: str,
    name: str,
    language: Annotated[str, typer.Option(help="For whoever asks for no other.")] = "zh-CN",
    timezone: Annotated[str, typer.Option(help="Of all times shown.")] = "Asia/Shanghai",
) -> None:
    """Open a broker, with the usual menus and settings."""
    from wlink import operators

    operators.open_broker(code, name, language, timezone)


@tenant_commands.command("list")
def tenants_command() -> None:
    """All brokers."""
    from wlink import operators

    tell(operators.brokers())


@domain_commands.command("add")
def add_command(
    context: typer.Context,
    host: str,
    portal: PortalArgument,
    main: Annotated[bool, typer.Option("--main", help="Links in mails lead there.")] = False,
) -> None:
    """Have a portal answer at a host."""
    from backoffice.domains import add_domain

    context.obj.at_desk(lambda desk, _: add_domain(desk, host, portal, is_main=main))


@domain_commands.command("remove")
def remove_command(context: typer.Context, host: str) -> None:
    """Have nobody answer there any more."""
    from backoffice.domains import remove_domain

    context.obj.at_desk(lambda desk, _: remove_domain(desk, host))


@domain_commands.command("list")
def domains_command(context: typer.Context) -> None:
    """All hosts."""
    from wlink import operators

    tell(context.obj.at_desk(operators.hosts))


@user_commands.command("invite")
def invite_command(
    context: typer.Context,
    portal: PortalArgument,
    email: EmailArgument,
    first_name: Annotated[str, typer.Option()],
    last_name: Annotated[str, typer.Option()],
    language: Annotated[str, typer.Option(help="Of the mails that he gets.")] = "zh-CN",
) -> None:
    """Make a user; prints the link by which he sets his password within half an hour. An operator
    is a user of broker.
    """
    from wlink import operators

    typer.echo(operators.invited(context.obj, portal, email, first_name, last_name, language))


@user_commands.command("enable")
def enable_command(context: typer.Context, portal: PortalArgument, email: EmailArgument) -> None:
    """Let a user in again."""
    from backoffice.users import set_enabled

    context.obj.at_desk(lambda desk, _: set_enabled(desk, portal, email, True))


@user_commands.command("disable")
def disable_command(context: typer.Context, portal: PortalArgument, email: EmailArgument) -> None:
    """Keep a user out, at once."""
    from backoffice.users import set_enabled

    context.obj.at_desk(lambda desk, _: set_enabled(desk, portal, email, False))


@user_commands.command("list")
def users_command(context: typer.Context, portal: PortalArgument) -> None:
    """The users of a portal."""
    from wlink import operators

    tell(context.obj.at_desk(lambda desk, _: operators.people(desk, portal)))


@role_commands.command("create")
def create_command(
    context: typer.Context,
    portal: PortalArgument,
    name: str,
    grants: Annotated[list[str], typer.Argument(help="Keys of menu actions: funds deposits ...")],
) -> None:
    """Make a role that may use just these menus and buttons."""
    from backoffice.roles import create_role

    context.obj.at_desk(lambda desk, _: create_role(desk, portal, name, grants))


@role_commands.command("give")
def give_command(
    context: typer.Context, portal: PortalArgument, email: EmailArgument, name: str
) -> None:
    """Give a role; who has one of his own has the usual one no more."""
    from backoffice.roles import give_role

    context.obj.at_desk(lambda desk, _: give_role(desk, portal, email, name))


@role_commands.command("take")
def take_command(
    context: typer.Context, portal: PortalArgument, email: EmailArgument, name: str
) -> None:
    """Take a role away."""
    from backoffice.roles import take_role

    context.obj.at_desk(lambda desk, _: take_role(desk, portal, email, name))


@setting_commands.command("show")
def show_command(
    context: typer.Context,
    group: Annotated[str, typer.Argument(help="One group of settings; else all.")] = "",
) -> None:
    """What is set, as YAML."""
    from wlink import operators

    tell(context.obj.at_desk(lambda desk, _: operators.settings_shown(desk, group)))


@setting_commands.command("set")
def set_command(
    context: typer.Context,
    group: Annotated[str, typer.Argument(help="See wlink operator setting show.")],
    values: Annotated[
        list[str], typer.Argument(help="name=value, or name.language=text for texts.")
    ],
) -> None:
    """Change settings; every server knows within a second."""
    from wlink import operators

    context.obj.at_desk(lambda desk, _: operators.set_values(desk, group, values))


@setting_commands.command("leverages")
def leverages_command(
    context: typer.Context, values: Annotated[list[int], typer.Argument(help="1 50 100 ...")]
) -> None:
    """Say which leverages there are."""
    from backoffice.settings import set_leverages

    context.obj.at_desk(lambda desk, _: set_leverages(desk, values))
