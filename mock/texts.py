"""The words of the mock: phrases by topic and fixed entries by schema, in several languages."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

Json = Any

LANGUAGES = ("zh-CN", "zh-TW", "en")
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
    """The language to answer in: X-Language, else the first of Accept-Language that we speak."""
    for tag in [wanted, *(part.partition(";")[0] for part in accepted.split(","))]:
        for language in LANGUAGES:
            if tag.strip().lower() in (language.lower(), language.lower().partition("-")[0]):
                return language
        if tag.strip().lower().startswith("en-"):
            return "en"
    return DEFAULT_LANGUAGE
