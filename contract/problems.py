"""The catalogue of problems: what each code says, with which HTTP status, and how it is raised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from contract.documents import folder
from contract.errors import ContractError, shown
from contract.sources import read

Json = Any

ENGLISH = "en"
_TRANSLATIONS = {"zh-CN": "problems.zh-CN.yaml"}


@dataclass(frozen=True)
class Entry:
    """One code: its status, and how it looks in both documents (lwork only where it can occur).
    `translations` has the wording of `title`, `detail` and lwork's `message` in other languages.
    """

    code: str
    status: int
    problem: dict[str, Json]
    envelope: dict[str, Json] | None
    translations: Mapping[str, Mapping[str, str]]


class Violation(NamedTuple):
    """A field that breaks a rule: a JSON pointer that starts with /body, /query, /path or
    /header, and the keyword of the rule. Never the value.
    """

    pointer: str
    rule: str


class Problem(Exception):
    """A refusal that the caller is told about, by its code in the catalogue."""

    def __init__(
        self,
        code: str,
        *,
        errors: Sequence[Violation] = (),
        details: Mapping[str, Json] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.errors = errors
        self.details = details
        self.headers = headers or {}


_entries: dict[str, Entry] = {}


def catalogue() -> dict[str, Entry]:
    """Every code, read once."""
    return _entries or read_catalogue()


def read_catalogue() -> dict[str, Entry]:
    """Every code, read anew; where that fails, what was read before stays. The wording is that of
    the examples in common.yaml, which says it once.
    """
    entries = _read()
    _entries.clear()
    _entries.update(entries)
    return _entries


def _read() -> dict[str, Entry]:
    problems = read(folder() / "wlink" / "common.yaml")["examples"]
    envelopes = read(folder() / "lwork" / "common.yaml")["examples"]
    return {
        code: Entry(
            code=code,
            status=example["value"]["status"],
            problem=example["value"],
            envelope=envelopes.get(f"Lwork{code}", {}).get("value"),
            translations={
                language: _translation(file, code) for language, file in _TRANSLATIONS.items()
            },
        )
        for code, example in problems.items()
    }


def _translation(file: str, code: str) -> dict[str, str]:
    path = folder() / file
    texts: dict[str, str] | None = (read(path) or {}).get(code)
    if not texts or not {"title", "detail"} <= texts.keys():
        raise ContractError(shown(path), f"{code} has no title or no detail")
    return texts
