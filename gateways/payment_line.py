"""A line to one payment gateway: form fields go out, JSON comes back."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import httpx2

from gateways.exchange import CutOffError, Turns, exchanged
from gateways.payments import PaymentRefusedError, PaymentUnavailableError

Json = Any
Result = TypeVar("Result")

_ANSWER_BYTES = 256 * 1024
# The gateway has understood, and says no. Any other status may be another one later: 401 and 403
# once somebody has mended the key, 409 once the same request is through, 429 and 5xx by themselves.
_REFUSED = frozenset([httpx2.codes.BAD_REQUEST, httpx2.codes.PAYMENT_REQUIRED, 404])
_REASON = re.compile("[a-z_]{1,64}", re.ASCII)


@dataclass
class PaymentLine:
    """Eight calls at once, and none while the gateway fails all the time; none lasts longer than
    `total_seconds`.
    """

    client: httpx2.Client = field(repr=False)
    clock: Callable[[], datetime]
    connect_seconds: float
    total_seconds: float

    def __post_init__(self) -> None:
        wait, called = self.connect_seconds, "the payment gateway"
        self._turns = Turns(self.clock, wait, called, PaymentUnavailableError)

    def told(
        self,
        read: Callable[[Json], Result],
        method: str,
        path: str,
        headers: Mapping[str, str],
        form: Mapping[str, str] | None = None,
    ) -> Result:
        """What `read` makes of the answer; it raises PaymentUnavailableError if the answer does not
        fit. Raises that and PaymentRefusedError.
        """
        with self._turns.taken() as breaker:
            try:
                answer = read(self._exchanged(method, path, headers, form))
            except PaymentRefusedError:
                breaker.succeeded()
                raise
            except PaymentUnavailableError:
                breaker.failed()
                raise
            breaker.succeeded()
            return answer

    def _exchanged(
        self, method: str, path: str, headers: Mapping[str, str], form: Mapping[str, str] | None
    ) -> Json:
        try:
            answer = exchanged(
                *(self.client, method, path, self.total_seconds, _ANSWER_BYTES),
                headers=headers,
                data=form,
            )
        except httpx2.HTTPError as error:
            # Its own text might say what was sent.
            told = f"no answer from the payment gateway ({type(error).__name__})"
            raise PaymentUnavailableError(told) from error
        except CutOffError as error:
            raise PaymentUnavailableError(str(error)) from error
        return _understood(*answer)


def _understood(response: httpx2.Response, content: bytes) -> Json:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        raise PaymentUnavailableError("an answer that is no JSON") from None
    if not isinstance(answer, dict):
        raise PaymentUnavailableError("an answer that is no object")
    if response.status_code == httpx2.codes.OK:
        return answer
    error = answer.get("error")
    if response.status_code in _REFUSED and isinstance(error, dict):
        raise PaymentRefusedError(_reason(error))
    raise PaymentUnavailableError(f"an answer with status {response.status_code}")


def _reason(error: dict[str, Json]) -> str:
    """A word of the gateway's; its sentences might repeat what was sent."""
    for word in (error.get("code"), error.get("type")):
        if isinstance(word, str) and _REASON.fullmatch(word):
            return word
    return ""
