"""What facts are made of. A fact reads a field's value from a record: None stands for a value that
is not there yet, ABSENT for a field to leave out.
"""

from collections.abc import Callable
from typing import Any

from mock.records import Record

Json = Any
Fact = Callable[[Record], Json]
# By name, or by component and name where a field of that name means something else:
# `RebateDetailRow.amount`.
Facts = dict[str, Fact]

ABSENT = object()
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
HEX = "0123456789abcdef"


def each(names: str, fact: Fact) -> Facts:
    """The same fact under several names."""
    return dict.fromkeys(names.split(), fact)


def when(condition: Callable[[Record], bool], fact: Fact, otherwise: Json = None) -> Fact:
    """The fact, where the condition holds."""
    return lambda record: fact(record) if condition(record) else otherwise


def constant(value: Json) -> Fact:
    """The same for every record."""
    return lambda record: value


def phrase(topic: str) -> Fact:
    """A phrase of texts.yaml in the reader's language."""
    return lambda record: record.phrase(topic)


def secret(name: str, length: int) -> Fact:
    """So many letters and digits."""
    return lambda record: record.draw.text(name, length, LETTERS + LETTERS.lower())


def number(name: str, low: int, high: int) -> Fact:
    """An integer from low to high."""
    return lambda record: record.draw.integer(name, low, high)


def refused(record: Record) -> bool:
    """Whether its status says no."""
    return record.status in ("disapproved", "rejected")
