"""What a check of the books is, and how it says what it finds."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Select
from sqlmodel import Session

# Yields a sentence for every violation among the rows that the session sees.
Check = Callable[[Session], Iterator[str]]


def violations(session: Session, found: Select[*tuple[Any, ...]], sentence: str) -> Iterator[str]:
    """The sentence with the columns of each row in its braces."""
    for row in session.execute(found):
        yield sentence.format(*row)
