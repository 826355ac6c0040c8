"""Lists that are told page by page."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

Json = Any
Entry = TypeVar("Entry")


def paged(found: Sequence[Entry], page: int, size: int, told: Callable[[Entry], Json]) -> Json:
    """One page of what was found, each entry as it is told; pages are counted from 1."""
    shown = found[(page - 1) * size : page * size]
    return {"list": [told(entry) for entry in shown], "total": len(found)}
