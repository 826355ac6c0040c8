"""Request headers, as far as every request needs them."""

import re
from collections.abc import Mapping
from functools import lru_cache

from contract.languages import preferred, understood

_JSON_TYPES = (b"application/json", b"application/problem+json")
_RANGE = re.compile(rb"[!#$%&'*+.^_`|~0-9a-z-]+/[!#$%&'*+.^_`|~0-9a-z-]+")
_QUALITY = re.compile(rb";\s*q=([01](?:\.[0-9]{0,3})?)\s*(?:;|$)")


def combined(headers: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Headers by their lower-case names. What is sent twice is joined by a comma (RFC 9110, 5.3):
    of two tokens or media types neither is believed.
    """
    result = dict(headers)
    if len(result) == len(headers):
        return result
    values: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        values.setdefault(name, []).append(value)
    return {name: b", ".join(found) for name, found in values.items()}


def wanted_language(headers: Mapping[bytes, bytes]) -> str:
    """That of X-Language, else of Accept-Language, else the default."""
    wanted, accepted = (
        headers.get(name, b"").decode("latin-1") for name in (b"x-language", b"accept-language")
    )
    return _understood(wanted, accepted)


def wanted_languages(headers: Mapping[bytes, bytes]) -> tuple[str, ...]:
    """The tags of X-Language and of Accept-Language, the dearest first, as they were sent."""
    wanted, accepted = (
        headers.get(name, b"").decode("latin-1") for name in (b"x-language", b"accept-language")
    )
    return _preferred(wanted, accepted)


_understood = lru_cache(256)(understood)
_preferred = lru_cache(256)(preferred)


@lru_cache(64)
def accepts_json(accept: bytes) -> bool:
    """Whether an Accept header leaves room for JSON (RFC 9110, 12.5.1): the closest range decides.
    A header without any media range is passed over.
    """
    qualities: dict[bytes, bool] = {}
    for part in accept.lower().split(b","):
        media_range = part.partition(b";")[0].strip()
        if _RANGE.fullmatch(media_range):
            quality = _QUALITY.search(part)
            qualities[media_range] = not quality or float(quality[1]) > 0
    return not qualities or any(_accepted(media_type, qualities) for media_type in _JSON_TYPES)


def _accepted(media_type: bytes, qualities: dict[bytes, bool]) -> bool:
    for media_range in (media_type, b"application/*", b"*/*"):
        if media_range in qualities:
            return qualities[media_range]
    return False
