"""In front of the handlers: what is counted and written of a request."""

import asyncio
import time
from collections.abc import Mapping
from http import HTTPStatus

import structlog
from starlette.types import Receive, Scope

from dispatch.answer import Answer, request_id
from dispatch.compile import Settings
from dispatch.dispatcher import Dispatcher, refusal
from dispatch.security import Authenticate
from wlink.metrics import Metrics

_METHODS = frozenset("GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT".split())
# Who is refused because there is too much to do hears it so much later: he who came again at once
# would make more to do than what was refused.
_REFUSAL_SECONDS = 1
_log = structlog.get_logger("wlink.request")


class Front(Dispatcher):
    """The server's dispatcher: for requests that have come to a site."""

    def __init__(
        self, authenticators: Mapping[str, Authenticate], settings: Settings, metrics: Metrics
    ) -> None:
        super().__init__(authenticators, settings)
        self._metrics = metrics

    async def answer(self, scope: Scope, receive: Receive) -> Answer:
        """The answer, counted and noted."""
        started = time.perf_counter()
        if isinstance(scope["site"], Exception):
            answer = refusal(scope["site"], scope)
        else:
            answer = await super().answer(scope, receive)
        self._note(scope, answer, time.perf_counter() - started)
        if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
            await asyncio.sleep(_REFUSAL_SECONDS)  # keeps no thread
        return answer

    def _note(self, scope: Scope, answer: Answer, seconds: float) -> None:
        """Writes one line; never a value of path, query, header or body."""
        operation, method = scope.get("operation", "none"), scope["method"]
        self._metrics.answered(operation, answer.status, seconds)
        caller = (scope["extensions"]["connexion_context"].get("token_info") or {}).get("caller")
        _log.info(
            "answered",
            operation=operation,
            method=method if method in _METHODS else "other",
            status=answer.status,
            milliseconds=round(seconds * 1000, 1),
            request_id=request_id(scope),
            tenant=getattr(scope["site"], "tenant_id", None),
            user=caller.user_id if caller else None,
        )
