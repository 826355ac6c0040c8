"""Requests of every kind, valid and not, for every operation; the same in every run."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any
from urllib.parse import quote

import orjson

from contract.operations import Operation, lookup

Json = Any
Header = tuple[bytes, bytes]

TEXTS = [
    *[
        "",
        "abc",
        "1_0",
        " 5",
        "\uff15",
        "5 ",
        "-1",
        "0",
        "007",
        "99999999999999999999",
        "1.0",
        "1e3",
    ],
    *["NaN", "true", "True", "TRUE", "null", "None", "2026-02-30", "2026-02-29 10:00:00"],
    *["2024-02-29", "2026-W01-1", "2026-01-15 24:00:00", "x" * 300, "a,b", "100%25", "\n", "é"],
    *["client@example.com", "not-an-address", "9007199254740992", "-0", "--1", "0x10", "1,2"],
]
VALUES: list[Json] = [
    *["", "abc", "x" * 3000, "\uff11", "1.5", "0.00", "-1", "1e3", "2026-02-30", "null", "\t", "é"],
    *[0, -1, 1, 1.0, 1.5, 2**31, 2**53, 2**63, 10**20, True, False, None, [], {}, [1], {"a": 1}],
]
BODIES = [
    b"",
    b"null",
    b"[]",
    b"1",
    b'"text"',
    b"{",
    b"{}",
    b'{"a":1,}',
    b"not json",
    b'{"a":NaN}',
    b'{"a":Infinity}',
    b'{"a":1e400}',
    b'{"a":"\xff"}',
    b"\xef\xbb\xbf{}",
    '{"a":1}'.encode("utf-16"),
    b'{"a":"\\ud800"}',
    b'{"a":"\\u0000"}',
    b'{"a":' + b"9" * 5000 + b"}",
    b'{"a":' + b"[" * 200 + b"]" * 200 + b"}",
    b"[" * 100_000,
]
MEDIA_TYPES: list[bytes | None] = [
    *[None, b"", b"text/plain", b"application/JSON", b"Application/Json; Charset=UTF-8"],
    *[b"application/json; charset=utf-16", b"application/json;", b"application/jsonx"],
    *[b"application/problem+json", b"garbage", b"multipart/form-data", b"application/json, text/*"],
]
TOKENS: list[bytes | None] = [None, b"", b"Bearer", b"Bearer ", b"bearer good", b"BEARER good"]
TOKENS += [b"Bearer bad", b"Basic Z29vZDpnb29k", b"good", b"Bearer good good"]


@dataclass(frozen=True)
class Generated:
    """One request, and in which way it differs from the example of its operation."""

    operation: Operation
    kind: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: tuple[Header, ...]
    body: bytes

    @property
    def query_string(self) -> bytes:
        return "&".join(f"{quote(name)}={quote(text)}" for name, text in self.query).encode()

    def header(self, name: bytes, value: bytes | None) -> "Generated":
        others = tuple(pair for pair in self.headers if pair[0] != name)
        return replace(self, headers=others if value is None else (*others, (name, value)))


def generated(
    operations: dict[str, Operation], document: dict[str, Json], seed: int = 0
) -> Iterator[Generated]:
    for operation in operations.values():
        random = Random(f"{seed} {operation.operation_id}")
        usual = _usual(operation, document)
        yield usual
        yield from _of_query(usual, document, random)
        yield from _of_path(usual, random)
        yield from _of_headers(usual, random)
        if operation.body:
            yield from _of_body(usual, document, random)


def _usual(operation: Operation, document: dict[str, Json]) -> Generated:
    examples = {p["name"]: p["example"] for p in operation.parameters if "example" in p}
    query = [p["name"] for p in operation.parameters if p["in"] == "query" and p.get("required")]
    body, headers = b"", []
    if "client" in operation.schemes or "ib" in operation.schemes or "user" in operation.schemes:
        headers.append((b"authorization", b"Bearer good"))
    if "partner" in operation.schemes:
        headers += [(b"x-api-tenantid", b"good"), (b"x-api-token", b"good")]
    if operation.body:
        media = operation.definition["requestBody"]["content"]["application/json"]
        body = orjson.dumps(lookup(document, media["examples"]["request"])["value"])
        headers.append((b"content-type", b"application/json"))
    pairs = []
    for name in query:
        texts = examples[name] if isinstance(examples[name], list) else [examples[name]]
        pairs += [(name, _written(text)) for text in texts]
    path = operation.path.format(**examples)
    return Generated(operation, "usual", path, tuple(pairs), tuple(headers), body)


def _written(value: Json) -> str:
    return orjson.dumps(value).decode() if isinstance(value, bool) else str(value)


def _of_query(usual: Generated, document: dict[str, Json], random: Random) -> Iterator[Generated]:
    yield replace(usual, kind="unknown name", query=(*usual.query, ("unknown", "1")))
    for parameter in usual.operation.parameters:
        if parameter["in"] != "query":
            continue
        name = parameter["name"]
        others = tuple(pair for pair in usual.query if pair[0] != name)
        sent = [pair for pair in usual.query if pair[0] == name] or [(name, "1")]
        yield replace(usual, kind="left out", query=others)
        yield replace(usual, kind="sent twice", query=(*others, sent[0], sent[0]))
        choices = lookup(document, parameter["schema"]).get("enum", ["2026-01-15 10:00:00", "17"])
        for text in (*random.sample(TEXTS, 8), *choices[:3]):
            yield replace(usual, kind=f"query text {text[:20]!r}", query=(*others, (name, text)))


def _of_path(usual: Generated, random: Random) -> Iterator[Generated]:
    yield replace(usual, kind="slash at the end", path=usual.path + "/")
    parts = usual.operation.path.split("/")
    for at in (at for at, part in enumerate(parts) if part.startswith("{")):
        sent = usual.path.split("/")
        for text in ("%2F", "a%2Fb", "%00", "%FF", *map(quote, random.sample(TEXTS[1:], 7))):
            path = "/".join([*sent[:at], text, *sent[at + 1 :]])
            yield replace(usual, kind=f"path text {text[:20]!r}", path=path)


def _of_headers(usual: Generated, random: Random) -> Iterator[Generated]:
    if any(name == b"authorization" for name, _ in usual.headers):
        for token in random.sample(TOKENS, 4):
            yield replace(usual.header(b"authorization", token), kind=f"token {token!r}")
    for parameter in usual.operation.parameters:
        if parameter["in"] == "header":
            for value in (b"", b"a", b"x" * 300, b"a b", b"\xe9", b"zh-CN"):
                name = parameter["name"].lower().encode()
                yield replace(usual.header(name, value), kind=f"header {value[:10]!r}")


def _of_body(usual: Generated, document: dict[str, Json], random: Random) -> Iterator[Generated]:
    for media_type in random.sample(MEDIA_TYPES, 5):
        yield replace(usual.header(b"content-type", media_type), kind=f"media type {media_type!r}")
    for body in random.sample(BODIES, 8):
        yield replace(usual, kind=f"body {body[:20]!r}", body=body)
    sent = orjson.loads(usual.body)
    yield replace(usual, kind="unknown field", body=orjson.dumps({**sent, "unknown": 1}))
    properties = lookup(document, usual.operation.body)["properties"]
    for name in properties:
        without = {key: value for key, value in sent.items() if key != name}
        yield replace(usual, kind="field left out", body=orjson.dumps(without))
        for value in random.sample(VALUES, 10):
            body = _json({**without, name: value})
            yield replace(usual, kind=f"field {str(value)[:20]!r}", body=body)
        for inner in sent[name] if isinstance(sent.get(name), dict) else ():
            for value in random.sample(VALUES, 2):
                body = _json({**sent, name: {**sent[name], inner: value}})
                yield replace(usual, kind=f"inner field {str(value)[:20]!r}", body=body)


def _json(value: Json) -> bytes:
    """Numbers beyond 64 bits included, which orjson does not write."""
    return json.dumps(value).encode()
