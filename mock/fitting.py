"""From a fact to the value that a schema wants: text, number, moment."""

from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any

from rstr import Rstr

from mock.draw import Draw
from mock.world import TENANT_ZONE

Json = Any

_MILLISECONDS_FROM = 253402300800  # larger maximums than seconds of the year 9999 mean milliseconds


def fitted(value: Json, schema: dict[str, Json]) -> Json:
    """The fact as the schema writes it; None becomes an empty text, or null if it is no text."""
    kind = schema.get("type")
    if isinstance(value, datetime):
        return _moment(value, schema)
    if isinstance(value, Decimal):
        return float(value) if kind == "number" else f"{value:f}"
    if value is None:
        return "" if kind == "string" else None
    if kind == "string":
        text = str(value)
        return text[: schema.get("maxLength", len(text))]
    return value


def _moment(moment: datetime, schema: dict[str, Json]) -> Json:
    if schema.get("type") == "integer":
        milliseconds = schema.get("maximum", 0) >= _MILLISECONDS_FROM
        return int(moment.timestamp() * (1000 if milliseconds else 1))
    if schema.get("format") == "date-time":
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    if "pattern" in schema:
        return moment.astimezone(TENANT_ZONE).strftime("%Y-%m-%d %H:%M:%S")
    return moment.astimezone(TENANT_ZONE).isoformat(timespec="milliseconds")[:23]


def invented(schema: dict[str, Json], draw: Draw, name: str) -> Json:
    """A value for a field that no fact speaks of: by enum, default, pattern, format, type."""
    if "enum" in schema:
        return draw.choice(name, schema["enum"])
    if "default" in schema:
        return schema["default"]
    kind = schema.get("type")
    if kind == "boolean":
        return draw.chance(name, 50)
    if kind == "integer":
        low = schema.get("minimum", 0)
        return draw.integer(name, low, min(schema.get("maximum", low + 1000), low + 1000))
    if kind == "number":
        return draw.integer(name, 100, 99_999) / 100
    return _text(schema, draw, name)


def _text(schema: dict[str, Json], draw: Draw, name: str) -> str:
    if "pattern" in schema:
        return _matching(schema["pattern"], draw, name)[: schema.get("maxLength", 40)]
    by_format = {
        "email": f"user{draw.integer(name, 1, 999)}@example.com",
        "uri": f"https://static.trade-max.example/{draw.integer(name, 1, 999)}",
        "uuid": "3f6c1c1e-8a55-4a0e-9a37-5d0f6b1c2a90",
        "date": "2026-01-15",
        "date-time": "2026-01-15T09:00:00Z",
        "decimal": f"{draw.integer(name, 1, 999)}.00",
    }
    return by_format.get(schema.get("format", ""), "")


def _matching(pattern: str, draw: Draw, name: str) -> str:
    return Rstr(Random(draw.bits(name))).xeger(pattern)
