"""The words of the mock: phrases by topic and fixed entries by schema, in several languages."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Json = Any

DEFAULT_LANGUAGE = "zh-CN"
_FALLBACK = {"zh-TW": "zh-CN"}


@cache
def data(name: str) -> dict[str, Json]:
    """One of the files in mock/data."""
    path = Path(__file__).resolve().parent / "data" / f"{name}.yaml"
    content: dict[str, Json] = yaml.load(path.read_bytes(), yaml.CSafeLoader)
    return content


def spoken(value: Json, language: str) -> Json:
    """The value in the language, if it is written in several."""
    if isinstance(value, dict) and "en" in value:
        fallback = _FALLBACK.get(language, "en")
        return value.get(language, value.get(fallback, value["en"]))
    if isinstance(value, list):
        return [spoken(part, language) for part in value]
    return value


def understood(wanted: str, accepted: str) -> str:
    """The language to answer in: X-Language, else the best of Accept-Language that we speak."""
    for tag in (wanted, *_by_preference(accepted)):
        words = tag.strip().lower().replace("_", "-").split("-")
        if words[0] == "zh":
            return "zh-TW" if set(words) & {"tw", "hk", "mo", "hant"} else "zh-CN"
        if words[0] == "en":
            return "en"
    return DEFAULT_LANGUAGE


def _by_preference(accepted: str) -> list[str]:
    """The tags of Accept-Language, those with the highest q first."""

    def quality(part: str) -> float:
        found = re.search(r";\s*q=([01](?:\.[0-9]{0,3})?)\s*$", part)
        return float(found[1]) if found else 1.0

    parts = sorted(accepted.split(","), key=quality, reverse=True)
    return [part.partition(";")[0] for part in parts]
