"""The simulator behind HTTP, as a bridge beside a real trading server is."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from hmac import compare_digest

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import Message, Receive, Scope, Send

from simulator.answering import Answer, Delivery, Simulator, not_served
from simulator.answering import Request as Asked
from simulator.refusals import NotServedError

ECHO = "X-Request-Id"
_REQUEST_BYTES = 256 * 1024
_HANG_SECONDS = 60
_log = structlog.get_logger("wlink.simulator")


def simulator_app(simulator: Simulator, token: str, clock: Callable[[], datetime]) -> Starlette:
    """Answers whoever shows the token."""
    return Starlette(routes=[Mount("/", app=Face(simulator, token, clock))])


class Face:
    """Every path."""

    def __init__(self, simulator: Simulator, token: str, clock: Callable[[], datetime]) -> None:
        self._simulator = simulator
        self._wanted = f"Bearer {token}".encode()
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, and writes a line that holds nothing of what was sent."""
        started = time.perf_counter()
        request = Request(scope, receive)
        try:
            answer = await self._answer(request)
        except ClientDisconnect:
            return
        _log.info(
            "answered",
            operation=answer.action,
            status=answer.status,
            state=answer.delivery,
            milliseconds=round((time.perf_counter() - started) * 1000, 1),
        )
        await deliver(answer, scope, receive, send)

    async def _answer(self, request: Request) -> Answer:
        request_id = request.headers.get(ECHO, "")
        try:
            require_token(request, self._wanted)
            body = await body_of(request)
        except NotServedError as fault:
            return not_served(fault, request_id)
        query = dict(request.query_params)
        asked = Asked(request.method, request.url.path, query, body, request_id)
        return await run_in_threadpool(self._simulator.answer, asked, self._clock())


def require_token(request: Request, wanted: bytes) -> None:
    """Raises NotServedError unless the request shows what is wanted of it."""
    shown = request.headers.get("Authorization", "").encode()
    if not compare_digest(shown, wanted):
        raise NotServedError(401, "unauthorized")


async def body_of(request: Request) -> bytes:
    """All of it. Raises NotServedError if it is too long."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _REQUEST_BYTES:
            raise NotServedError(413, "too_large")
    return bytes(body)


async def deliver(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    """Sends an answer, or does to it what its delivery says."""
    if answer.delivery is Delivery.HANGS:
        await _wait_for_the_end(receive)
        return
    response = Response(
        answer.body,
        answer.status,
        {ECHO: answer.request_id},
        media_type="application/json",
    )
    if answer.delivery is Delivery.ARRIVES:
        await response(scope, receive, send)
        return
    # The server breaks the connection off when the body that was announced does not come.
    start: Message = {"type": "http.response.start", "status": answer.status}
    await send({**start, "headers": response.raw_headers})


async def _wait_for_the_end(receive: Receive) -> None:
    """Until the caller is gone; not for ever."""

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(gone(), _HANG_SECONDS)
    except TimeoutError:
        _log.warning("nobody has waited so long before")
