"""Parameters: parsed strictly by their type, then checked, one validator for each place."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

from contract.operations import Operation, lookup
from contract.problems import Violation
from contract.schemas import Validators
from contract.spellings import QUERY_NAMES
from dispatch.violations import listed, pointer

Json = Any
Convert = Callable[[str], Json]

_INTEGER = re.compile(r"-?[0-9]{1,19}")
_BOOLEANS = {"true": True, "false": False}


def _integer(text: str) -> Json:
    """A text that is no plain integer stays one, and the schema refuses its type."""
    return int(text) if _INTEGER.fullmatch(text) else text


def _boolean(text: str) -> Json:
    return _BOOLEANS.get(text, text)


_CONVERTERS: dict[str, Convert] = {"string": str, "integer": _integer, "boolean": _boolean}


class Place:
    """The parameters in one place: query, path or header."""

    def __init__(
        self, name: str, operation: Operation, document: dict[str, Json], validators: Validators
    ) -> None:
        self.name = name
        parameters = [p for p in operation.parameters if p["in"] == name]
        schemas = {p["name"]: lookup(document, p["schema"]) for p in parameters}
        self.converters = {key: _converter(document, schema) for key, schema in schemas.items()}
        self.lists = {key for key, schema in schemas.items() if schema["type"] == "array"}
        self.defaults = {key: s["default"] for key, s in schemas.items() if "default" in s}
        self.required = {p["name"] for p in parameters if p.get("required")}
        self.awaited = bool(self.required or self.defaults)
        self._validator = validators.compiled(_together(parameters, self.required))

    def checked(self, found: dict[str, Json], violations: list[Violation]) -> dict[str, Json]:
        """The parameters with the defaults of those that are missing; adds what is wrong."""
        if (found or self.required) and not self._validator.is_valid(found):
            violations += listed(self._validator, found, self.name)
        return {**self.defaults, **found} if self.defaults else found


def _converter(document: dict[str, Json], schema: dict[str, Json]) -> Convert:
    item = lookup(document, schema["items"]) if schema["type"] == "array" else schema
    return _CONVERTERS[item["type"]]


def _together(parameters: Sequence[dict[str, Json]], required: set[str]) -> dict[str, Json]:
    schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": {p["name"]: p["schema"] for p in parameters},
    }
    return {**schema, "required": sorted(required)} if required else schema


class Query(Place):
    """Parameters in the query. Names that the contract does not have are refused."""

    def __init__(
        self, operation: Operation, document: dict[str, Json], validators: Validators
    ) -> None:
        super().__init__("query", operation, document, validators)
        self._brackets = {f"{name}[]": name for name in self.lists}
        self._others = QUERY_NAMES.get(operation.operation_id, {})
        self.converters |= {o: self.converters[name] for o, name in self._others.items()}

    def read(self, query: bytes, violations: list[Violation]) -> dict[str, Json]:
        """The parameters out of the text behind the question mark."""
        found: dict[str, Json] = {}
        for sent, text in _pairs(query, violations) if query else ():
            name = self._brackets.get(sent, sent)
            convert = self.converters.get(name, str)
            if name in self.lists:
                found.setdefault(name, []).extend(convert(part) for part in text.split(","))
            elif name in found:
                violations.append(Violation(pointer(self.name, name), "single"))
            else:
                found[name] = convert(text)
        for other in self._others.keys() & found if self._others else ():
            found.setdefault(self._others[other], found.pop(other))
        return self.checked(found, violations)


def _pairs(query: bytes, violations: list[Violation]) -> list[tuple[str, str]]:
    pairs = []
    for piece in query.split(b"&"):
        name, _, text = piece.partition(b"=")
        try:
            pairs.append((_text(name), _text(text)))
        except UnicodeDecodeError:
            violations.append(Violation("/query", "utf-8"))
    return [pair for pair in pairs if pair != ("", "")]


def _text(encoded: bytes) -> str:
    if b"%" in encoded or b"+" in encoded:
        encoded = unquote_to_bytes(encoded.replace(b"+", b" "))
    return encoded.decode()


class Header(Place):
    """Parameters in headers. Other headers are nobody's business here."""

    def __init__(
        self, operation: Operation, document: dict[str, Json], validators: Validators
    ) -> None:
        super().__init__("header", operation, document, validators)
        self._names = {name.lower().encode(): name for name in self.converters}

    def read(self, headers: dict[bytes, bytes], violations: list[Violation]) -> dict[str, Json]:
        """The parameters out of the combined headers."""
        found = {
            name: self.converters[name](headers[key].decode("latin-1"))
            for key, name in self._names.items()
            if key in headers
        }
        return self.checked(found, violations)


class Path(Place):
    """Parameters in the path, in the order of its template."""

    def __init__(
        self, operation: Operation, document: dict[str, Json], validators: Validators
    ) -> None:
        super().__init__("path", operation, document, validators)
        self._names = re.findall(r"{([^{}]+)}", operation.path)

    def read(self, segments: Iterable[str], violations: list[Violation]) -> dict[str, Json]:
        """The parameters out of the decoded segments."""
        found = {
            name: self.converters[name](text)
            for name, text in zip(self._names, segments, strict=True)
        }
        return self.checked(found, violations)
