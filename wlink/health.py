"""Pages for those who run the server: is it alive, is it ready, what has it done."""

import asyncio
from hmac import compare_digest

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from contract.problems import Problem
from wlink.addresses import read
from wlink.metrics import Metrics
from wlink.migrating import is_current
from wlink.services import Services

_PATIENCE_SECONDS = 2
_LIVE = Response(b'{"status":"live"}', media_type="application/json")


class Health:
    """Answers for three paths; everything else is for the application behind."""

    def __init__(self, app: ASGIApp, services: Services, metrics: Metrics) -> None:
        self._app = app
        self._services = services
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, else hands on."""
        path = scope["path"] if scope["type"] == "http" else ""
        if path == "/health/live":
            await _LIVE(scope, receive, send)
        elif path == "/health/ready":
            await (await self._ready())(scope, receive, send)
        elif path == "/metrics" and self._may_read(Request(scope)):
            await (await self._figures())(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _ready(self) -> Response:
        """503 while the database is away, or not as this version needs it."""
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                ready = await asyncio.to_thread(is_current, self._services.database)
        except (Problem, TimeoutError):
            ready = False
        body = orjson.dumps({"status": "ready" if ready else "not ready"})
        return Response(body, 200 if ready else 503, media_type="application/json")

    async def _figures(self) -> Response:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return PlainTextResponse(await asyncio.to_thread(self._metrics.text))
        except (Problem, TimeoutError):
            return PlainTextResponse("The database does not answer.", 503)

    def _may_read(self, request: Request) -> bool:
        token = self._services.settings.metrics_token.get_secret_value()
        if token:
            sent = request.headers.get("authorization", "")
            return compare_digest(sent.encode(), f"Bearer {token}".encode())
        address = read(request.client.host) if request.client else None
        return address is not None and address.is_loopback
