"""Mail through a mail server."""

import smtplib
import ssl
import time
from contextlib import suppress
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
        """Raises OSError if the server did not take it, all in all within ten seconds. What it says
        when it is bidden farewell does not matter: the mail is taken by then.
        """
        patience = _Patience()
        server = smtplib.SMTP(self.host, self.port, timeout=_SECONDS)
        try:
            self._hand_over(server, mail, patience)
        finally:
            with suppress(OSError):
                patience.limit(server)
                server.quit()
            server.close()

    def _hand_over(self, server: smtplib.SMTP, mail: Mail, patience: "_Patience") -> None:
        if self.encrypted:
            patience.limit(server)
            server.starttls(context=ssl.create_default_context())
        if self.user:
            patience.limit(server)
            server.login(self.user, self.password)
        patience.limit(server)
        server.send_message(mail.message(self.sender))


class _Patience:
    """What is left of ten seconds: smtplib itself only limits each step."""

    def __init__(self) -> None:
        self._end = time.monotonic() + _SECONDS

    def limit(self, server: smtplib.SMTP) -> None:
        """The next step has only as long. Raises TimeoutError if nothing is left."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if server.sock:
            server.sock.settimeout(left)
