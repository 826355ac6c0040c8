"""A line to one trading server: a question, and the answer to it and to no other. What may have
been done there is told apart from what cannot have been.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import httpx2

from gateways.exchange import CutOffError, Turns, exchanged
from gateways.trading import (
    TradingRejectedError,
    TradingUnavailableError,
    TradingUnknownError,
)

Json = Any
Result = TypeVar("Result")

ECHO = "X-Request-Id"
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
        wait, called = self.connect_seconds, "the trading server"
        self._turns = Turns(self.clock, wait, called, TradingUnavailableError)

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
        with self._turns.taken() as breaker:
            try:
                answer = read(self._exchanged(method, self.path + path, sent))
            except TradingRejectedError:
                breaker.succeeded()
                raise
            except (TradingUnavailableError, TradingUnknownError):
                breaker.failed()
                raise
            breaker.succeeded()
            return answer

    def _exchanged(self, method: str, path: str, sent: Json) -> Json:
        request_id = secrets.token_hex(16)
        told = {ECHO: request_id}
        try:
            answer = exchanged(
                *(self.client, method, path, self.total_seconds, _ANSWER_BYTES),
                headers=told,
                **sent,
            )
        except _NOT_SENT as error:
            raise TradingUnavailableError(_named(error)) from error
        except httpx2.HTTPError as error:
            raise TradingUnknownError(_named(error)) from error
        except CutOffError as error:
            raise TradingUnknownError(str(error)) from error
        return _understood(*answer, request_id)


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
