"""Commands as somebody at the console of a test's server gives them."""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import pytest
import typer.main

from tests.server import SECRET, Broker
from wlink import cli
from wlink.services import services


class Told(NamedTuple):
    """Exit code, and what was printed."""

    code: int
    output: str
    fault: str


@dataclass(frozen=True)
class Console:
    """The command line, beside the server of a broker and on its database."""

    broker: Broker
    patch: pytest.MonkeyPatch
    printed: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str, form: str = "") -> Told:
        """Runs wlink; a form is its standard input. A second later every server knows it."""
        parts = self.broker.server.services
        url = parts.database.url.render_as_string(hide_password=False)
        environment = {"DATA": str(parts.settings.data), "DATABASE_URL": url, "SECRET": SECRET}
        for name, value in environment.items():
            self.patch.setenv(f"WLINK_{name}", value)
        clock = self.broker.server.clock
        self.patch.setattr("wlink.readiness.services", lambda given: services(given, clock))
        self.patch.setattr("wlink.cli.commands", _tree())
        self.patch.setattr(sys, "argv", ["wlink", *arguments])
        self.patch.setattr(sys, "stdin", io.StringIO(form))
        self.printed.readouterr()
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        clock.forward(seconds=1)
        assert isinstance(stopped.value.code, int)
        return Told(stopped.value.code, *self.printed.readouterr())

    def operator(self, *arguments: str, form: str = "") -> str:
        """What an operator of the broker's is told, who is refused nothing."""
        told = self("operator", "--tenant", self.tenant, *arguments, form=form)
        assert told.code == 0, told.fault
        return told.output

    def refused(self, *arguments: str, form: str = "") -> str:
        """Why an operator of the broker's is refused, in one line."""
        told = self("operator", "--tenant", self.tenant, *arguments, form=form)
        assert (told.code, told.fault.count("\n"), told.output) == (2, 1, "")
        return told.fault.strip()

    @property
    def tenant(self) -> str:
        return f"t{self.broker.number}"


@cache
def _tree() -> Callable[..., int | None]:
    """All commands, which a process needs once, and here for every line that is typed."""
    return typer.main.get_command(cli.commands)


@pytest.fixture
def console(
    broker: Broker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Console:
    return Console(broker, monkeypatch, capsys)
