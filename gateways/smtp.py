"""Mail through a mail server."""

import smtplib
import ssl
from dataclasses import dataclass

from gateways.mail import Mail

_SECONDS = 10


@dataclass(frozen=True)
class SmtpMail:
    """A mail server, spoken to under TLS unless `encrypted` is switched off for one in the same
    house.
    """

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    encrypted: bool = True

    def send(self, mail: Mail) -> None:
        """Raises OSError or SMTPException if the server did not take it."""
        with smtplib.SMTP(self.host, self.port, timeout=_SECONDS) as server:
            if self.encrypted:
                server.starttls(context=ssl.create_default_context())
            if self.user:
                server.login(self.user, self.password)
            server.send_message(mail.message(self.sender))
