"""Keyed randomness: a value depends on seed and key alone, never on what was drawn before."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Draw:
    """Draws for one thing, such as ("deposits", "2101"). Each name within it is drawn by itself, so
    neither the order of calls nor a new field moves another value.
    """

    seed: int
    key: tuple[str, ...]

    def bits(self, name: str) -> int:
        """64 random bits."""
        text = "\x1f".join((str(self.seed), *self.key, name))
        return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())

    def integer(self, name: str, low: int, high: int) -> int:
        """An integer from low to high, both included."""
        return low + self.bits(name) % (high - low + 1)

    def choice(self, name: str, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.bits(name) % len(options)]

    def chance(self, name: str, percent: int) -> bool:
        """True in so many of a hundred cases."""
        return self.bits(name) % 100 < percent

    def text(self, name: str, length: int, alphabet: str) -> str:
        """So many characters of the alphabet."""
        return "".join(self.choice(f"{name}{n}", alphabet) for n in range(length))

    def of(self, *key: str) -> "Draw":
        """Draws for something within this thing."""
        return Draw(self.seed, (*self.key, *key))
