"""Where payment gateways tell of payments: /webhooks/payments/ and the channel's number."""

import asyncio
import re
from collections.abc import Mapping

import structlog
from sqlmodel import select
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from cashier import payments
from cashier.payments import Received
from contract.problems import Problem
from dispatch.answer import Answer, transmit
from dispatch.dispatcher import introduce, refusal
from gateways.payments import ForgedNoticeError, UnreadableNoticeError
from models.boundaries import Boundary, BoundSession
from models.channel import Channel
from wlink.services import Services

_PATH = re.compile("/webhooks/payments/([0-9]{1,18})", re.ASCII)
_MOST_BYTES = 64 * 1024
_TURN_SECONDS = 2
_PATIENCE_SECONDS = 10
_AT_ONCE = 4
_log = structlog.get_logger("wlink.payments")


class PaymentNotices:
    """Keeps notices, and acts upon none: that is for the worker. Everything else is for the
    application behind.
    """

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, else hands on."""
        found = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        introduce(scope)
        try:
            answer = await self._answer(int(found[1]), scope, receive)
        except ClientDisconnect:
            return
        except Exception as error:
            answer = refusal(error, scope)
        _log.info("a notice was answered", channel=int(found[1]), status=answer.status)
        await transmit(answer, scope, send)

    async def _answer(self, channel_id: int, scope: Scope, receive: Receive) -> Answer:
        if scope["method"] != "POST":
            raise Problem("METHOD_NOT_ALLOWED", headers={"Allow": "POST"})
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                content = await _received(receive)
        except TimeoutError:
            raise Problem("VALIDATION_ERROR") from None
        sent: dict[bytes, bytes] = scope["headers_by_name"]
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in sent.items()}
        await self.take(channel_id, headers, content)
        return Answer(b"{}")

    async def take(self, channel_id: int, headers: Mapping[str, str], content: bytes) -> None:
        """Keeps what a channel's gateway has told, once. Raises Problem, also OVERLOADED if too
        many tell something: a gateway tells it again.
        """
        try:
            await asyncio.wait_for(self._turns.acquire(), _TURN_SECONDS)
        except TimeoutError:
            raise Problem("OVERLOADED") from None
        try:
            await asyncio.to_thread(self._take, channel_id, headers, content)
        finally:
            self._turns.release()

    def _take(self, channel_id: int, headers: Mapping[str, str], content: bytes) -> None:
        parts, now = self._services, self._services.clock()
        channel = parts.database.read(None, lambda session: _online(session, channel_id))
        try:
            notice = parts.payments.of(channel).notice(headers, content, now)
        except ForgedNoticeError as error:
            raise Problem("API_SIGNATURE_INVALID") from error
        except UnreadableNoticeError as error:
            raise Problem("VALIDATION_ERROR") from error
        if notice is None:
            return
        received = Received(notice, content)
        parts.database.write(
            Boundary(channel.tenant_id),
            lambda session: payments.keep(session, parts.outbox, channel, received, now),
        )


def _online(session: BoundSession, channel_id: int) -> Channel:
    """Of any tenant, and whether it is still offered or not: who has paid has paid."""
    found = session.exec(select(Channel).where(Channel.id == channel_id)).first()
    if found is None or not found.method.is_online:
        raise Problem("NOT_FOUND")
    return found


async def _received(receive: Receive) -> bytes:
    """The body, byte for byte."""
    content, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        content += message.get("body", b"")
        if len(content) > _MOST_BYTES:
            raise Problem("PAYLOAD_TOO_LARGE")
        more = message.get("more_body", False)
    return bytes(content)
