"""The payment stand-in behind HTTP: the API for whoever shows the token, pages for everybody."""

from collections.abc import Callable
from datetime import datetime

import httpx2
import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from simulator.app import body_of, deliver, require_token
from simulator.payment_page import PaymentPage
from simulator.payment_signatures import signed
from simulator.refusals import NotServedError
from simulator.stand_in import Asked, Event, StandIn, refused

_API = "/v1/"
# All who show the token are the same shop.
_ACCOUNT = "simulator"
_PATIENCE_SECONDS = 10
_log = structlog.get_logger("wlink.simulator")


def with_payments(
    app: ASGIApp, stand_in: StandIn, token: str, clock: Callable[[], datetime]
) -> ASGIApp:
    """An application with the stand-in in front of it. What is paid is told to the addresses that
    were registered.
    """

    async def tell(event: Event, now: datetime) -> bool:
        told = [await _told(event, *each, now) for each in stand_in.endpoints(event.account)]
        return bool(told) and all(told)

    api = PaymentApi(app, stand_in, token, clock)
    return PaymentPage(api, lambda: stand_in, tell, clock)


async def _told(event: Event, url: str, secret: str, now: datetime) -> bool:
    headers = {"Stripe-Signature": signed(event.body, secret, now)}
    headers["Content-Type"] = "application/json"
    async with httpx2.AsyncClient(trust_env=False, timeout=_PATIENCE_SECONDS) as client:
        try:
            answer = await client.post(url, content=event.body, headers=headers)
        except httpx2.HTTPError as error:
            _log.warning("a notice did not arrive", fault=type(error).__name__)
            return False
    return bool(answer.is_success)


class PaymentApi:
    """Answers for the paths of the API; everything else is for the application behind."""

    def __init__(
        self, app: ASGIApp, stand_in: StandIn, token: str, clock: Callable[[], datetime]
    ) -> None:
        self._app = app
        self._stand_in = stand_in
        self._wanted = f"Bearer {token}".encode()
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, else hands on."""
        if scope["type"] != "http" or not scope["path"].startswith(_API):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            require_token(request, self._wanted)
            key = request.headers.get("Idempotency-Key", "")
            path, body = request.url.path, await body_of(request)
            asked = Asked(_ACCOUNT, request.method, path, body, key)
            answer = await run_in_threadpool(self._stand_in.answer, asked, self._clock())
        except NotServedError as fault:
            answer = refused(fault)
        except ClientDisconnect:
            return
        await deliver(answer, scope, receive, send)
