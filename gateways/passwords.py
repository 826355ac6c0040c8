"""Passwords: kept as argon2id, hashed a few at a time, so that a storm of logins leaves the
processor to everybody else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Semaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from contract.problems import Problem

_AT_ONCE = 1
_WAITING = 8


class Passwords:
    """argon2id with 19 MiB, two rounds, one lane (OWASP's floor: 18 ms). Beyond nine at a time a
    process says Problem OVERLOADED.
    """

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._nobody = self._hasher.hash("nobody has this password")
        self._places = BoundedSemaphore(_AT_ONCE + _WAITING)
        self._running = Semaphore(_AT_ONCE)

    def hashed(self, password: str) -> str:
        """The text to keep. Raises Problem OVERLOADED."""
        with self._turn():
            return self._hasher.hash(password)

    def match(self, password_hash: str | None, password: str) -> bool:
        """Whether it is this password; takes as long where there is no hash to compare with.
        Raises Problem OVERLOADED.
        """
        with self._turn():
            try:
                self._hasher.verify(password_hash or self._nobody, password)
            except (VerifyMismatchError, InvalidHashError):
                return False
        return password_hash is not None

    def are_weaker(self, password_hash: str) -> bool:
        """Whether it was hashed with less than we ask for today."""
        return self._hasher.check_needs_rehash(password_hash)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise Problem("OVERLOADED", headers={"Retry-After": "1"})
        try:
            with self._running:
                yield
        finally:
            self._places.release()
