"""Mail on a server that has no mail server: it is kept, for `wlink inbox` to show."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidTag

from gateways.mail import Mail
from gateways.secret_box import SecretBox
from models.boundaries import Boundary
from models.database import Database
from models.inbox_mail import InboxMail
from models.upsert import inserted

_PURPOSE = "inbox"


@dataclass(frozen=True)
class Inbox:
    """Keeps mails in the database, each key once."""

    database: Database
    box: SecretBox
    clock: Callable[[], datetime]

    def send(self, mail: Mail) -> None:
        """Keeps the mail."""
        kept = {
            "sent_at": self.clock(),
            "recipient": mail.recipient,
            "subject": mail.subject,
            "text": self.box.sealed(_PURPOSE, mail.text.encode()),
        }
        boundary = Boundary(mail.tenant_id)
        self.database.write(
            boundary, lambda session: inserted(session, InboxMail, {"key": mail.key}, **kept)
        )

    def newest(self, at_most: int) -> list[tuple[InboxMail, str]]:
        """The last mails of every tenant, the newest first, each with its text."""
        mails = self.database.read(None, lambda session: InboxMail.newest(session, at_most))
        return [(mail, self._text(mail)) for mail in mails]

    def _text(self, mail: InboxMail) -> str:
        try:
            return self.box.opened(_PURPOSE, mail.text).decode()
        except InvalidTag:
            return "(It was sealed with another secret, and cannot be read.)\n"
