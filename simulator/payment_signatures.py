"""How a payment gateway signs what it tells a shop, as Stripe does."""

import hmac
from datetime import datetime
from hashlib import sha256


def signed(body: bytes, secret: str, now: datetime) -> str:
    """The header Stripe-Signature."""
    at = str(int(now.timestamp()))
    message = at.encode() + b"." + body
    return f"t={at},v1={hmac.new(secret.encode(), message, sha256).hexdigest()}"
