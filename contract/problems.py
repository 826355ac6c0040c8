"""The catalogue of problems: what each code says and with which HTTP status."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from contract.documents import folder
from contract.sources import read

Json = Any


@dataclass(frozen=True)
class Entry:
    """One code: its status, and how it looks in both documents (lwork only where it can occur)."""

    code: str
    status: int
    problem: dict[str, Json]
    envelope: dict[str, Json] | None


@cache
def catalogue() -> dict[str, Entry]:
    """Every code. The wording is that of the examples in common.yaml, which says it once."""
    problems = read(folder() / "wlink" / "common.yaml")["examples"]
    envelopes = read(folder() / "lwork" / "common.yaml")["examples"]
    return {
        code: Entry(
            code=code,
            status=example["value"]["status"],
            problem=example["value"],
            envelope=envelopes.get(f"Lwork{code}", {}).get("value"),
        )
        for code, example in problems.items()
    }
