"""The page on which nobody's money is paid: for browsers, without a script."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import datetime
from html import escape
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from simulator.refusals import NotServedError
from simulator.stand_in import PAGES, Event, Shown, StandIn

_PATH = re.compile(f"{PAGES}/([A-Za-z0-9_]{{1,255}})", re.ASCII)
_BODY_BYTES = 1024
_PATIENCE_SECONDS = 10
_AT_ONCE = 4
_WHOLE = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())
_THOUSANDTHS = frozenset("bhd jod kwd omr tnd".split())
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self';"
    " frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_DECLINED = "The card was declined. Nothing was paid."
_TAKEN = "The shop was told."
_NOT_TAKEN = "The shop was told, and did not take it."
_OVER = "It can no longer be paid."
_STATES = {"open": "to be paid", "complete": "paid", "expired": "expired"}

# Says whether the account has taken an event.
Tell = Callable[[Event, datetime], Awaitable[bool]]


class PaymentPage:
    """Answers for the pages of sessions; everything else is for the application behind."""

    def __init__(
        self,
        app: ASGIApp,
        stand_in: Callable[[], StandIn],
        tell: Tell,
        clock: Callable[[], datetime],
    ) -> None:
        """`stand_in` is asked for when it is needed: most servers have none."""
        self._app = app
        self._stand_in = stand_in
        self._tell = tell
        self._clock = clock
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, else hands on."""
        found = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        try:
            answer = await self._answer(Request(scope, receive), found[1])
        except ClientDisconnect:
            return
        except TimeoutError:
            answer = _page("The form did not arrive completely.", 400)
        except NotServedError as error:
            answer = _page("There is too much to do. Please try again.", error.status)
        await answer(scope, receive, send)

    async def _answer(self, request: Request, reference: str) -> Response:
        if request.method not in ("GET", "HEAD", "POST"):
            return _page("This is a page.", 405)
        said, button = "", await _pressed(request) if request.method == "POST" else ""
        async with self._turns:
            if button:
                said = await self._done(reference, button)
            session = await asyncio.to_thread(self._found, reference, self._clock())
        return _page("There is no such payment.", 404) if session is None else _shown(session, said)

    def _found(self, reference: str, now: datetime) -> Shown | None:
        return self._stand_in().session(reference, now)

    async def _done(self, reference: str, button: str) -> str:
        """Does what a button says; what there is to say of it."""
        now = self._clock()
        session = await asyncio.to_thread(self._found, reference, now)
        if session is None:
            return ""
        stand_in = self._stand_in()
        if button == "decline":
            return _DECLINED
        if button == "repeat":
            event = await asyncio.to_thread(stand_in.last_event, reference)
        elif button in ("pay", "pay_other"):
            amount = session.amount if button == "pay" else _other(session.amount)
            event = await asyncio.to_thread(stand_in.pay, reference, now, amount)
        else:
            return ""
        if event is None:
            return _OVER
        return _TAKEN if await self._tell(event, now) else _NOT_TAKEN


async def _pressed(request: Request) -> str:
    body = bytearray()
    async with asyncio.timeout(_PATIENCE_SECONDS):
        async for part in request.stream():
            body += part
            if len(body) > _BODY_BYTES:
                return ""
    return parse_qs(body.decode("ascii", "replace")).get("button", [""])[0]


def _other(amount: int) -> int:
    """A tenth more."""
    return amount + max(1, amount // 10)


def _shown(session: Shown, said: str) -> Response:
    code = session.currency
    facts = {
        "To pay": _amount(session.amount, code),
        "For": session.title,
        "Order": session.order_number,
        "State": _STATES[session.status],
    }
    rows = "".join(f"<dt>{name}<dd>{escape(fact)}" for name, fact in facts.items())
    buttons = {"repeat": "Tell the shop again"} if session.status == "complete" else {}
    if session.status == "open":
        other = f"Pay another amount ({_amount(_other(session.amount), code)})"
        buttons = {"pay": "Pay", "pay_other": other, "decline": "Decline"}
    pressed = "".join(
        f'<button name="button" value="{name}">{escape(text)}</button> '
        for name, text in buttons.items()
    )
    back = f'<p><a href="{escape(session.return_url)}" rel="noreferrer">Back to the shop</a>'
    told = f"<p><strong>{escape(said)}</strong>" if said else ""
    return _page(f'{told}<dl>{rows}</dl><form method="post">{pressed}</form>{back}', 200)


def _page(content: str, status: int) -> Response:
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Payment stand-in</title>'
        '<meta name="viewport" content="width=device-width">'
        "<style>body{font:1rem sans-serif;max-width:32rem;margin:2rem auto;padding:0 1rem}"
        "dt{color:#555}dd{margin:0 0 .5rem}</style>"
        "<h1>Payment stand-in</h1><p>Nobody's money is moved here.</p>"
        f"{content}</html>"
    )
    return Response(text, status, _HEADERS, "text/html")


def _amount(units: int, code: str) -> str:
    places = 0 if code in _WHOLE else 3 if code in _THOUSANDTHS else 2
    digits = str(units).rjust(places + 1, "0")
    point = len(digits) - places
    return f"{digits[:point]}{'.' if places else ''}{digits[point:]} {code.upper()}"
