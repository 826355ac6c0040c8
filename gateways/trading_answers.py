"""Reading what a bridge answers, strictly: what is not as documented is not understood."""

import re
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar, get_type_hints

from gateways.trading import DealKind, OrderType, TradingUnknownError

Json = Any
Record = TypeVar("Record")

_DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,8})?", re.ASCII)


def require(fits: bool) -> None:
    """Raises TradingUnknownError if an answer does not fit its question."""
    if not fits:
        raise TradingUnknownError("an answer that does not fit")


def is_login(text: Json) -> bool:
    """Digits."""
    return isinstance(text, str) and re.fullmatch("[0-9]{1,12}", text, re.ASCII) is not None


def records(kind: type[Record], answers: Json) -> list[Record]:
    """A list of such data. Raises TradingUnknownError."""
    require(isinstance(answers, list))
    return [record(kind, answer) for answer in answers]


def record(kind: type[Record], answer: Json) -> Record:
    """Data classes of gateways/trading.py, from an object that names their fields."""
    require(isinstance(answer, dict))
    types = get_type_hints(kind)
    names = [each.name for each in fields(kind)]  # type: ignore[arg-type]  # it is a data class
    try:
        return kind(**{name: _READERS[types[name]](answer[name]) for name in names})
    except (KeyError, ValueError, TypeError):
        raise TradingUnknownError("an answer that cannot be read") from None


def decimal(value: Json) -> Decimal:
    """A number as a text: one of JSON's own may have lost digits. Raises TypeError, ValueError."""
    if not _DECIMAL.fullmatch(value):
        raise ValueError
    return Decimal(value)


def _exactly(kind: type) -> Callable[[Json], Json]:
    def read(value: Json) -> Json:
        if type(value) is not kind:
            raise ValueError
        return value

    return read


def _moment(value: Json) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


_READERS: dict[Any, Callable[[Json], Json]] = {
    str: _exactly(str),
    int: _exactly(int),
    bool: _exactly(bool),
    Decimal: decimal,
    datetime: _moment,
    datetime | None: lambda value: None if value is None else _moment(value),
    DealKind: DealKind,
    OrderType: OrderType,
}
