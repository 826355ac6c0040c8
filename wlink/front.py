"""In front of the handlers: where a request has come to, what is counted and written of it."""

import time
from collections.abc import Mapping

import structlog
from starlette.types import Receive, Scope

from dispatch.answer import Answer, request_id
from dispatch.compile import Settings
from dispatch.dispatcher import Dispatcher, refusal
from dispatch.security import Authenticate
from wlink.hosts import Address, Hosts
from wlink.metrics import Metrics

_ALLOWED = (
    (b"access-control-allow-methods", b"GET, POST"),
    (b"access-control-allow-headers", b"*, Authorization"),
    (b"access-control-max-age", b"600"),
)
_EXPOSED = (
    b"access-control-expose-headers",
    b"X-Request-Id, Retry-After, WWW-Authenticate, Allow",
)
_log = structlog.get_logger("wlink.request")


class Front(Dispatcher):
    """The server's dispatcher. The site of a request is in `scope["site"]`."""

    def __init__(
        self,
        authenticators: Mapping[str, Authenticate],
        settings: Settings,
        hosts: Hosts,
        metrics: Metrics,
    ) -> None:
        super().__init__(authenticators, settings)
        self._hosts = hosts
        self._metrics = metrics

    async def answer(self, scope: Scope, receive: Receive) -> Answer:
        """The answer, with what a browser needs to hand it to a page of another host."""
        started = time.perf_counter()
        headers: dict[bytes, bytes] = scope["headers_by_name"]
        host = headers.get(b"host", b"")
        try:
            address = Address(host, headers.get(b"x-portal", b""))
            scope["site"] = await self._hosts.site(address)
        except Exception as error:
            answer = refusal(error, scope)
        else:
            answer = await self._at_site(scope, receive, headers)
        self._note(scope, answer, time.perf_counter() - started)
        return answer

    async def _at_site(self, scope: Scope, receive: Receive, headers: dict[bytes, bytes]) -> Answer:
        origin = headers.get(b"origin", b"")
        admitted = bool(origin) and self._hosts.admits(
            origin.decode("latin-1"), scope["site"], headers.get(b"host", b"")
        )
        preflight = scope["method"] == "OPTIONS" and b"access-control-request-method" in headers
        if preflight and origin:
            answer = Answer(b"", 204, headers=_ALLOWED if admitted else ())
        else:
            answer = await super().answer(scope, receive)
        told: tuple[tuple[bytes, bytes], ...] = ((b"vary", b"Origin"),)
        if admitted:
            told = (*told, (b"access-control-allow-origin", origin), _EXPOSED)
        return answer._replace(headers=(*answer.headers, *told))

    def _note(self, scope: Scope, answer: Answer, seconds: float) -> None:
        """Counts the answer and writes a line of it; never a value of path, query or body."""
        operation = scope.get("operation", "none")
        self._metrics.answered(operation, answer.status, seconds)
        caller = (scope["extensions"]["connexion_context"].get("token_info") or {}).get("caller")
        _log.info(
            "answered",
            operation=operation,
            method=scope["method"] if scope["method"].isalpha() else "?",
            status=answer.status,
            milliseconds=round(seconds * 1000, 1),
            request_id=request_id(scope),
            tenant=scope["site"].tenant_id if "site" in scope else None,
            user=caller.user_id if caller else None,
        )
