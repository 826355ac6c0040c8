"""Keeps calls away from whoever has failed again and again, until he has had some rest."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

_FAILURES = 5
_WITHIN = timedelta(seconds=30)
_REST = timedelta(seconds=30)


@dataclass
class Breaker:
    """Opens at five failures within thirty seconds. After thirty more one caller may try: if he
    fails it stays open as long again, if he succeeds it closes.
    """

    clock: Callable[[], datetime]
    _failures: "deque[datetime]" = field(default_factory=lambda: deque(maxlen=_FAILURES))
    _open_until: datetime | None = None
    _lock: Lock = field(default_factory=Lock)

    def lets_through(self) -> bool:
        """Whether a call may be made. Whoever makes it says how it has ended."""
        with self._lock:
            now = self.clock()
            if self._open_until is None:
                return True
            if now < self._open_until:
                return False
            self._open_until = now + _REST  # the next one waits for what this one finds
            return True

    def succeeded(self) -> None:
        """A call was answered."""
        with self._lock:
            self._failures.clear()
            self._open_until = None

    def failed(self) -> None:
        """A call was not."""
        with self._lock:
            now = self.clock()
            self._failures.append(now)
            many = len(self._failures) == _FAILURES and now - self._failures[0] <= _WITHIN
            if many or self._open_until is not None:
                self._open_until = now + _REST
