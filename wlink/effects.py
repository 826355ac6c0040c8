"""What the kinds of outbox entries stand for."""

from collections.abc import Callable, Mapping
from datetime import datetime

from backoffice import messages
from cashier import drafts, payment_events, payments
from cashier.draft_ends import DraftEnds
from cashier.turns import Turn
from gateways.mail import Mail, written
from handlers.password_resets import mail_reset_link
from models.boundaries import Boundary, BoundSession
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


def end_draft(services: Services, entry: OutboxEntry, content: Content) -> None:
    """See cashier/draft_ends.py."""
    ends = DraftEnds(services.database, services.payments, services.outbox, services.clock)
    ends.end(entry.tenant_id, content["order"])


def cancel_payment(services: Services, entry: OutboxEntry, content: Content) -> None:
    """See cashier/draft_ends.py."""
    ends = DraftEnds(services.database, services.payments, services.outbox, services.clock)
    ends.cancel(entry.tenant_id, content["order"])


def apply_payment(
    services: Services, session: BoundSession, content: Content, now: datetime
) -> None:
    """See cashier/payment_events.py."""
    payment_events.apply(Turn(session, services.orders, now), int(content["event"]))


def reset_password(
    services: Services, session: BoundSession, content: Content, now: datetime
) -> None:
    """See handlers/password_resets.py."""
    mail_reset_link(session, content, services.outbox, now)


def deliver_message(
    services: Services, session: BoundSession, content: Content, now: datetime
) -> None:
    """See backoffice/messages.py."""
    messages.deliver_batch(session, services.outbox, content, now)


# Effects outside: done first, marked as done afterwards, so that they come about at least once.
OUTSIDE: Mapping[str, Callable[[Services, OutboxEntry, Content], None]] = {
    "mail": send_mail,
    OUTBOX_KIND: deliver_operation,
    drafts.OVER: end_draft,
    drafts.UNWANTED: cancel_payment,
}
# Work on our own database that can wait: done in the transaction that marks it as done.
INSIDE: Mapping[str, Callable[[Services, BoundSession, Content, datetime], None]] = {
    "password_reset": reset_password,
    messages.KIND: deliver_message,
    payments.KIND: apply_payment,
}
# In seconds. People wait for their accounts and their money; when a trading server is back, all is
# soon done.
LONGEST_PAUSES: Mapping[str, float] = {OUTBOX_KIND: 60, payments.KIND: 60}
