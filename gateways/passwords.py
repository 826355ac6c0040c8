"""Passwords: kept as argon2id, hashed a few at a time, so that a storm of logins leaves the
processors to everybody else.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore, Semaphore

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from contract.problems import Problem

_AT_ONCE = 1
# Half of the processors at most, whatever the number of processes: on two processors two processes
# that hash all the time made everybody else wait five times as long.
_MACHINE_AT_ONCE = max(1, (os.cpu_count() or 1) // 2)
_WAITING = 8


class Passwords:
    """argon2id with 19 MiB, two rounds, one lane (OWASP's floor: 18 ms). Beyond nine at a time a
    process says Problem OVERLOADED. Processes take turns by locking files in a folder.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._turns = folder / f"hashing-{os.getpid() % _MACHINE_AT_ONCE}"
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

    def require_room(self) -> None:
        """Raises Problem OVERLOADED where the others would. Whoever asks first is refused at little
        cost; otherwise those who are refused would be a storm themselves.
        """
        with self._place():
            pass

    def are_weaker(self, password_hash: str) -> bool:
        """Whether it was hashed with less than we ask for today."""
        kept, ours = extract_parameters(password_hash), extract_parameters(self._nobody)
        return kept.memory_cost < ours.memory_cost or kept.time_cost < ours.time_cost

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._place(), self._running, self._turns.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # until the file is closed
            yield

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise Problem("OVERLOADED", headers={"Retry-After": "1"})
        try:
            yield
        finally:
            self._places.release()
