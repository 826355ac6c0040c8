"""The gate for request bodies: what is too large, no JSON or beyond JSON's limits stops here."""

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import orjson
from jsonschema_rs import Draft4Validator
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from contract.problems import Problem, Violation
from dispatch.answer import JSON
from dispatch.violations import LIMIT, listed, pointer

Json = Any

DEPTH = 64
# Listing the violations of a value takes 0.1 ms for each, and there may be one behind each comma.
_COUNTED = 2000
_TOO_MANY = Violation("/body", "size")
_BACKSLASH = ord("\\")
Respell = Callable[[Json], Json]
# Any case, any parameters (RFC 9110, 8.3.1); a charset means nothing to JSON. Or nothing at all.
_JSON = re.compile(rb"([ \t]*application/json[ \t]*(;.*)?)?", re.IGNORECASE)


class Body:
    """The JSON body of one operation: read once, parsed once, and checked."""

    def __init__(self, validator: Draft4Validator, limit: int, documented: Respell) -> None:
        self._validator = validator
        self._limit = limit
        self._documented = documented

    async def received(self, headers: dict[bytes, bytes], receive: Receive) -> bytes:
        """The bytes. Raises Problem if they are of another media type, or too many: where the
        length says so beforehand, nothing is read. Without Content-Type there must be none.
        """
        media_type = headers.get(b"content-type", b"")
        if media_type != JSON and not _JSON.fullmatch(media_type):
            raise Problem("UNSUPPORTED_MEDIA_TYPE")
        if headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise Problem("UNSUPPORTED_MEDIA_TYPE")
        if _announced(headers) > self._limit:
            raise Problem("PAYLOAD_TOO_LARGE")
        message = await receive()
        content: bytes = message.get("body", b"")
        if message.get("more_body") or message["type"] == "http.disconnect":
            content += await self._rest(message, receive, len(content))
        if len(content) > self._limit:
            raise Problem("PAYLOAD_TOO_LARGE")
        if content and not media_type:
            raise Problem("UNSUPPORTED_MEDIA_TYPE")
        return content

    async def _rest(self, message: Message, receive: Receive, size: int) -> bytes:
        """What follows the first message, at most until the limit is passed."""
        chunks = []
        while message.get("more_body") and size <= self._limit:
            message = await receive()
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        return b"".join(chunks)

    def checked(self, content: bytes, violations: list[Violation]) -> Json:
        """The value; adds what is wrong with it. Strict JSON in UTF-8: no NaN, no lone surrogate,
        no byte order mark; of a key that is given twice the last counts (RFC 8259 leaves it open).
        """
        try:
            value = orjson.loads(content)
        except orjson.JSONDecodeError:
            violations.append(Violation("/body", "json" if content else "required"))
            return None
        if content.count(b"{") + content.count(b"[") > DEPTH and _deeper(value, DEPTH):
            violations.append(Violation("/body", "depth"))
            return None
        if _BACKSLASH in content and rb"\u0000" in content:
            violations += islice(_with_nul(value, "body"), LIMIT)
        value = self._documented(value)
        if not self._validator.is_valid(value):
            few = content.count(b",") < _COUNTED
            violations += listed(self._validator, value, "body") if few else [_TOO_MANY]
        return value


def _announced(headers: dict[bytes, bytes]) -> int:
    """Content-Length, which is no number where two of them were sent; then reading counts."""
    try:
        return int(headers.get(b"content-length", 0))
    except ValueError:
        return 0


def _deeper(value: Json, depth: int) -> bool:
    """Whether lists and objects lie within each other deeper than that."""
    level = [value]
    for _ in range(depth):
        level = [inner for part in level for inner in _members(part)]
    return bool(level)


def _members(value: Json) -> list[Json]:
    members = value.values() if isinstance(value, dict) else value
    return [part for part in members if isinstance(part, dict | list)]


def _with_nul(value: Json, *keys: object) -> Iterator[Violation]:
    """The texts and names that hold U+0000, which PostgreSQL cannot store."""
    if isinstance(value, str):
        if "\0" in value:
            yield Violation(pointer(*keys), "nul")
    elif isinstance(value, dict | list):
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in entries:
            if "\0" in str(key):
                yield Violation(pointer(*keys, key), "nul")
            yield from _with_nul(part, *keys, key)
