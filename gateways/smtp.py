"""Mail through a mail server."""

import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from threading import Timer

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
        """Raises OSError if the server did not take it within ten seconds, once it has answered at
        all. What it says when it is bidden farewell does not matter: the mail is taken by then.
        """
        server = smtplib.SMTP(self.host, self.port, timeout=_SECONDS)
        # smtplib limits each wait, and there are many.
        patience = Timer(_SECONDS, _hang_up, (server,))
        patience.start()
        try:
            self._hand_over(server, mail)
            with suppress(OSError):
                server.quit()
        finally:
            patience.cancel()
            server.close()

    def _hand_over(self, server: smtplib.SMTP, mail: Mail) -> None:
        if self.encrypted:
            server.starttls(context=ssl.create_default_context())
        if self.user:
            server.login(self.user, self.password)
        server.send_message(mail.message(self.sender))


def _hang_up(server: smtplib.SMTP) -> None:
    """Whoever waits for the server's next word hears that there is none."""
    with suppress(OSError):
        if server.sock:
            socket.socket.shutdown(server.sock, socket.SHUT_RDWR)
