"""What only this server may read, and what only it could have written."""

import hmac
import os
from hashlib import sha256

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
MIN_SECRET_BYTES = 32


class SecretBox:
    """Seals and signs with keys that are made of the server's secret. What was sealed or signed
    for one purpose is good for no other.
    """

    def __init__(self, secret: bytes) -> None:
        if len(secret) < MIN_SECRET_BYTES:
            raise ValueError(f"the secret has fewer than {MIN_SECRET_BYTES} bytes")
        self._cipher = AESGCM(_key(secret, b"seal"))
        self._signing_key = _key(secret, b"sign")

    def sealed(self, purpose: str, content: bytes) -> bytes:
        """AES-256-GCM; the nonce stands in front."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, purpose.encode())

    def opened(self, purpose: str, sealed: bytes) -> bytes:
        """Raises cryptography's InvalidTag if it was not sealed here for this purpose."""
        nonce, content = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        return self._cipher.decrypt(nonce, content, purpose.encode())

    def signature(self, purpose: str, *parts: str | int) -> str:
        """HMAC-SHA256 in hex over the parts, each told apart from the next."""
        message = orjson.dumps([purpose, *parts])
        return hmac.new(self._signing_key, message, sha256).hexdigest()


def _key(secret: bytes, use: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"wlink " + use).derive(secret)
