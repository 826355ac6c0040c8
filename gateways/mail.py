"""Mail: the port, and the mails that we send."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import yaml

from contract.languages import understood

_LETTERS = Path(__file__).parent / "letters.yaml"


@dataclass(frozen=True)
class Mail:
    """A mail that is ready to go. `key` is the same at each try."""

    tenant_id: int
    key: str
    recipient: str
    subject: str
    text: str

    def message(self, sender: str) -> EmailMessage:
        """As it is sent. The key is in its Message-ID, by which mail systems know doubles."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, self.recipient, self.subject
        message["Message-ID"] = f"<{self.key}@{sender.rpartition('@')[2].rstrip('>')}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self.text)
        return message


class MailPort(Protocol):
    """Whoever brings mails to people."""

    def send(self, mail: Mail) -> None:
        """Sends or keeps the mail. Raises an exception if it could not."""


def written(letter: str, language: str, facts: Mapping[str, str]) -> tuple[str, str]:
    """Subject and text of a letter in a language that we write, with the facts filled in."""
    texts = _letters()[letter]
    wanted = understood(language, "")
    text = texts["zh-CN" if wanted.startswith("zh") else "en"]
    return text["subject"].format_map(facts), text["text"].format_map(facts)


@cache
def _letters() -> dict[str, dict[str, dict[str, Any]]]:
    letters: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load(_LETTERS.read_text("utf-8"))
    return letters
