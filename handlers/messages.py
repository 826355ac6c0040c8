"""The messages of who is logged in."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from handlers.times import tenant_time
from models.message_recipient import MessageBox, MessageRecipient, ShownMessage
from models.reading import Reading
from models.tenant import Site
from models.texts import Languages, text_in
from models.user import Caller

Json = Any

# Who stands behind every message, as the documents have it.
_SENDER = "Admin"


def list_client_messages(
    page: int, size: int, *, reading: Reading, caller: Caller, site: Site, languages: Languages
) -> Json:
    """One page of the caller's messages, the newest first (wlink 37)."""
    rows = MessageRecipient.page(reading, caller.user_id, page, size)
    total, _ = MessageBox.counts(reading, caller.user_id)
    return {"list": [_row(row, site.zone, languages) for row in rows], "total": total}


def _row(row: ShownMessage, zone: str, languages: Languages) -> Json:
    return {
        "id": row.number,
        "title": text_in(row.title, languages),
        "sender": _SENDER,
        "created_at": tenant_time(row.sent_at, zone),
        "is_read": row.read_at is not None,
    }


def get_client_message(
    id_: int, *, session: Session, caller: Caller, site: Site, languages: Languages
) -> Json:
    """A message with its text; it stays unread (wlink 35)."""
    message = MessageRecipient.message(session, caller.user_id, id_)
    return {
        "id": message.id,
        "title": text_in(message.title, languages),
        "content": text_in(message.content, languages),
        "sender": _SENDER,
        "created_at": tenant_time(message.sent_at, site.zone),
    }


def count_unread_client_messages(*, reading: Reading, caller: Caller) -> Json:
    """How many the caller has neither read nor hidden (wlink 39)."""
    _, unread = MessageBox.counts(reading, caller.user_id)
    return {"count": unread}


def mark_client_message_read(id_: int, *, session: Session, caller: Caller, now: datetime) -> Json:
    """The caller has read it (wlink 38)."""
    MessageRecipient.locked(session, caller.user_id, id_).read(session, now)
    return {}


def hide_client_message(id_: int, *, session: Session, caller: Caller, now: datetime) -> Json:
    """The caller does not want to see it any more (wlink 36)."""
    MessageRecipient.locked(session, caller.user_id, id_).hide(session, now)
    return {}


# The same for IBs, who are users of their own (wlink 99 to 103).
get_ib_message = get_client_message
hide_ib_message = hide_client_message
list_ib_messages = list_client_messages
mark_ib_message_read = mark_client_message_read
count_unread_ib_messages = count_unread_client_messages
