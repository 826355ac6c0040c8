"""One operation's answers, made once for each key and kept as bytes."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import orjson

from contract.bundling import Bundle
from contract.operations import Operation, lookup, operations
from mock.lists import LISTS, page
from mock.order_numbers import key_in
from mock.personas import Persona
from mock.records import Record
from mock.scene import Scene
from mock.values import Values
from mock.world import World

Json = Any

# What an operation is about, where its tag does not say it.
_KINDS = {
    "list_account_balances": "trading_accounts",
    "list_withdrawal_report": "withdrawals",
    "export_withdrawal_report": "withdrawals",
    "list_deposit_report": "deposits",
    "export_deposit_report": "deposits",
    "list_transfer_report": "transfers",
    "export_transfer_report": "transfers",
    "list_closed_order_report": "closed_orders",
    "export_closed_order_report": "closed_orders",
    "list_open_position_report": "open_positions",
    "export_open_position_report": "open_positions",
    "list_pending_order_report": "pending_orders",
    "export_pending_order_report": "pending_orders",
    "list_trading_server_options": "trading_accounts",
    "list_traded_symbols": "trading_accounts",
    "list_rebate_detail_report": "rebates",
    "export_rebate_detail_report": "rebates",
    "list_rebate_report": "payouts",
    "export_rebate_report": "payouts",
    "list_rebates": "rebates",
    "list_rebate_accounts": "rebate_accounts",
    "set_rebate_account_enabled": "rebate_accounts",
}
_KEYS = "id order_number client_user_id column_id userId session_id phoneNo loginName".split()
# A page of 200 rows is about 60 kB.
_KEPT_BODIES = 512
_KEPT_SEEDS = 8


class Answers:
    """Answers of all operations of the contract in one world."""

    def __init__(self, contract: Bundle, world: World) -> None:
        self._contract = contract
        self.operations = operations(contract.document)
        self.world = world
        self.values = Values(contract.document)
        self._shared = lru_cache(_KEPT_BODIES)(self._made)
        self.seeded = lru_cache(_KEPT_SEEDS)(self._seeded)

    def body(
        self,
        operation_id: str,
        language: str,
        persona: Persona,
        portal: str = "client",
        sent: Mapping[str, Json] | None = None,
    ) -> bytes:
        """The answer of status 200, as it is sent. Answers to questions are kept, those to
        requests with a body, which may hold secrets, are not.

        Raises ValueError if a text that was sent has half a character, which JSON cannot write.
        """
        sent = sent or {}
        key = orjson.dumps(sent, option=orjson.OPT_SORT_KEYS)
        if self.operations[operation_id].body:
            return self._made(operation_id, language, persona, portal, key)
        return self._shared(operation_id, language, persona, portal, key)

    def _seeded(self, seed: str) -> "Answers":
        """The answers of another world, which differs in its seed alone."""
        number = int.from_bytes(blake2b(seed.encode(), digest_size=4).digest())
        return Answers(self._contract, replace(self.world, seed=number))

    def example(self, operation_id: str) -> bytes:
        """The named example of status 200."""
        operation = self.operations[operation_id]
        example = operation.answers["200"]["content"]["application/json"]["examples"]["success"]
        return orjson.dumps(lookup(self.values.document, example)["value"])

    def _made(
        self, operation_id: str, language: str, persona: Persona, portal: str, key: bytes
    ) -> bytes:
        operation, sent = self.operations[operation_id], orjson.loads(key)
        scene = Scene(self.world, language, persona, portal, self._filters(operation, sent))
        record = Record(scene, kind_of(operation), key_of(operation, scene))
        answer = self.values.value(operation.answer_schema, record)
        return orjson.dumps(_paged(answer, sent))

    def _filters(self, operation: Operation, sent: dict[str, Json]) -> dict[str, Json]:
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
    return _KINDS.get(operation.operation_id, operation.tag)


def key_of(operation: Operation, scene: Scene) -> str:
    """Key of the one thing that is asked for; lists and the caller's own data go by persona."""
    if any(parameter["name"] == "page" for parameter in operation.parameters):
        return scene.persona.name
    for name in _KEYS:
        if name in scene.sent:
            return key_in(str(scene.sent[name]))
    return scene.persona.name


def _paged(answer: Json, sent: Mapping[str, Json]) -> Json:
    """The page that is asked for, with totals that count all pages."""
    lists = [name for name in LISTS if isinstance(answer.get(name), list)]
    result = {**answer, **{name: page(answer[name], sent) for name in lists}}
    if isinstance(answer.get("data"), dict):
        result["data"] = _paged(answer["data"], sent)
    count = sum(len(answer[name]) for name in lists)
    if lists and "total" in answer:
        result["total"] = count
    if "pager" in answer:
        number, size = int(sent["page"]), int(sent["size"])
        result |= {"pager": number, "size": size, "offset": (number - 1) * size}
        result["pages"] = -(-count // size)
    return result
