"""What a request says, read strictly: what is not as documented is refused."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from simulator.refusals import WRONG_PARAMETERS, Refusal

Json = Any
_LONGEST_TEXT = 200
_COMMENT_LENGTH = 31


@dataclass(frozen=True)
class Call:
    """A request to one trading server, within a transaction. `subject` is the login or ticket that
    its path names.
    """

    connection: sqlite3.Connection
    server: str
    subject: str
    query: dict[str, str]
    body: dict[str, Json]
    now: datetime

    def text(self, name: str, default: str | None = None) -> str:
        """A text of the body's; must be there unless there is a default."""
        value = self.body.get(name, default)
        if not isinstance(value, str) or len(value) > _LONGEST_TEXT:
            raise Refusal(WRONG_PARAMETERS)
        return value

    def word(self, name: str, *words: str) -> str:
        """One of these."""
        value = self.text(name)
        if value not in words:
            raise Refusal(WRONG_PARAMETERS)
        return value

    def whole(self, name: str, most: int) -> int:
        """A whole number from 1 on."""
        value = self.body.get(name)
        if type(value) is not int or not 1 <= value <= most:
            raise Refusal(WRONG_PARAMETERS)
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self.body.get(name)
        if not isinstance(value, bool):
            raise Refusal(WRONG_PARAMETERS)
        return value

    def comment(self, name: str) -> str:
        """As much as a trading server keeps of one."""
        return _comment(self.text(name))

    def asked_comment(self, name: str) -> str:
        """The same in the query."""
        return _comment(self.query.get(name, ""))

    def asked_cursor(self) -> int:
        """The ticket after which a page begins; 0 without one."""
        text = self.query.get("cursor") or "0"
        if not (text.isascii() and text.isdigit() and len(text) <= 18):
            raise Refusal(WRONG_PARAMETERS)
        return int(text)

    def at(self) -> str:
        """The moment of the request, as it is kept."""
        return self.now.isoformat(timespec="microseconds")


def _comment(text: str) -> str:
    if not (1 <= len(text) <= _COMMENT_LENGTH and text.isascii() and text.isprintable()):
        raise Refusal(WRONG_PARAMETERS)
    return text
