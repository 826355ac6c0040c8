"""The formats of the contract, each as a test of a string."""

import re
from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def is_decimal(text: str) -> bool:
    """A plain decimal: no exponent, no plus, ASCII digits only."""
    return _DECIMAL.fullmatch(text) is not None


def is_date(text: str) -> bool:
    """A day of the calendar, YYYY-MM-DD."""
    return len(text) == 10 and _parsed(date.fromisoformat, text)


def is_tenant_time(text: str) -> bool:
    """A moment in the tenant's time zone, YYYY-MM-DD HH:MM:SS."""
    return len(text) == 19 and _parsed(lambda t: datetime.strptime(t, "%Y-%m-%d %H:%M:%S"), text)


def is_uuid(text: str) -> bool:
    """A UUID in its usual form with hyphens."""
    return len(text) == 36 and _parsed(UUID, text)


def _parsed(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return text.isascii()


FORMATS: dict[str, Callable[[str], bool]] = {
    "decimal": is_decimal,
    "date": is_date,
    "tenant-time": is_tenant_time,
    "uuid": is_uuid,
}
