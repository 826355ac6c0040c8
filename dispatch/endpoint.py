"""One operation: everything from the routed request to the written answer."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson
from jsonschema_rs import Draft4Validator
from starlette.types import Receive, Scope

from contract.problems import Problem, Violation
from dispatch.answer import Answer, answered
from dispatch.body import Body
from dispatch.call import Call
from dispatch.headers import accepts_json
from dispatch.parameters import Header, Path, Query
from dispatch.security import Verify
from dispatch.threads import in_one_thread
from dispatch.violations import LIMIT, listed

Json = Any


class InvalidAnswerError(Exception):
    """A handler's answer is not as documented. Says where, not what stands there."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The pieces that one request needs, in the order in which it meets them: who asks (401, 403),
    what is accepted (406), the body's form (415, 413), then all fields together (400). The name is
    in `scope["operation"]` from the start.
    """

    name: str
    verify: Verify | None
    query: Query
    path: Path | None
    header: Header | None
    body: Body | None
    call: Call
    answer: Draft4Validator | None
    tolerates: Callable[[Scope, Sequence[Violation]], bool]
    lane: Executor | None

    async def __call__(self, scope: Scope, receive: Receive) -> Answer:
        """Raises Problem, or whatever the handler raises. Where nothing has to be waited for in the
        loop, all of it is done in one thread of the lane.
        """
        steps = self._answered(scope, receive)
        return await (in_one_thread(self.lane, steps) if self.lane else steps)

    async def _answered(self, scope: Scope, receive: Receive) -> Answer:
        headers = scope["headers_by_name"]
        scope["operation"] = self.name
        if self.verify:
            await self.verify(scope)
        if b"accept" in headers and not accepts_json(headers[b"accept"]):
            raise Problem("NOT_ACCEPTABLE")
        content = await self.body.received(headers, receive) if self.body else b""
        parameters, value = self._checked(scope, headers, content)
        answer = answered(await self.call(scope, parameters, value, content))
        if self.answer and answer.status == HTTPStatus.OK:
            _check(self.answer, answer)
        return answer

    def _checked(
        self, scope: Scope, headers: dict[bytes, bytes], content: bytes
    ) -> tuple[dict[str, Json], Json]:
        """Parameters and body. Raises Problem with every violation there is."""
        violations: list[Violation] = []
        query = scope["query_string"]
        parameters = self.query.read(query, violations) if query or self.query.awaited else {}
        if self.path:
            parameters |= self.path.read(scope["path_segments"], violations)
        if self.header:
            parameters |= self.header.read(headers, violations)
        value = self.body.checked(content, violations) if self.body else None
        if violations:
            self._refuse(scope, list(dict.fromkeys(violations))[:LIMIT])
        return parameters, value

    def _refuse(self, scope: Scope, violations: list[Violation]) -> None:
        if not self.tolerates(scope, violations):
            raise Problem("VALIDATION_ERROR", errors=violations)


def _check(validator: Draft4Validator, answer: Answer) -> None:
    value = orjson.loads(answer.body)
    if not validator.is_valid(value):
        faults = ", ".join(
            f"{pointer} {rule}" for pointer, rule in listed(validator, value, "answer")
        )
        raise InvalidAnswerError(faults)
