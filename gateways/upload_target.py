"""The object store for which operation 16 hands out credentials, as an upload client meets it where
we are the store ourselves: PUT a file into the own folder, GET it back. The client is pointed here
with `endpoint`.
"""

import asyncio
import re
from hashlib import md5
from typing import NamedTuple, Protocol
from xml.sax.saxutils import escape

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

FILE_BYTES = 10 * 1024 * 1024
_NAME_BYTES = 200
_AT_ONCE = 4
_PATIENCE_SECONDS = 30
# With the bucket's name in front where the endpoint is an address of numbers.
KEY = re.compile(
    r"/(?:wlink-uploads/)?(?P<folder>tenant/[0-9]{1,19}/user/[0-9]{1,19}/)"
    r"(?P<name>(?!\.{1,2}$)[^/\0]{1,200})"
)


class NoRoomError(Exception):
    """The folder holds as much as it may."""


class File(NamedTuple):
    """What was uploaded."""

    content: bytes
    media_type: str


class Store(Protocol):
    """Where files are kept; a key is a folder of operation 16 and a name."""

    def may_write(self, folder: str, security_token: str) -> bool:
        """Whether the token is good for this folder."""

    def put(self, key: str, file: File) -> None:
        """Keeps a file. Raises NoRoomError or OSError."""

    def get(self, key: str) -> File | None:
        """The file, if everybody may have it."""


class UploadTarget:
    """Answers for the paths of files; everything else is for the application behind."""

    def __init__(self, app: ASGIApp, store: Store) -> None:
        self._app = app
        self._store = store
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, else hands on."""
        found = KEY.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        request, folder = Request(scope, receive), found["folder"]
        answer = (
            await self._put(request, folder, found["name"]) if request.method == "PUT" else None
        )
        answer = answer or self._get(folder + found["name"], request.method)
        await answer(scope, receive, send)

    async def _put(self, request: Request, folder: str, name: str) -> Response:
        token = request.headers.get("x-oss-security-token", "")
        if len(name.encode()) > _NAME_BYTES:
            return _error(400, "InvalidObjectName", f"A name has at most {_NAME_BYTES} bytes.")
        if not token or not self._store.may_write(folder, token):
            return _error(403, "AccessDenied", "The security token is missing, or good elsewhere.")
        try:
            async with self._turns, asyncio.timeout(_PATIENCE_SECONDS):
                content = await _read(request)
        except (TimeoutError, ClientDisconnect):
            return _error(400, "RequestTimeout", "The file did not come to its end.")
        if content is None:
            return _error(400, "EntityTooLarge", f"A file has at most {FILE_BYTES} bytes.")
        media_type = request.headers.get("content-type", "application/octet-stream")
        try:
            await asyncio.to_thread(self._store.put, folder + name, File(content, media_type))
        except NoRoomError:
            return _error(400, "QuotaExceeded", "The folder holds all that it may.")
        except OSError:
            return _error(503, "ServiceUnavailable", "The file could not be kept.")
        return Response(status_code=200, headers={"ETag": _etag(content)})

    def _get(self, key: str, method: str) -> Response:
        if method not in ("GET", "HEAD"):
            return _error(405, "MethodNotAllowed", "Files are put and got.")
        file = self._store.get(key)
        if file is None:
            return _error(404, "NoSuchKey", "There is no such file.")
        headers = {"ETag": _etag(file.content), "X-Content-Type-Options": "nosniff"}
        # Never shown as a page: it would run with the rights of this address.
        headers["Content-Security-Policy"] = "sandbox"
        return Response(file.content, media_type=file.media_type, headers=headers)


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
