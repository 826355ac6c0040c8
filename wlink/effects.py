"""What the kinds of outbox entries stand for."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlmodel import Session

from backoffice import messages
from gateways.mail import Mail, written
from handlers.password_resets import mail_reset_link
from models.boundaries import Boundary
from models.company_setting import CompanySetting
from models.outbox_entry import OutboxEntry
from models.texts import text_in
from trading.orders import OUTBOX_KIND
from wlink.services import Services

Content = Mapping[str, str]


def send_mail(services: Services, entry: OutboxEntry, content: Content) -> None:
    """Writes the letter and sends it. Raises whatever keeps it from going out."""
    boundary = Boundary(entry.tenant_id)
    names = services.database.read(boundary, CompanySetting.of_tenant).broker_name
    facts = {**content, "broker": text_in(names, [content["language"], "en"])}
    subject, text = written(content["letter"], content["language"], facts)
    services.mail.send(Mail(entry.tenant_id, entry.key, content["recipient"], subject, text))


def deliver_operation(services: Services, entry: OutboxEntry, content: Content) -> None:
    """See trading/delivery.py."""
    services.delivery.deliver(entry.tenant_id, content["key"])


def reset_password(services: Services, session: Session, content: Content, now: datetime) -> None:
    """See handlers/password_resets.py."""
    mail_reset_link(session, content, services.outbox, now)


def deliver_message(services: Services, session: Session, content: Content, now: datetime) -> None:
    """See backoffice/messages.py."""
    messages.deliver_batch(session, services.outbox, content, now)


# Effects outside: done first, marked as done afterwards, so that they come about at least once.
OUTSIDE: Mapping[str, Callable[[Services, OutboxEntry, Content], None]] = {
    "mail": send_mail,
    OUTBOX_KIND: deliver_operation,
}
# Work on our own database that can wait: done in the transaction that marks it as done.
INSIDE: Mapping[str, Callable[[Services, Session, Content, datetime], None]] = {
    "password_reset": reset_password,
    messages.KIND: deliver_message,
}
# In seconds. People wait for their accounts; when a trading server is back, all is soon done.
LONGEST_PAUSES: Mapping[str, float] = {OUTBOX_KIND: 60}
