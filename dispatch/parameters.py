"""Parameters: parsed strictly by their type, then checked, one validator for each place."""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import unquote_to_bytes

from contract.operations import Operation, lookup
from contract.problems import Violation
from contract.schemas import Validators
from contract.spellings import QUERY_NAMES
from dispatch.violations import listed, pointer

Json = Any
Convert = Callable[[str], Json]

_INTEGER = re.compile(r"-?[0-9]{1,19}")
_LONGEST_LIST = 100  # items; what is behind them stays one text
_BOOLEANS = {"true": True, "false": False}


def _integer(text: str) -> Json:
    """A text that is no plain integer stays one, and the schema refuses its type."""
    return int(text) if _INTEGER.fullmatch(text) else text


def _boolean(text: str) -> Json:
    return _BOOLEANS.get(text, text)


_CONVERTERS: dict[str, Convert] = {"string": str, "integer": _integer, "boolean": _boolean}


class Place:
    """The parameters of an operation in one place: query, path or header."""

    name: ClassVar[str]

    def __init__(
        self, operation: Operation, document: dict[str, Json], validators: Validators
    ) -> None:
        parameters = [p for p in operation.parameters if p["in"] == self.name]
        schemas = {p["name"]: lookup(document, p["schema"]) for p in parameters}
        self.operation = operation
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

    name = "query"

    @cached_property
    def _spellings(self) -> dict[str, str]:
        """Other names than the documented ones, which go before."""
        return QUERY_NAMES.get(self.operation.operation_id, {})

    def read(self, query: bytes, violations: list[Violation]) -> dict[str, Json]:
        """The parameters out of the text behind the question mark."""
        found: dict[str, Json] = {}
        for sent, text in _pairs(query, violations) if query else ():
            name = sent.removesuffix("[]")
            if name in self.lists:
                convert = self.converters[name]
                found.setdefault(name, []).extend(map(convert, text.split(",", _LONGEST_LIST)))
            elif sent in found:
                violations.append(Violation(pointer(self.name, sent), "single"))
            else:
                documented = self._spellings.get(sent, sent)
                found[sent] = self.converters.get(documented, str)(text)
        for other, name in self._spellings.items():
            if other in found:
                found.setdefault(name, found.pop(other))
        return self.checked(found, violations)


def _pairs(query: bytes, violations: list[Violation]) -> list[tuple[str, str]]:
    pairs = []
    for piece in query.split(b"&"):
        name, _, text = piece.partition(b"=")
        try:
            pairs.append((_text(name), _text(text)))
        except UnicodeDecodeError:
            violations.append(Violation("/query", "utf-8"))
    violations += [Violation(pointer("query", n), "nul") for n, text in pairs if "\0" in n + text]
    return [pair for pair in pairs if pair != ("", "")]


def _text(encoded: bytes) -> str:
    if b"%" in encoded or b"+" in encoded:
        encoded = unquote_to_bytes(encoded.replace(b"+", b" "))
    return encoded.decode()


class Header(Place):
    """Parameters in headers. Other headers are nobody's business here."""

    name = "header"

    @cached_property
    def _names(self) -> dict[bytes, str]:
        return {name.lower().encode(): name for name in self.converters}

    def read(self, headers: dict[bytes, bytes], violations: list[Violation]) -> dict[str, Json]:
        """The parameters out of the combined headers."""
        found = {
            name: self.converters[name](headers[key].decode("latin-1"))
            for key, name in self._names.items()
            if key in headers
        }
        return self.checked(found, violations)


class Path(Place):
    """Parameters in the path."""

    name = "path"

    @cached_property
    def _names(self) -> list[str]:
        """In the order of the template."""
        return re.findall(r"{([^{}]+)}", self.operation.path)

    def read(self, segments: Iterable[str], violations: list[Violation]) -> dict[str, Json]:
        """The parameters out of the decoded segments."""
        sent = dict(zip(self._names, segments, strict=True))
        violations += [
            Violation(pointer("path", n), "nul") for n, text in sent.items() if "\0" in text
        ]
        found = {name: self.converters[name](text) for name, text in sent.items()}
        return self.checked(found, violations)
