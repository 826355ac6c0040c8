"""Two servers, a worker and a simulator of trading servers, who are killed and replaced."""

import signal
import time
from contextlib import ExitStack
from functools import partial
from typing import Any

from tests.fatal_commits import doomed
from tests.processes import Command, Installation, Service, free_port, until
from tests.trading_installation import HURRIED, TOKEN, answers

Json = Any


class Crew:
    """All at work once they have begun; `killed_at` is when the last one was killed."""

    def __init__(self, inside: Installation, running: ExitStack, port: int) -> None:
        self._inside, self._running, self._port = inside, running, port
        self._ports = [free_port(), free_port()]
        self.kills, self.killed_at = 0, 0.0
        self.simulator = self._simulator()
        self.servers: list[Command] = []
        self.worker: Command | None = None

    @property
    def addresses(self) -> list[str]:
        """Those of the servers."""
        return [f"http://127.0.0.1:{port}" for port in self._ports]

    def begin(self) -> None:
        """The simulator is there from the start on."""
        self.servers = [self._server(which) for which in (0, 1)]
        self.worker = self._worker()
        for which in (0, 1):
            self._await_server(which)

    def kill_server(self, which: int, prelude: str = "") -> None:
        """The next one runs the prelude first."""
        self._kill(self.servers[which])
        self.servers[which] = self._server(which, prelude)
        if not prelude:
            self._await_server(which)

    def kill_worker(self, prelude: str = "") -> None:
        """The same of the worker."""
        assert self.worker
        self._kill(self.worker)
        self.worker = self._worker(prelude)
        if not prelude:
            until(self._is_working, "a worker who works")

    def kill_simulator(self) -> None:
        """The worker finds nobody there, and would give the next one half a minute's rest: so
        another one takes his place.
        """
        self._kill(self.simulator)
        self.simulator = self._simulator()
        self.kill_worker()

    def server_at_commit(self, which: int, moment: str, number: int) -> None:
        """A server is killed, and so is the next one, at a commit."""
        self.kill_server(which, doomed(moment, number))
        self._await_death(self.servers[which])
        self.servers[which] = self._server(which)
        self._await_server(which)

    def worker_at_commit(self, moment: str, number: int) -> None:
        """The same of a worker."""
        self.kill_worker(doomed(moment, number))
        assert self.worker
        self._await_death(self.worker)
        self.worker = self._worker()
        until(self._is_working, "a worker who works")

    def _kill(self, command: Command) -> None:
        assert command.process.poll() is None, command.told()
        command.end()
        self.kills, self.killed_at = self.kills + 1, time.monotonic()

    def _await_death(self, command: Command) -> None:
        until(lambda: command.process.poll() is not None, "a death at a commit")
        assert command.process.returncode == -signal.SIGKILL, command.told()
        self.kills, self.killed_at = self.kills + 1, time.monotonic()

    def _is_working(self) -> bool:
        assert self.worker
        assert self.worker.process.poll() is None, self.worker.told()
        return "outbox" in self.worker.told()

    def _await_server(self, which: int) -> None:
        service = Service(self.servers[which], self.addresses[which], self._ports[which])
        until(service.is_ready, "a server that is ready")

    def _server(self, which: int, prelude: str = "") -> Command:
        arguments = ("serve", "--port", str(self._ports[which]))
        # Four people write what an hour of hundreds would.
        settings = {**HURRIED, "worker": False, "rate_limits": False}
        return self._command(*arguments, prelude=prelude, **settings)

    def _worker(self, prelude: str = "") -> Command:
        return self._command("worker", prelude=prelude, **HURRIED)

    def _simulator(self) -> Command:
        command = self._command("simulator", "--port", str(self._port), simulator_token=TOKEN)
        until(partial(answers, command, self._port), "a simulator that answers")
        return command

    def _command(self, *arguments: str, **changed: Json) -> Command:
        return self._running.enter_context(self._inside.command(*arguments, **changed))
