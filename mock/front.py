"""In front of the answers of the mock: heeds wishes, tells which it has heeded, and writes one
line for each request, which says what was answered and why.
"""

import asyncio
import logging
import time
from asyncio import sleep
from collections import Counter
from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from contract.problems import Problem
from dispatch.answer import Answer, request_id
from dispatch.compile import Settings
from dispatch.dispatcher import Dispatcher, refusal
from dispatch.security import Authenticate
from mock.steering import MalformedPreferenceError, Steering, parted, steering
from mock.world import World

Json = Any

_PROBLEMS = {"500": "INTERNAL_ERROR", "503": "OVERLOADED", "429": "RATE_LIMITED"}
_PATIENCE_SECONDS = 60
_COUNTED_PATHS = 1000
_TOLD = 5
# Wishes that are heeded whatever the answer is; the others choose one, once the request is valid.
_ANYWAY = ("handling", "delay", "fault", "fault-rate")
_log = logging.getLogger("wlink.mock")


class Front(Dispatcher):
    """The mock's dispatcher. A request's wishes are in `scope["steering"]`; whoever chooses by them
    says so with `scope["chosen"]`.
    """

    def __init__(
        self, authenticators: Mapping[str, Authenticate], settings: Settings, world: World
    ) -> None:
        super().__init__(authenticators, settings)
        self._world = world
        self._counts: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, but for those who wish for a connection that ends in the middle."""
        await super().__call__(scope, receive, send)
        if "fault" in scope:
            # An answer that never comes to its end: the server closes the connection.
            headers = [(b"content-length", b"1")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})

    async def answer(self, scope: Scope, receive: Receive) -> Answer:
        """The answer that is wished for, or else the usual one."""
        started = time.perf_counter()
        try:
            asked, scope["query_string"] = parted(scope["query_string"])
            wishes = steering(scope["headers_by_name"], asked)
        except MalformedPreferenceError as malformed:
            wishes = Steering()
            answer = told(scope, 422, "MOCK_PREFERENCE_MALFORMED", str(malformed))
        else:
            scope["steering"] = wishes
            answer = await self._heeded(wishes, scope, receive)
        answer = _with_headers(answer, wishes, scope)
        _log.info(_line(scope, answer, time.perf_counter() - started))
        return answer

    async def _heeded(self, wishes: Steering, scope: Scope, receive: Receive) -> Answer:
        fault = await self._disturbance(wishes, scope) if wishes.delay or wishes.fault else None
        if fault in _PROBLEMS:
            return refusal(Problem(_PROBLEMS[fault]), scope)
        if fault in ("timeout", "close"):
            _log.info("%s %s %s, as wished", scope["method"], _path(scope), fault)
            scope["fault"] = fault
            if fault == "timeout":
                await _hung_up(receive)
            raise ClientDisconnect
        answer = await super().answer(scope, receive)
        half = len(answer.body) // 2
        return answer._replace(body=answer.body[:half]) if fault == "bad-json" else answer

    async def _disturbance(self, wishes: Steering, scope: Scope) -> str | None:
        """Waits, and says which fault comes this time; the same in each run of the mock."""
        key = f"{scope['path']} {wishes.fault}"
        draw = self._world.draw("wishes", key, str(self._counts[key]))
        self._counts[key] += 1
        if len(self._counts) > _COUNTED_PATHS:
            self._counts.clear()
        if wishes.delay:
            await sleep(draw.integer("delay", *wishes.delay) / 1000)
        return wishes.fault if draw.chance("fault", wishes.fault_rate) else None


async def _hung_up(receive: Receive) -> None:
    """Waits until the caller has lost his patience, or we ours."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while (await receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        return


def told(scope: Scope, status: int, code: str, detail: str, **more: Json) -> Answer:
    """A problem of the mock's own, which no server would have: RFC 9457, whatever the document."""
    title = "The mock cannot do that"
    problem = {"type": f"urn:wlink:mock:{code}", "title": title, "status": status}
    problem |= {"detail": detail, "code": code, **more, "request_id": request_id(scope)}
    return Answer(orjson.dumps(problem), status, b"application/problem+json")


def _with_headers(answer: Answer, wishes: Steering, scope: Scope) -> Answer:
    chosen = scope.get("chosen", False)
    applied = [wish for name, wish in wishes.sent if chosen or name in _ANYWAY]
    headers = ((b"vary", b"Prefer"), (b"preference-applied", ", ".join(applied).encode()))
    return answer._replace(headers=(*answer.headers, *headers[: 2 if applied else 1]))


def _path(scope: Scope) -> str:
    """As it was sent: what is encoded in it cannot begin a line of its own."""
    raw_path: bytes = scope["raw_path"]
    return raw_path.decode("latin-1")


def _line(scope: Scope, answer: Answer, seconds: float) -> str:
    """Method, path, status, time, and why. Never a value of query, header or body."""
    why = dict(answer.headers).get(b"x-mock-source", b"").decode()
    if answer.status >= 400 and answer.media_type.endswith(b"json"):
        why = " ".join([why, *_reasons(answer.body)]).strip()
    for pointer, rule in scope.get("tolerated", ())[:_TOLD]:
        why += f", let pass {_shown(pointer)} {rule}"
    for name, wish in scope["steering"].sent if "steering" in scope else ():
        why += f" ({wish})" if name in ("code", "example") else ""
    milliseconds = round(seconds * 1000)
    return f"{scope['method']} {_path(scope)} {answer.status} {milliseconds} ms {why}"


def _reasons(body: bytes) -> list[str]:
    try:
        problem = orjson.loads(body)
    except orjson.JSONDecodeError:  # broken on purpose
        return []
    violated = [f"{_shown(v['pointer'])} {v['rule']}" for v in problem.get("errors", [])]
    return [problem.get("code") or problem["mcode"], *violated[:_TOLD]]


def _shown(pointer: str) -> str:
    """A name that somebody sent, so that it can neither begin a line nor fill the screen."""
    return pointer.encode("unicode_escape").decode()[:100]
