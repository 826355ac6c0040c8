"""One operation's answers, made once for each key and kept as bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from contract.bundling import Bundle
from contract.operations import Operation, lookup, operations
from mock.lists import LISTS, asked_for, page
from mock.personas import Persona
from mock.records import Record, Scene, key_in
from mock.values import Values
from mock.world import World

Json = Any

# What a report or list is about, if its name says more than its tag.
_KINDS = ("withdrawal", "deposit", "transfer", "rebate", "order", "position")
_KEYS = ("id", "order_number", "client_user_id", "column_id", "userId", "session_id", "phoneNo")
# A page of 200 rows is about 60 kB, a whole list a little more.
_KEPT_BODIES = 1024
_KEPT_LISTS = 128


@dataclass(frozen=True)
class Asked:
    """A request as far as its answer depends on it."""

    operation_id: str
    language: str
    persona: Persona
    portal: str
    sent: tuple[tuple[str, str], ...]

    @classmethod
    def of(
        cls,
        operation_id: str,
        language: str,
        persona: Persona,
        portal: str,
        sent: Mapping[str, Json],
    ) -> "Asked":
        """The sent values become text, so that the whole can be a key."""
        values = tuple((name, orjson.dumps(value).decode()) for name, value in sorted(sent.items()))
        return cls(operation_id, language, persona, portal, values)


class Answers:
    """Answers of all operations of the contract in one world."""

    def __init__(self, contract: Bundle, world: World) -> None:
        self.operations = operations(contract)
        self.world = world
        self.values = Values(contract.document)
        self.body = lru_cache(_KEPT_BODIES)(self._body)
        self._lists = lru_cache(_KEPT_LISTS)(self._value)

    def example(self, operation_id: str) -> bytes:
        """The named example of status 200."""
        operation = self.operations[operation_id]
        example = operation.answers["200"]["content"]["application/json"]["examples"]["success"]
        return orjson.dumps(lookup(self.values.document, example)["value"])

    def _body(self, asked: Asked) -> bytes:
        """The answer of status 200, as it is sent."""
        sent = {name: orjson.loads(value) for name, value in asked.sent}
        filtered = tuple(part for part in asked.sent if part[0] not in ("page", "size"))
        everything = self._lists(
            Asked(asked.operation_id, asked.language, asked.persona, asked.portal, filtered)
        )
        return orjson.dumps(_paged(everything, sent))

    def _value(self, asked: Asked) -> Json:
        """The answer with every entry that the filter finds, on one endless page."""
        operation = self.operations[asked.operation_id]
        sent = {name: orjson.loads(value) for name, value in asked.sent}
        scene = Scene(self.world, asked.language, asked.persona, asked.portal, sent)
        record = Record(scene, kind_of(operation), key_of(operation, scene))
        answer = self.values.value(operation.answer_schema, record)
        return _filtered(answer, self._filters(operation, sent))

    def _filters(self, operation: Operation, sent: Mapping[str, Json]) -> Mapping[str, Json]:
        """What was sent, as a filter. A report that cannot be asked for `pending` finds what is
        pending under `auditing`.
        """
        schemas = [p["schema"] for p in operation.parameters if p["name"] == "status"]
        options = [lookup(self.values.document, schema).get("enum", []) for schema in schemas]
        if sent.get("status") == "auditing" and not any("pending" in each for each in options):
            return {**sent, "status": ("pending", "auditing")}
        return sent


def kind_of(operation: Operation) -> str:
    """The kind of thing that an operation is about: `deposits` for the deposit report, too."""
    if "rebate_account" in operation.operation_id:
        return "rebate_accounts"
    if operation.tag in ("reports", "ib"):
        for word in _KINDS:
            if word in operation.operation_id:
                return f"{word}s"
    return operation.tag


def key_of(operation: Operation, scene: Scene) -> str:
    """Key of the one thing that is asked for; the caller's own things go by the persona."""
    for name in _KEYS:
        if name in scene.sent:
            return key_in(str(scene.sent[name]))
    return scene.persona.name


def _filtered(answer: Json, sent: Mapping[str, Json]) -> Json:
    if not isinstance(answer, dict):
        return answer
    result = {}
    for name, value in answer.items():
        if name in LISTS and isinstance(value, list):
            result[name] = [row for row in value if asked_for(row, sent)]
        else:
            result[name] = _filtered(value, sent) if name == "data" else value
    return result


def _paged(answer: Json, sent: Mapping[str, Json]) -> Json:
    """The page that is asked for, with totals that count all pages."""
    if not isinstance(answer, dict):
        return answer
    lists = [name for name in LISTS if isinstance(answer.get(name), list)]
    result = {
        name: _paged(value, sent) if name == "data" else value for name, value in answer.items()
    }
    result |= {name: page(answer[name], sent) for name in lists}
    count = sum(len(answer[name]) for name in lists)
    if lists and "total" in answer:
        result["total"] = count
    if "pager" in answer:
        number, size = int(sent["page"]), int(sent["size"])
        result |= {"pager": number, "size": size, "offset": (number - 1) * size}
        result["pages"] = -(-count // size)
    return result
