"""Commands for what currencies are worth, and for the networks that USDT is paid over."""

from typing import Annotated, Any

import typer

from wlink.operator_commands import tell

rate_commands = typer.Typer(name="rate", help="Exchange rates.", no_args_is_help=True)
network_commands = typer.Typer(
    name="network", help="Networks that USDT is paid over.", no_args_is_help=True
)

Base = Annotated[str, typer.Argument(help="USD, say.")]
Quote = Annotated[str, typer.Argument(help="CNY, say.")]
NetworkName = Annotated[str, typer.Argument(help="TRC20, say.")]


@rate_commands.command("set")
def set_command(
    context: typer.Context,
    base: Base,
    quote: Quote,
    rate: Annotated[str, typer.Argument(help="How much of QUOTE one BASE is worth: 7.1234.")],
    markup_in: Annotated[
        str | None, typer.Option(help="Percent kept of deposits; else as before.")
    ] = None,
    markup_out: Annotated[
        str | None, typer.Option(help="Percent kept of withdrawals; else as before.")
    ] = None,
) -> None:
    """Say what a currency is worth in another one."""
    from backoffice.rates import RateForm, set_rate

    pair = {"base": base, "quote": quote}
    given = {**pair, "rate": rate, "markup_in": markup_in, "markup_out": markup_out}
    context.obj.at_desk(lambda desk, _: set_rate(desk, RateForm.model_validate(given)))


@rate_commands.command("disable")
def disable_rate_command(context: typer.Context, base: Base, quote: Quote) -> None:
    """Have a rate count no more."""
    from backoffice.rates import disable_rate

    context.obj.at_desk(lambda desk, _: disable_rate(desk, base, quote))


@rate_commands.command("list")
def rates_command(context: typer.Context) -> None:
    """All rates, enabled or not."""
    from backoffice.rates import rates

    tell(context.obj.at_desk(lambda desk, _: [_rate(row) for row in rates(desk)]))


@network_commands.command("add")
def add_command(
    context: typer.Context,
    name: NetworkName,
    pattern: Annotated[str, typer.Option(help="Regular expression for a whole address.")],
    sort_order: Annotated[
        int | None, typer.Option(help="Place in the list; else as before.")
    ] = None,
) -> None:
    """Let clients choose a network; one that is there gets this pattern."""
    from backoffice.networks import NetworkForm, add_network

    given = {"name": name, "address_pattern": pattern, "sort_order": sort_order}
    context.obj.at_desk(lambda desk, _: add_network(desk, NetworkForm.model_validate(given)))


@network_commands.command("disable")
def disable_network_command(context: typer.Context, name: NetworkName) -> None:
    """Let nobody choose it any more."""
    from backoffice.networks import disable_network

    context.obj.at_desk(lambda desk, _: disable_network(desk, name))


@network_commands.command("list")
def networks_command(context: typer.Context) -> None:
    """All networks, enabled or not."""
    from backoffice.networks import networks

    tell(context.obj.at_desk(lambda desk, _: [_network(row) for row in networks(desk)]))


def _rate(row: Any) -> str:
    markups = f"in {row.markup_in:f} %  out {row.markup_out:f} %"
    since = f"{row.source}  {row.at:%F %T} UTC"
    state = "" if row.is_enabled else "  disabled"
    return f"{row.base:<5}  {row.quote:<5}  {row.rate:f}  {markups}  {since}{state}"


def _network(row: Any) -> str:
    state = "" if row.is_enabled else "  disabled"
    return f"{row.sort_order:>4}  {row.name:<12}  {row.address_pattern}{state}"


RATE_COMMANDS = (rate_commands, network_commands)
