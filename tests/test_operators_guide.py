"""The examples in docs/operators.md are what they say."""

import re
from pathlib import Path

import pytest

from tests.console import Console, console
from wlink.cash_commands import CASH_COMMANDS
from wlink.trading_commands import TRADING_COMMANDS

__all__ = ["console"]

GUIDE = (Path(__file__).parent.parent / "docs" / "operators.md").read_text("utf-8")
SERVER = "{name: Live9, platform: MT5, is_demo: false}"
FORMS = re.findall(r"^```yaml ([a-z-]+)\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)


def test_there_is_an_example_of_every_form() -> None:
    content = {"placement", "popup", "tool", "tool-column", "message"}
    assert {kind for kind, _ in FORMS} == {*content, "trading-server", "account-type", "channel"}


@pytest.mark.parametrize(("kind", "form"), FORMS, ids=[kind for kind, _ in FORMS])
def test_the_example_of_a_form_is_taken(console: Console, kind: str, form: str) -> None:
    console.broker.configure("offer", currencies=["USD", "CNY"])
    console.operator("role", "create", "client", "cashier", "funds")
    server = console.operator("trading-server", "publish", "-", form=SERVER).strip()
    form = form.replace("server_id: 3", f"server_id: {server}")
    verb = "send" if kind == "message" else "publish"
    assert console.operator(kind, verb, "-", form=form).strip().isdigit()


def test_every_command_for_trading_is_in_the_guide() -> None:
    for group in TRADING_COMMANDS:
        for command in group.registered_commands:
            if f"{group.info.name}" in ("trading-server", "account-type", "leverage-application"):
                continue  # the guide names those of a kind that has the same
            line = f"    wlink operator {group.info.name} {command.name}"
            assert re.search(rf"^{line}\b", GUIDE, re.MULTILINE), line


def test_every_command_for_money_is_in_the_guide() -> None:
    for group in CASH_COMMANDS:
        for command in group.registered_commands:
            # Those that all three have are written down for deposits.
            names = (group.info.name, "deposit")
            lines = [f"^    wlink operator {name} {command.name}\\b" for name in names]
            assert any(re.search(line, GUIDE, re.MULTILINE) for line in lines), command.name


def test_every_command_of_the_guide_is_there(console: Console) -> None:
    commands = re.findall(
        r"^    wlink ((?:operator [a-z-]+|audit|ledger) [a-z-]+|reconcile)", GUIDE, re.MULTILINE
    )
    assert len(commands) > 12
    for command in set(commands):
        told = console(*command.split(), "--help")
        assert (told.code, "Usage: wlink" in told.output) == (0, True), command
