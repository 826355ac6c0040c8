"""Answering a request that is not as documented, where the caller or the operator wants that."""

from collections.abc import Sequence
from typing import Any

from contract.problems import Violation

Json = Any

_PAGE = {"page": 1, "size": 20}


def usable(sent: dict[str, Json], tolerated: Sequence[Violation]) -> dict[str, Json]:
    """What was sent without the fields that break a rule; a list begins with its first page."""
    if not tolerated:
        return sent
    wrong = {pointer.split("/")[2] for pointer, _ in tolerated if pointer.count("/") > 1}
    return _PAGE | {name: value for name, value in sent.items() if name not in wrong}
