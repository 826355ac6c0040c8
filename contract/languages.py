"""Which language a caller reads."""

import re

DEFAULT = "zh-CN"
_TRADITIONAL = {"tw", "hk", "mo", "hant"}
_QUALITY = re.compile(r";\s*q=([01](?:\.[0-9]{0,3})?)\s*$")


def understood(wanted: str, accepted: str, default: str = DEFAULT) -> str:
    """zh-CN, zh-TW or en: X-Language, else the best of Accept-Language that we speak, else the
    default. Headers that make no sense are passed over.
    """
    for tag in (wanted, *_by_preference(accepted)):
        words = tag.strip().lower().replace("_", "-").split("-")
        if words[0] == "zh":
            return "zh-TW" if set(words) & _TRADITIONAL else "zh-CN"
        if words[0] == "en":
            return "en"
    return default


def _by_preference(accepted: str) -> list[str]:
    """The tags of Accept-Language, those with the highest q first, without those of q=0."""

    def quality(part: str) -> float:
        found = _QUALITY.search(part)
        return float(found[1]) if found else 1.0

    parts = sorted(accepted.split(","), key=quality, reverse=True)
    return [part.partition(";")[0] for part in parts if quality(part)]
