"""Notices of payments: kept at once, acted upon afterwards."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from gateways.outbox import Outbox
from gateways.payments import Notice
from gateways.secret_box import SecretBox
from models.channel import Channel
from models.money import Denomination, Money
from models.payment_event import EventState, Outcome, PaymentEvent
from models.upsert import made

KIND = "payment"
# Whoever has paid waits for his money, however long no worker has run.
_LIFE = timedelta(days=365)
_PURPOSE = "notice of a payment"


@dataclass(frozen=True)
class Received:
    """A genuine notice, and its bytes as they came."""

    notice: Notice
    content: bytes


def keep(
    session: Session, outbox: Outbox, channel: Channel, received: Received, now: datetime
) -> bool:
    """Keeps a notice and has the worker see to it; false if it was kept before."""
    notice = received.notice
    event = made(
        session,
        PaymentEvent,
        channel_id=channel.id,
        event_id=notice.event_id,
        order_number=notice.order_number,
        reference=notice.reference,
        outcome=Outcome(notice.state),
        state=EventState.RECEIVED,
        amount_minor=_minor(session, notice),
        currency=notice.currency,
        raw=outbox.box.sealed(_PURPOSE, received.content),
        told_at=notice.at,
        received_at=now,
        moved_at=now,
    )
    if event is not None:
        outbox.add(session, KIND, {"event": str(event.id)}, now, _LIFE)
    return event is not None


def _minor(session: Session, notice: Notice) -> int | None:
    """None for what cannot be an amount of ours; the event is kept all the same."""
    try:
        return Money.exactly(notice.amount, Denomination.of(session, notice.currency)).minor
    except ValueError:
        return None


def told(box: SecretBox, event: PaymentEvent) -> bytes:
    """What the gateway has sent, as it came: it may name who has paid."""
    return box.opened(_PURPOSE, event.raw)
