"""The servers that most tests share: starting one takes longer than most tests."""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from tests.server import Server, database_url, running

# Brokers of whole modules stay, and every server looks all hosts up again and again.
_MODULES_EACH = 24


class SharedServers:
    """One on each kind of database, and a new one after so many modules."""

    def __init__(self, new_folder: Callable[[], Path]) -> None:
        self._new_folder = new_folder
        self._running: dict[str, tuple[Server, ExitStack]] = {}
        self._modules: Counter[str] = Counter()

    def on(self, kind: str) -> Server:
        """For one more module. Skips where no PostgreSQL answers."""
        if self._modules[kind] % _MODULES_EACH == 0:
            self._stop(kind)
            self._running[kind] = self._started(kind)
        self._modules[kind] += 1
        return self._running[kind][0]

    def stop(self) -> None:
        """All of them."""
        for kind in list(self._running):
            self._stop(kind)

    def _started(self, kind: str) -> tuple[Server, ExitStack]:
        folder = self._new_folder()
        with ExitStack() as stack:
            url = stack.enter_context(database_url(kind, folder))
            return stack.enter_context(running(url, folder)), stack.pop_all()

    def _stop(self, kind: str) -> None:
        if kind in self._running:
            _, stack = self._running.pop(kind)
            stack.close()
