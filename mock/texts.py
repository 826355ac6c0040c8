"""The words of the mock: phrases by topic and fixed entries by schema, in several languages."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

Json = Any

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
