"""Column types that both databases keep exactly as they were written."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, String, TypeDecorator
from sqlmodel import Field, SQLModel

# Constraints need names, or no migration could take them back.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite numbers its rows by itself only where the type is plain INTEGER, which has 64 bits there.
Number = BigInteger().with_variant(Integer(), "sqlite")


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. SQLite, which knows no time zones, keeps it without; a datetime that does
    not say its own zone is refused with ValueError.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)


class Word(TypeDecorator[StrEnum]):
    """One word of an enumeration, kept as its text: a new word needs no migration."""

    impl = String(32)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """To the database. Raises ValueError for a word that is not among them."""
        return None if value is None else self.words(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        """From the database."""
        return None if value is None else self.words(value)


class Exact(TypeDecorator[Decimal]):
    """A decimal number to its last digit, kept as plain text (0.00000001, never 1E-8): the database
    can neither reckon with it nor order by it. Refused with ValueError: NaN, infinity, an exponent
    that stands for digits which nobody wrote (1E+3), more than 32 characters, and what is no
    Decimal, floats above all.
    """

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """To the database."""
        if value is None:
            return None
        if not isinstance(value, Decimal) or not value.is_finite():
            raise ValueError("not an exact number")
        if int(value.as_tuple().exponent) > 0 or len(text := f"{value:f}") > 32:
            raise ValueError("a number that cannot be kept as it was written")
        return text

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """From the database."""
        return None if value is None else Decimal(value)


def moment(*, optional: bool = False) -> Any:
    """A column of moments."""
    return Field(default=None, sa_type=Moment) if optional else Field(sa_type=Moment)


def word(words: type[StrEnum], default: StrEnum | None = None) -> Any:
    """A column of words; one is needed where there is no default."""
    column: Any = Word(words)  # SQLModel takes instances, too, but does not say so
    return Field(sa_type=column) if default is None else Field(default=default, sa_type=column)


def exact(default: Decimal | None = None) -> Any:
    """A column of exact decimals; one is needed where there is no default."""
    return Field(sa_type=Exact) if default is None else Field(default=default, sa_type=Exact)


def row_id() -> Any:
    """The number of a row, given by the database."""
    return Field(default=None, primary_key=True, sa_type=Number)


def reference(target: str, *, index: bool = True) -> Any:
    """The number of a row in another table, `user.id` say."""
    return Field(foreign_key=target, index=index, sa_type=Number)
