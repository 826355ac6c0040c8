"""From a fact to the value that a schema wants: text, number, moment."""

from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

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
    match schema["type"]:
        case "boolean":
            return draw.chance(name, 50)
        case "integer":
            low = schema.get("minimum", 0)
            return draw.integer(name, low, min(schema.get("maximum", low + 1000), low + 1000))
        case "number":
            low = schema.get("minimum", 0)
            return draw.integer(name, 0, 99) / 100 + low
    if "pattern" in schema:
        return _matching(schema, draw, name)
    return _formatted(schema.get("format", ""), draw, name)


def _matching(schema: dict[str, Json], draw: Draw, name: str) -> str:
    """A text that fits the pattern, and the limits of its length in one of many tries."""
    longest, shortest = schema.get("maxLength", 1000), schema.get("minLength", 0)
    for turn in range(100):
        text: str = Rstr(Random(draw.bits(f"{name}{turn}"))).xeger(schema["pattern"])
        if shortest <= len(text) <= longest:
            return text
    raise ValueError(f"no text of {shortest} to {longest} characters fits {schema['pattern']}")


def _formatted(kind: str, draw: Draw, name: str) -> str:
    """A text of the format; of none, an empty one."""
    number = draw.integer(name, 1, 999)
    day = f"20{draw.integer(name, 10, 24)}-{draw.integer(name, 1, 12):02}-11"
    match kind:
        case "email":
            return f"user{number}@example.com"
        case "uri":
            return f"https://static.trade-max.example/{number}"
        case "uuid":
            return str(UUID(int=draw.bits(name) << 64 | draw.bits(f"{name} "), version=4))
        case "date":
            return day
        case "date-time":
            return f"{day}T09:00:00Z"
        case "tenant-time":
            return f"{day} 09:00:00"
        case "decimal":
            return f"{number}.00"
    return ""
