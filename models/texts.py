"""Texts in several languages, and which of them a reader gets."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import JSON
from sqlmodel import Field

from contract.languages import is_traditional

Text = TypeVar("Text")

# Tags, the dearest first.
Languages = Sequence[str]
# By BCP 47 tags: {"en": "Funds", "zh-CN": "资金"}.
Texts = dict[str, str]


def texts() -> Any:
    """A column of texts by language."""
    return Field(sa_type=JSON)


def in_language(by_language: Mapping[str, Text], languages: Languages) -> Text | None:
    """In the first of the languages that there is a text in; in that of another region, or Chinese
    of the other script, rather than in the next language. Else in any; None where there is none. An
    empty text is none.
    """
    if languages and (exact := by_language.get(languages[0])):
        return exact
    written = {tag.lower(): text for tag, text in by_language.items() if text}
    for language in languages:
        tag = language.lower()
        family = [each for each in written if _is_close(each, tag)]
        if family:
            return written[min(family, key=lambda each: _distance(each, tag))]
    return next(iter(written.values()), None)


def text_in(by_language: Texts, languages: Languages) -> str:
    """The same for texts, where none is an empty one."""
    return in_language(by_language, languages) or ""


def _is_close(tag: str, other: str) -> bool:
    return tag.partition("-")[0] == other.partition("-")[0]


def _distance(tag: str, other: str) -> tuple[bool, bool]:
    """Of two tags of one language: those of the same script are nearer."""
    return tag != other, is_traditional(tag) != is_traditional(other)
