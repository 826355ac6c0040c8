"""Requests that come with an Idempotency-Key: however often they are repeated, they have one effect
and one answer.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import orjson

from contract.problems import Problem
from dispatch.answer import Answer
from models.answered_request import AnsweredRequest, NamedRequest
from models.boundaries import BoundSession
from models.database import Transaction
from wlink.calls import Call

Json = Any

KEY = "Idempotency-Key"
_REPLAYED = ((b"idempotent-replayed", b"true"),)


class SecondWriteError(Exception):
    """A handler has written twice in a request that has one effect: a fault of ours."""


@dataclass(frozen=True)
class OnceWritten(Transaction):
    """For a request that may be repeated. What its handler writes, once and at its end, commits
    together with the answer.
    """

    request: NamedRequest
    _writes: Iterator[int] = field(default_factory=count, init=False, compare=False)

    def write(self, work: Callable[[BoundSession], Json]) -> Json:
        """What `work` returns, as the answer to the request, or the answer that it had before. So
        the handler can only hand it on. Raises Problem IDEMPOTENCY_IN_PROGRESS or
        IDEMPOTENCY_KEY_REUSED.
        """
        if next(self._writes):
            raise SecondWriteError

        def write_once(session: BoundSession) -> Answer:
            AnsweredRequest.claim(session, self.request)
            known = self.replay(session)
            if known:
                return known
            body = orjson.dumps(work(session))
            AnsweredRequest.keep(session, self.request, body)
            return Answer(body)

        return super().write(write_once)

    def replay(self, session: BoundSession) -> Answer | None:
        """The answer that the request had before. Raises Problem IDEMPOTENCY_KEY_REUSED."""
        body = AnsweredRequest.answer_to(session, self.request)
        return None if body is None else Answer(body, headers=_REPLAYED)


def once(call: Call, name: str, sent: Mapping[str, Json], act: Callable[[Call], Json]) -> Json:
    """What `act` answers to a call of the operation, or the answer that the call had before: also
    if it got that while `act` was at work, which so finds an email code used up.
    """
    if KEY not in sent:
        return act(call)
    request = _named(call, name, sent)
    transaction = OnceWritten(call.services.database, call.boundary, request)
    known = transaction.read(transaction.replay)
    if known:
        return known
    try:
        return act(replace(call, transaction=transaction))
    except Problem:
        known = transaction.read(transaction.replay)
        if known is None:
            raise
        return known


def _named(call: Call, name: str, sent: Mapping[str, Json]) -> NamedRequest:
    box, boundary = call.services.box, call.boundary
    whose = (boundary.tenant_id, boundary.owner_id or 0)
    name_seal = box.signature("name of a request", *whose, name, sent[KEY])
    said = orjson.dumps(sent, option=orjson.OPT_SORT_KEYS).decode()
    content_seal = box.signature("content of a request", name_seal, said)
    return NamedRequest(name_seal, content_seal, call.now)
