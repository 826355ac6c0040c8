"""The outermost layer: where a request has come to, and what every answer carries."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dispatch.headers import combined
from models.tenant import Site
from wlink.hosts import Address, Hosts

Header = tuple[bytes, bytes]

_SAFE: list[Header] = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
]
_POLICY = b"content-security-policy"
_NO_PAGE = (_POLICY, b"default-src 'none'; frame-ancestors 'none'")
_PAGE = (
    _POLICY,
    b"default-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
)
_PREFLIGHT: list[Header] = [
    (b"access-control-allow-methods", b"GET, POST, PUT"),
    (b"access-control-allow-headers", b"*, Authorization"),
    (b"access-control-max-age", b"600"),
]
_EXPOSED = (
    b"access-control-expose-headers",
    b"X-Request-Id, Retry-After, WWW-Authenticate, Allow, ETag, Idempotent-Replayed",
)


class Safe:
    """Adds the headers that keep answers out of caches, frames and wrong types."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands on."""
        page = scope["type"] == "http" and scope["path"].startswith("/docs")
        await self._app(scope, receive, _adding([*_SAFE, _PAGE if page else _NO_PAGE], send))


class Edge:
    """Puts the site of a request into `scope["site"]`, or the exception that says why there is
    none. Answers carry what a browser needs to hand them to a page of the tenant's.
    """

    def __init__(self, app: ASGIApp, hosts: Hosts) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent = combined(scope["headers"])
        scope["site"] = await self._site(sent)
        admission = self._admission(scope["site"], sent)
        carry = _adding([(b"vary", b"Origin"), *admission], send)
        if scope["method"] == "OPTIONS" and b"access-control-request-method" in sent:
            await _answer_preflight(carry, admitted=bool(admission))
        else:
            await self._app(scope, receive, carry)

    async def _site(self, sent: dict[bytes, bytes]) -> Site | Exception:
        try:
            return await self._hosts.site(
                Address(sent.get(b"host", b""), sent.get(b"x-portal", b""))
            )
        except Exception as error:  # told by whoever needs the site; health does not
            return error

    def _admission(self, site: Site | Exception, sent: dict[bytes, bytes]) -> list[Header]:
        origin = sent.get(b"origin", b"")
        if not origin or isinstance(site, Exception):
            return []
        if not self._hosts.admits(origin.decode("latin-1"), site, sent.get(b"host", b"")):
            return []
        return [(b"access-control-allow-origin", origin), _EXPOSED]


def _adding(headers: list[Header], send: Send) -> Send:
    """Sends with more headers, but for those that the answer has itself."""

    async def carry(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = list(message["headers"])
            names = {name.lower() for name, _ in own}
            message["headers"] = [*own, *(each for each in headers if each[0] not in names)]
        await send(message)

    return carry


async def _answer_preflight(send: Send, *, admitted: bool) -> None:
    headers = _PREFLIGHT if admitted else []
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
