"""The object store for which operation 16 hands out credentials, as an upload client meets it:
PUT a file into the own folder, GET it back. The client is pointed here with `endpoint`.
"""

import asyncio
import re
from collections import OrderedDict
from hashlib import md5
from typing import NamedTuple
from xml.sax.saxutils import escape

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

FILE_BYTES = 10 * 1024 * 1024
KEPT_BYTES = 32 * 1024 * 1024
_AT_ONCE = 4
_PATIENCE_SECONDS = 30
# With the bucket's name in front where the endpoint is an address of numbers.
_KEY = re.compile(r"/(?:wlink-uploads/)?(tenant/1/user/[0-9]+/(?!\.{1,2}$)[^/\0]{1,200})")


class _File(NamedTuple):
    content: bytes
    media_type: str


class Uploads:
    """Keeps the last files in memory; everything else is for the application behind."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._files: OrderedDict[str, _File] = OrderedDict()
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers for paths of files, else hands on."""
        found = _KEY.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        answer = await self._put(request, found[1]) if request.method == "PUT" else None
        answer = answer or self._get(found[1], request.method)
        await answer(scope, receive, send)

    async def _put(self, request: Request, key: str) -> Response:
        if not request.headers.get("x-oss-security-token"):
            return _error(403, "AccessDenied", "The security token is missing.")
        try:
            async with self._turns, asyncio.timeout(_PATIENCE_SECONDS):
                content = await _read(request)
        except (TimeoutError, ClientDisconnect):
            return _error(400, "RequestTimeout", "The file did not come to its end.")
        if content is None:
            return _error(400, "EntityTooLarge", f"A file has at most {FILE_BYTES} bytes.")
        media_type = request.headers.get("content-type", "application/octet-stream")
        self._keep(key, _File(content, media_type))
        return Response(status_code=200, headers={"ETag": _etag(content)})

    def _keep(self, key: str, file: _File) -> None:
        self._files[key] = file
        self._files.move_to_end(key)
        while sum(len(kept.content) for kept in self._files.values()) > KEPT_BYTES:
            self._files.popitem(last=False)

    def _get(self, key: str, method: str) -> Response:
        if method not in ("GET", "HEAD"):
            return _error(405, "MethodNotAllowed", "Files are put and got.")
        if key not in self._files:
            return _error(404, "NoSuchKey", "There is no such file.")
        content, media_type = self._files[key]
        headers = {"ETag": _etag(content), "X-Content-Type-Options": "nosniff"}
        # Never shown as a page: it would run with the rights of this address.
        headers["Content-Security-Policy"] = "sandbox"
        return Response(content, media_type=media_type, headers=headers)


async def _read(request: Request) -> bytes | None:
    """The whole file, or None if it is too large."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > FILE_BYTES:
            return None
    return bytes(content)


def _etag(content: bytes) -> str:
    return f'"{md5(content, usedforsecurity=False).hexdigest().upper()}"'


def _error(status: int, code: str, message: str) -> Response:
    text = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    return Response(text, status_code=status, media_type="application/xml")
