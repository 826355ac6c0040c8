"""Which language a caller reads."""

import re

DEFAULT = "zh-CN"
_TRADITIONAL = {"tw", "hk", "mo", "hant"}
_QUALITY = re.compile(r";\s*q=([01](?:\.[0-9]{0,3})?)\s*$")


def understood(wanted: str, accepted: str, default: str = DEFAULT) -> str:
    """zh-CN, zh-TW or en: X-Language, else the best of Accept-Language that we speak, else the
    default. Headers that make no sense are passed over.
    """
    for tag in preferred(wanted, accepted):
        language = tag.lower().partition("-")[0]
        if language == "zh":
            return "zh-TW" if is_traditional(tag) else "zh-CN"
        if language == "en":
            return "en"
    return default


def is_traditional(tag: str) -> bool:
    """Of a tag of Chinese, whether it is that of the traditional script."""
    words = set(tag.lower().split("-"))
    return bool(words & _TRADITIONAL) and "hans" not in words


def preferred(wanted: str, accepted: str) -> tuple[str, ...]:
    """The tags of both headers, the dearest first: zh-CN, vi."""
    tags = (wanted, *_by_preference(accepted))
    return tuple(tag.strip().replace("_", "-") for tag in tags if tag.strip())


def _by_preference(accepted: str) -> list[str]:
    """The tags of Accept-Language, those with the highest q first, without those of q=0."""

    def quality(part: str) -> float:
        found = _QUALITY.search(part)
        return float(found[1]) if found else 1.0

    parts = sorted(accepted.split(","), key=quality, reverse=True)
    return [part.partition(";")[0] for part in parts if quality(part)]
