"""One HTTP call to a server outside, with an end in time and in size; few of them at once, and none
while the server fails all the time.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from threading import BoundedSemaphore, Timer
from typing import Any

import httpx2

from gateways.breaker import Breaker

Json = Any

_AT_ONCE = 8


class CutOffError(Exception):
    """An answer came, and was not read to its end."""


@dataclass
class Turns:
    """Eight calls at once to the server that is `called` so; who waits longer than `seconds` for
    his turn, or comes while the breaker is open, is told `refusal`.
    """

    clock: Callable[[], datetime]
    seconds: float
    called: str
    refusal: type[Exception]
    breaker: Breaker = field(init=False)

    def __post_init__(self) -> None:
        self._free = BoundedSemaphore(_AT_ONCE)
        self.breaker = Breaker(self.clock)

    @contextmanager
    def taken(self) -> Iterator[Breaker]:
        """Whoever has a turn tells the breaker how it has ended."""
        if not self._free.acquire(timeout=self.seconds):
            raise self.refusal(f"too many calls to {self.called} at once")
        try:
            if not self.breaker.lets_through():
                raise self.refusal(f"{self.called} has failed too often")
            yield self.breaker
        finally:
            self._free.release()


def client_for(
    address: str,
    authorization: str,
    waits: httpx2.Timeout,
    transport: httpx2.BaseTransport | None,
) -> httpx2.Client:
    """Follows no redirect, and no proxy of the environment's."""
    shown = {"Authorization": authorization} if authorization else {}
    return httpx2.Client(
        base_url=address,
        headers={"Accept-Encoding": "identity", **shown},
        timeout=waits,
        # A connection for each call: one that had been kept could be gone without our knowing,
        # and whether the request has arrived would be in doubt.
        limits=httpx2.Limits(max_keepalive_connections=0),
        transport=transport,
        trust_env=False,
    )


def is_address(text: str) -> bool:
    """Whether a server can be reached there by HTTP."""
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL:
        return False
    return url.scheme in ("http", "https") and bool(url.host) and not (url.query or url.userinfo)


def exchanged(
    client: httpx2.Client, method: str, path: str, seconds: float, most_bytes: int, **sent: Json
) -> tuple[httpx2.Response, bytes]:
    """The answer and its content; `sent` is as httpx2 has it. Raises httpx2.HTTPError, and
    CutOffError where the answer is too long or does not end in time.
    """
    with _Deadline(seconds) as deadline:
        extensions = {"trace": deadline.trace}
        request = client.build_request(method, path, extensions=extensions, **sent)
        response = client.send(request, stream=True)
        try:
            content = bytearray()
            for part in response.iter_raw():
                content += part
                if len(content) > most_bytes:
                    raise CutOffError("an answer that is too long")
            if deadline.is_over:  # what was shut looks like an answer's end
                raise CutOffError("an answer that took too long")
            return response, bytes(content)
        finally:
            response.close()


class _Deadline:
    """The end of a call as a whole: httpx2 limits each wait, and there are many. The connection is
    shut from beside then, which belongs to this call alone.
    """

    def __init__(self, seconds: float) -> None:
        self.is_over = False
        self._stream: Any = None
        self._timer = Timer(seconds, self._end)

    def __enter__(self) -> "_Deadline":
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def trace(self, event: str, about: dict[str, Any]) -> None:
        """Is told of every step. Finding the address has no limit of its own."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._stream = about["return_value"]
            if self.is_over:
                self._stream.close()
                raise httpx2.ConnectTimeout("no time is left to send anything")

    def _end(self) -> None:
        self.is_over = True
        if self._stream is not None:
            with suppress(OSError):  # it has ended by itself
                socket.socket.shutdown(self._stream.get_extra_info("socket"), socket.SHUT_RDWR)
