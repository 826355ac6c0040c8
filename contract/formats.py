"""The formats of the contract: as a pattern where one can say it, else as a test of a string."""

import re
from collections.abc import Callable
from datetime import date, datetime

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} ([01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}")


def is_date(text: str) -> bool:
    """A day of the calendar, YYYY-MM-DD."""
    return _DATE.fullmatch(text) is not None and _parsed(date.fromisoformat, text)


def is_tenant_time(text: str) -> bool:
    """A moment in the tenant's time zone, YYYY-MM-DD HH:MM:SS."""
    return _TIME.fullmatch(text) is not None and _parsed(datetime.fromisoformat, text)


def _parsed(parse: Callable[[str], object], text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


# decimal: no exponent, no plus, ASCII digits only. uuid: in its usual form, with hyphens.
PATTERNS = {
    "decimal": r"^-?[0-9]+(\.[0-9]+)?$",
    "uuid": "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
}
FORMATS: dict[str, Callable[[str], bool]] = {
    "date": is_date,
    "tenant-time": is_tenant_time,
}

# Those that the validator itself knows, those of numbers, and one that only informs.
OTHERS = ("email", "uri", "date-time", "int32", "int64", "double", "password")
KNOWN = frozenset([*PATTERNS, *FORMATS, *OTHERS])
