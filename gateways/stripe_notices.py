"""Notices as Stripe signs and writes them (docs.stripe.com/webhooks)."""

import hmac
import json
import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from gateways.payments import (
    TOLERANCE,
    ForgedNoticeError,
    Notice,
    PaymentState,
    UnreadableNoticeError,
)
from gateways.stripe_amounts import amount_of

Json = Any

# Of a session that is completed the payment may still be on its way: another event tells its end.
_STATES = {
    "checkout.session.completed": PaymentState.PAID,
    "checkout.session.async_payment_succeeded": PaymentState.PAID,
    "checkout.session.expired": PaymentState.EXPIRED,
}
ORDER_NUMBER = re.compile("[A-Za-z0-9-]{1,20}", re.ASCII)
_SIGNED_AT = re.compile("[0-9]{1,12}", re.ASCII)
_NAME = re.compile("[A-Za-z0-9_]{1,255}", re.ASCII)
_CURRENCY = re.compile("[a-z]{3}", re.ASCII)
_LARGEST = 10**15


def require_genuine(signed: str, content: bytes, secret: str, now: datetime) -> None:
    """`signed` is the header Stripe-Signature: `t=` when, and `v1=` one signature or several, while
    a secret is exchanged for another. Raises ForgedNoticeError.
    """
    parts = [part.partition("=") for part in signed.split(",")]
    moments = [value for name, _, value in parts if name.strip() == "t"]
    if not secret or len(moments) != 1 or not _SIGNED_AT.fullmatch(moments[0]):
        raise ForgedNoticeError("not signed")
    message = moments[0].encode() + b"." + content
    wanted = hmac.new(secret.encode(), message, sha256).hexdigest().encode()
    shown = [value.encode() for name, _, value in parts if name.strip() == "v1"]
    if not any(hmac.compare_digest(wanted, each) for each in shown):
        raise ForgedNoticeError("signed by somebody else")
    if abs(now.timestamp() - int(moments[0])) > TOLERANCE.total_seconds():
        raise ForgedNoticeError("signed too long ago, or not yet")


def read(content: bytes, channel: str) -> Notice | None:
    """What a genuine event says of a payment of the channel's; of others, which may come from
    whoever has the same account at Stripe, nothing. Raises UnreadableNoticeError.
    """
    try:
        event = json.loads(content)
        if event["type"] not in _STATES:
            return None
        session = event["data"]["object"]
        told, state = session.get("metadata") or {}, _STATES[event["type"]]
        if told.get("channel") != channel:
            return None
        if state is PaymentState.PAID and session["payment_status"] != "paid":
            return None
        return _notice(event, session, told, state)
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        raise UnreadableNoticeError("a notice that cannot be read") from None


def _notice(event: Json, session: Json, told: Json, state: PaymentState) -> Notice:
    code = _matching(_CURRENCY, session["currency"]).upper()
    return Notice(
        event_id=_matching(_NAME, event["id"]),
        order_number=_matching(ORDER_NUMBER, told["order_number"]),
        reference=_matching(_NAME, session["id"]),
        state=state,
        amount=amount_of(_number(session["amount_total"]), code),
        currency=code,
        at=datetime.fromtimestamp(_number(event["created"]), UTC),
    )


def _matching(pattern: "re.Pattern[str]", text: Json) -> str:
    if not pattern.fullmatch(text):
        raise ValueError
    return str(text)


def _number(value: Json) -> int:
    if type(value) is not int or not 0 <= value <= _LARGEST:
        raise ValueError
    return value
