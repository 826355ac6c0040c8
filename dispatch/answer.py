"""What goes back to the caller, as ready bytes."""

from http import HTTPStatus
from typing import Any, NamedTuple

import orjson
from starlette.types import Scope, Send

Json = Any

JSON = b"application/json"


class Answer(NamedTuple):
    """A body with its status. Handlers return one instead of plain data where they have the bytes
    already, or headers to say.
    """

    body: bytes
    status: int = 200
    media_type: bytes = JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()


def answered(result: Json) -> Answer:
    """What a handler returned, written as JSON. Raises TypeError if it cannot be."""
    return result if isinstance(result, Answer) else Answer(orjson.dumps(result))


def request_id(scope: Scope) -> str:
    """The number that the dispatcher gave to a request."""
    number: str = scope["extensions"]["connexion_context"]["request_id"]
    return number


async def transmit(answer: Answer, scope: Scope, send: Send) -> None:
    """Sends the answer with the number of its request; to HEAD without the body."""
    body, status, media_type, headers = answer
    content = [(b"content-type", media_type), (b"content-length", b"%d" % len(body))]
    if status == HTTPStatus.NO_CONTENT:
        content = []  # RFC 9110, 8.6
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [*content, (b"x-request-id", request_id(scope).encode()), *headers],
        }
    )
    shown = b"" if scope["method"] == "HEAD" else body
    await send({"type": "http.response.body", "body": shown})
