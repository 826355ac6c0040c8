"""Mails that a use case wants to be sent."""

from datetime import datetime, timedelta

from sqlmodel import Session

from gateways.outbox import Outbox

DAY = timedelta(days=1)


def post_letter(
    outbox: Outbox,
    session: Session,
    letter: str,
    recipient: str,
    language: str,
    now: datetime,
    life: timedelta = DAY,
    **facts: str,
) -> None:
    """Writes a letter of gateways/letters.yaml into the transaction's outbox; after its life it is
    not sent any more.
    """
    content = {"letter": letter, "recipient": recipient, "language": language, **facts}
    outbox.add(session, "mail", content, now, life)
