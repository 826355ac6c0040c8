"""A line to one trading server: a question, and the answer to it and to no other. What may have
been done there is told apart from what cannot have been.
"""

import json
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from threading import BoundedSemaphore, Timer
from typing import Any, TypeVar

import httpx2

from gateways.breaker import Breaker
from gateways.trading import (
    TradingRejectedError,
    TradingUnavailableError,
    TradingUnknownError,
)

Json = Any
Result = TypeVar("Result")

ECHO = "X-Request-Id"
_AT_ONCE = 8
_ANSWER_BYTES = 4 * 1024 * 1024
# With these not a byte of the request has left; after any other fault it may have arrived.
_NOT_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.UnsupportedProtocol,
    httpx2.InvalidURL,
)
# The bridge's words for a request that did not come as far as the trading server.
_NOT_SERVED = frozenset(
    "unauthorized unknown_server unknown_path wrong_method unreadable too_large busy".split()
)


@dataclass
class Line:
    """Eight calls at once, and none while the server fails all the time. No call is repeated, and
    none lasts longer than `total_seconds`, once it has begun to be sent.
    """

    client: httpx2.Client = field(repr=False)
    path: str
    clock: Callable[[], datetime]
    connect_seconds: float
    total_seconds: float

    def __post_init__(self) -> None:
        self._turns = BoundedSemaphore(_AT_ONCE)
        self._breaker = Breaker(self.clock)

    def ask(
        self, read: Callable[[Json], Result], path: str, *, method: str = "GET", **sent: Json
    ) -> Result:
        """What `read` makes of the answer to a question that changes nothing: if that cannot be
        had, nothing else is in doubt.
        """
        try:
            return self.tell(read, path, method=method, **sent)
        except TradingUnknownError as error:
            raise TradingUnavailableError(str(error)) from error

    def tell(
        self, read: Callable[[Json], Result], path: str, *, method: str = "POST", **sent: Json
    ) -> Result:
        """The same for what may change something. `read` raises TradingUnknownError if the answer
        does not fit; `sent` is `json` or `params`, as httpx2 has it.
        """
        with self._turn():
            try:
                answer = read(self._exchanged(method, self.path + path, sent))
            except TradingRejectedError:
                self._breaker.succeeded()
                raise
            except (TradingUnavailableError, TradingUnknownError):
                self._breaker.failed()
                raise
            self._breaker.succeeded()
            return answer

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=self.connect_seconds):
            raise TradingUnavailableError("too many calls to the trading server at once")
        try:
            if not self._breaker.lets_through():
                raise TradingUnavailableError("the trading server has failed too often")
            yield
        finally:
            self._turns.release()

    def _exchanged(self, method: str, path: str, sent: Json) -> Json:
        request_id = secrets.token_hex(16)
        try:
            with _Deadline(self.total_seconds) as deadline:
                request = self.client.build_request(
                    method,
                    path,
                    headers={ECHO: request_id},
                    extensions={"trace": deadline.trace},
                    **sent,
                )
                answer = self._received(request, deadline)
        except _NOT_SENT as error:
            raise TradingUnavailableError(_named(error)) from error
        except httpx2.HTTPError as error:
            raise TradingUnknownError(_named(error)) from error
        return _understood(*answer, request_id)

    def _received(
        self, request: httpx2.Request, deadline: "_Deadline"
    ) -> tuple[httpx2.Response, bytes]:
        response = self.client.send(request, stream=True)
        try:
            content = bytearray()
            for part in response.iter_raw():
                content += part
                if len(content) > _ANSWER_BYTES:
                    raise TradingUnknownError("an answer that is too long")
            if deadline.is_over:  # what was shut looks like an answer's end
                raise TradingUnknownError("an answer that took too long")
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


def _named(error: Exception) -> str:
    """Its own text might say what was sent."""
    return f"no answer from the trading server ({type(error).__name__})"


def _understood(response: httpx2.Response, content: bytes, request_id: str) -> Json:
    if response.headers.get(ECHO) != request_id:
        raise TradingUnknownError("an answer to another request")
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        raise TradingUnknownError("an answer that is no JSON") from None
    if not isinstance(answer, dict):
        raise TradingUnknownError("an answer that is no object")
    if response.status_code == httpx2.codes.OK:
        return answer
    word, retcode = answer.get("error"), answer.get("retcode")
    if word == "refused" and type(retcode) is int and retcode:  # 0 would be success
        raise TradingRejectedError(retcode)
    if isinstance(word, str) and word in _NOT_SERVED:
        raise TradingUnavailableError(f"the bridge did not serve it: {word}")
    raise TradingUnknownError(f"an answer with status {response.status_code}")
