"""Stripe Checkout: clients pay on a page of Stripe's (docs.stripe.com/api/checkout/sessions)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from gateways import stripe_notices
from gateways.payment_line import PaymentLine
from gateways.payments import (
    Notice,
    Payment,
    PaymentRefusedError,
    PaymentState,
    PaymentUnavailableError,
    PaymentWanted,
    Standing,
)
from gateways.stripe_amounts import amount_of, counted

Json = Any

# Since this version the currency of a session stays the one that it was made in, whichever one the
# client sees.
_VERSION = {"Stripe-Version": "2025-03-31.basil"}
_SESSIONS = "/v1/checkout/sessions"
_REFERENCE = re.compile("[A-Za-z0-9_]{1,255}", re.ASCII)
_PAGE = re.compile(r"https?://\S{1,2000}")
_LATEST = 2**33


@dataclass(frozen=True)
class Stripe:
    """See PaymentPort. `channel` is written onto every session: of the events of one account at
    Stripe each channel with it is told all.
    """

    line: PaymentLine
    webhook_secret: str = field(repr=False)
    channel: str

    def create(self, wanted: PaymentWanted) -> Payment:
        """See PaymentPort."""
        number, code = wanted.order_number, wanted.amount.unit.code.lower()
        if not stripe_notices.ORDER_NUMBER.fullmatch(number):
            raise ValueError("an order has no such number")
        units = counted(wanted.amount)

        def payment(session: Json) -> Payment:
            _require((session.get("amount_total"), session.get("currency")) == (units, code))
            _require((session.get("metadata") or {}).get("order_number") == number)
            page, ends_at = session.get("url"), session.get("expires_at")
            _require(isinstance(page, str) and _PAGE.fullmatch(page) is not None)
            _require(type(ends_at) is int and 0 < ends_at < _LATEST)
            expires_at = datetime.fromtimestamp(ends_at, UTC)
            return Payment(_reference(session), "redirect", page, "", expires_at)

        headers = {**_VERSION, "Idempotency-Key": f"{self.channel}-{number}"}
        return self.line.told(payment, "POST", _SESSIONS, headers, self._form(wanted, units))

    def _form(self, wanted: PaymentWanted, units: int) -> dict[str, str]:
        item, price = "line_items[0]", "line_items[0][price_data]"
        return {
            "mode": "payment",
            f"{item}[quantity]": "1",
            f"{price}[currency]": wanted.amount.unit.code.lower(),
            f"{price}[unit_amount]": str(units),
            f"{price}[product_data][name]": wanted.title,
            "client_reference_id": wanted.order_number,
            "metadata[order_number]": wanted.order_number,
            "metadata[channel]": self.channel,
            "success_url": wanted.return_url,
            "cancel_url": wanted.return_url,
            "expires_at": str(int(wanted.expires_at.timestamp())),
        }

    def cancel(self, reference: str) -> None:
        """See PaymentPort. What has ended before is refused, too: then it counts how it ended."""

        def check(session: Json) -> None:
            _require(_reference(session) == reference and session.get("status") == "expired")

        try:
            self.line.told(check, "POST", f"{_path(reference)}/expire", _VERSION)
        except PaymentRefusedError:
            if self.query(reference).state is not PaymentState.EXPIRED:
                raise

    def query(self, reference: str) -> Standing:
        """See PaymentPort."""

        def standing(session: Json) -> Standing:
            _require(_reference(session) == reference)
            units, code = session.get("amount_total"), session.get("currency")
            _require(type(units) is int and isinstance(code, str))
            return Standing(_state(session), amount_of(units, code.upper()), code.upper())

        return self.line.told(standing, "GET", _path(reference), _VERSION)

    def notice(self, headers: Mapping[str, str], content: bytes, now: datetime) -> Notice | None:
        """See PaymentPort."""
        signed = headers.get("stripe-signature", "")
        stripe_notices.require_genuine(signed, content, self.webhook_secret, now)
        return stripe_notices.read(content, self.channel)


def _path(reference: str) -> str:
    if not _REFERENCE.fullmatch(reference):
        raise ValueError("no payment has such a reference")
    return f"{_SESSIONS}/{reference}"


def _reference(session: Json) -> str:
    found = session.get("id")
    _require(isinstance(found, str) and _REFERENCE.fullmatch(found) is not None)
    return str(found)


def _state(session: Json) -> PaymentState:
    """A session that is complete may still wait for its money."""
    status, payment = session.get("status"), session.get("payment_status")
    _require(status in ("open", "complete", "expired"))
    if payment == "paid":
        return PaymentState.PAID
    return PaymentState.EXPIRED if status == "expired" else PaymentState.OPEN


def _require(fits: bool) -> None:
    if not fits:
        raise PaymentUnavailableError("an answer that does not fit")
