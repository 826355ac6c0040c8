"""What a process may remember for a second: whatever is changed is in force everywhere by then."""

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

_SECOND = timedelta(seconds=1)
# More than there are tenants and pages; strangers choose some of the keys.
_MOST = 2000


def is_fresh(at: datetime, now: datetime) -> bool:
    """Whether something was asked for less than a second ago. A clock that was set back makes it
    stale, too.
    """
    return timedelta(0) <= now - at < _SECOND


class Fresh(Generic[Key, Value]):
    """Values by keys. Several threads may find the same one missing, and each look it up."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._kept: dict[Key, tuple[datetime, Value]] = {}

    def found(self, key: Key, look_up: Callable[[], Value]) -> Value:
        """The value that is known, else what `look_up` says."""
        known = self.known(key)
        if known is not None:
            return known
        at = self._clock()
        return self.keep(key, at, look_up())

    def known(self, key: Key) -> Value | None:
        """The value, if it is fresh."""
        kept = self._kept.get(key)
        return kept[1] if kept and is_fresh(kept[0], self._clock()) else None

    def keep(self, key: Key, at: datetime, value: Value) -> Value:
        """Keeps a value that was asked for at a moment: later changes are not in it."""
        if len(self._kept) >= _MOST:
            self._kept.clear()
        self._kept[key] = at, value
        return value
