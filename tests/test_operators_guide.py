"""The examples in docs/operators.md are what they say."""

import re
from pathlib import Path

import pytest

from tests.console import Console, console

__all__ = ["console"]

GUIDE = (Path(__file__).parent.parent / "docs" / "operators.md").read_text("utf-8")
FORMS = dict(re.findall(r"^```yaml ([a-z-]+)\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL))


def test_there_is_an_example_of_every_form() -> None:
    assert FORMS.keys() == {"placement", "popup", "tool", "tool-column", "message"}


@pytest.mark.parametrize("kind", FORMS)
def test_the_example_of_a_form_is_taken(console: Console, kind: str) -> None:
    console.operator("role", "create", "client", "cashier", "funds")
    verb = "send" if kind == "message" else "publish"
    assert console.operator(kind, verb, "-", form=FORMS[kind]).strip().isdigit()


def test_every_command_of_the_guide_is_there(console: Console) -> None:
    commands = re.findall(r"^    wlink ((?:operator|audit) [a-z-]+ [a-z]+)", GUIDE, re.MULTILINE)
    assert len(commands) > 12
    for command in set(commands):
        told = console(*command.split(), "--help")
        assert (told.code, "Usage: wlink" in told.output) == (0, True), command
