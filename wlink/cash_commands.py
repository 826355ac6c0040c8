"""Commands for deposits, withdrawals and transfers. What they need is imported when one of them is
called.
"""

from pathlib import Path
from typing import Annotated

import typer

from wlink.decision_commands import Decisions, Number, Reason, decision_commands
from wlink.operator_commands import tell


def _cash_desk() -> Decisions:
    from wlink import cash_desk

    return cash_desk


def _cash_commands(name: str, title: str) -> typer.Typer:
    commands = decision_commands(name, name, title, _cash_desk)

    @commands.command("underway")
    def underway_command(context: typer.Context) -> None:
        """What is decided, and its money has not arrived."""
        from wlink import cash_desk

        tell(context.obj.at_desk(lambda desk, _: cash_desk.underway(desk, name)))

    @commands.command("give-up")
    def give_up_command(context: typer.Context, number: Number, reason: Reason) -> None:
        """Ask the trading server no more for what it has refused. A transfer goes back to its
        source; anything else is for you to pay to the client.
        """
        from wlink import cash_desk

        context.obj.at_desk(
            lambda desk, parts: cash_desk.give_up(desk, parts, name, number, reason)
        )

    return commands


deposit_commands = _cash_commands("deposit", "Money that clients pay in.")
withdrawal_commands = _cash_commands("withdrawal", "Money that clients have paid out.")
transfer_commands = _cash_commands("transfer", "Money that clients move between their accounts.")
payment_commands = typer.Typer(
    name="payment", help="Online payments that fit no order.", no_args_is_help=True
)


@deposit_commands.command("correct")
def correct_command(
    context: typer.Context,
    number: Number,
    amount: Annotated[str, typer.Argument(help="What the account gets, in its currency.")],
) -> None:
    """Say that another amount has come than was ordered; only of a claimed deposit."""
    from backoffice.deposits import correct

    context.obj.at_desk(lambda desk, _: correct(desk, number, amount))


@deposit_commands.command("receipt")
def receipt_command(
    context: typer.Context,
    number: Number,
    file: Annotated[Path, typer.Argument(help="Where to write it.")],
) -> None:
    """Get the picture that shows the payment."""
    from wlink import cash_desk

    content = context.obj.at_desk(lambda desk, parts: cash_desk.receipt(desk, parts, number))
    file.write_bytes(content)


@withdrawal_commands.command("payee")
def payee_command(context: typer.Context, number: Number) -> None:
    """Show where it is to be paid out; the audit log has who has seen it."""
    from wlink import cash_desk

    tell(context.obj.at_desk(lambda desk, parts: cash_desk.payee(desk, parts, number)))


@withdrawal_commands.command("paid")
def paid_command(
    context: typer.Context,
    number: Number,
    reference: Annotated[str, typer.Option(help="What the bank or the chain knows it by.")],
) -> None:
    """Say that it has been paid out."""
    from backoffice.payouts import pay

    context.obj.at_desk(lambda desk, parts: pay(desk, parts.orders, number, reference))


@withdrawal_commands.command("failed")
def failed_command(context: typer.Context, number: Number, reason: Reason) -> None:
    """Say that the payout did not arrive."""
    from backoffice.payouts import fail

    context.obj.at_desk(lambda desk, _: fail(desk, number, reason))


@withdrawal_commands.command("returned")
def returned_command(context: typer.Context, number: Number, reason: Reason) -> None:
    """Say that the bank has sent back what was paid out."""
    from backoffice.payouts import come_back

    context.obj.at_desk(lambda desk, parts: come_back(desk, parts.orders, number, reason))


@withdrawal_commands.command("pay-again")
def pay_again_command(context: typer.Context, number: Number) -> None:
    """Have a payout that failed paid once more."""
    from backoffice.payouts import pay_again

    context.obj.at_desk(lambda desk, _: pay_again(desk, number))


@withdrawal_commands.command("refund")
def refund_command(context: typer.Context, number: Number) -> None:
    """Give a payout that failed back to the account, and the fee with it."""
    from backoffice.payouts import refund

    context.obj.at_desk(lambda desk, parts: refund(desk, parts.orders, number))


@payment_commands.command("list")
def unmatched_command(context: typer.Context) -> None:
    """What was paid online, and fits no order."""
    from wlink import cash_desk

    tell(context.obj.at_desk(lambda desk, _: cash_desk.unmatched(desk)))


@payment_commands.command("show")
def sent_command(context: typer.Context, payment: int) -> None:
    """What the gateway has told of a payment: who has paid, too; nothing if wlink had to ask."""
    from wlink import cash_desk

    tell(context.obj.at_desk(lambda desk, parts: cash_desk.sent(desk, parts, payment)))


@payment_commands.command("resolve")
def resolve_command(
    context: typer.Context,
    payment: int,
    note: Annotated[str, typer.Option(help="What you have done about it.")],
) -> None:
    """Say that you have seen to a payment: you have had it paid back, for example."""
    from backoffice.payments import resolve

    context.obj.at_desk(lambda desk, _: resolve(desk, payment, note))


@payment_commands.command("credit")
def credit_command(
    context: typer.Context,
    payment: int,
    account: Annotated[int, typer.Argument(help="The trading account that it is for.")],
    amount: Annotated[str, typer.Argument(help="What the account gets, in its currency.")],
) -> None:
    """Make a deposit of a payment; it is claimed and decided as any other. Prints its number."""
    from backoffice.payments import credit

    typer.echo(context.obj.at_desk(lambda desk, _: credit(desk, payment, account, amount)))


CASH_COMMANDS = (deposit_commands, withdrawal_commands, transfer_commands, payment_commands)
