"""Passwords, of which only hashes are kept. Cheap ones: nobody's money lies behind them."""

import hmac
import secrets
from hashlib import scrypt

_SALT_BYTES = 16


def hashed(password: str) -> str:
    """Salt and hash."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return (salt + _hash(password, salt)).hex()


def matches(password: str, kept: str) -> bool:
    """Whether it is the one that was hashed."""
    both = bytes.fromhex(kept)
    salt, right = both[:_SALT_BYTES], both[_SALT_BYTES:]
    return hmac.compare_digest(_hash(password, salt), right)


def _hash(password: str, salt: bytes) -> bytes:
    return scrypt(password.encode(), salt=salt, n=256, r=8, p=1)
