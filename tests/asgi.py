"""Calling an ASGI application without a server in between."""

from typing import Any, NamedTuple
from urllib.parse import unquote

from starlette.types import ASGIApp, Message

Header = tuple[bytes, bytes]


class Reply(NamedTuple):
    """What came back."""

    status: int
    headers: list[Header]
    body: bytes


async def called(
    app: ASGIApp,
    method: str,
    path: str,
    *,
    query: bytes = b"",
    headers: tuple[Header, ...] = (),
    body: bytes = b"",
) -> Reply:
    """The reply to one request. The path is as it is sent, percent-encoded."""
    messages: list[Message] = []
    scope: dict[str, Any] = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query,
        "headers": [*headers, (b"content-length", b"%d" % len(body))],
        "root_path": "",
        "scheme": "http",
        "server": ("testserver", 80),
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, send)
    content = b"".join(message.get("body", b"") for message in messages)
    return Reply(messages[0]["status"], list(messages[0]["headers"]), content)
