"""A broker's channel at a payment gateway, and what comes of the notices that are sent to it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from httpx2 import Response
from sqlmodel import col, select

from cashier import payments
from models.boundaries import BoundSession
from models.channel import Channel, ChannelMethod, Direction
from models.outbox_entry import OutboxEntry
from models.payment_event import PaymentEvent
from simulator.payment_signatures import signed
from tests.payment_gateways import event
from tests.server import Broker

Json = Any

SECRET = "whsec_canary_of_a_channel"


@dataclass
class Intake:
    """A broker's channel at a gateway, and those who send notices to it."""

    broker: Broker
    method: ChannelMethod = ChannelMethod.STRIPE
    address: str = "https://api.stripe.com"
    secret: str = SECRET

    def __post_init__(self) -> None:
        def make(session: BoundSession) -> Channel:
            now = self.broker.server.clock()
            channel = Channel(
                name={"en": "Card"},
                account_info={},
                direction=Direction.DEPOSIT,
                method=self.method,
                currencies=["USD"],
                gateway_address=self.address,
                created_at=now,
                updated_at=now,
            )
            session.add(channel)
            session.flush()
            ports = self.broker.server.services.payments
            channel.gateway_key = ports.sealed(channel.id, "sk_live_canary")
            if self.secret:
                channel.webhook_secret = ports.sealed(channel.id, self.secret)
            return channel

        self.channel = self.write(make)

    def write(self, work: Any) -> Any:
        return self.broker.server.services.database.write(self.broker.boundary, work)

    def body(self, **changed: Json) -> bytes:
        told = {"order_number": "D100001", "channel": str(self.channel.id)}
        return event(**{"metadata": told, **changed})

    def send(self, body: bytes, *, secret: str = SECRET, seconds: int = 0) -> Response:
        at = self.broker.server.clock() + timedelta(seconds=seconds)
        return self.post(body, {"Stripe-Signature": signed(body, secret, at)})

    def post(self, body: Any, headers: dict[str, str], number: int | None = None) -> Response:
        path = f"/webhooks/payments/{self.channel.id if number is None else number}"
        sent = {"Host": "nobody.example", "Content-Type": "application/json", **headers}
        return self.broker.server.http.post(path, content=body, headers=sent)

    def events(self) -> list[PaymentEvent]:
        """What was kept of the channel's, whosever it is."""
        found = select(PaymentEvent).where(PaymentEvent.channel_id == self.channel.id)
        return self.broker.server.services.database.read(
            None, lambda session: list(session.exec(found.order_by(col(PaymentEvent.id))))
        )

    def waiting(self) -> list[OutboxEntry]:
        """What the worker is to see to."""
        found = select(OutboxEntry).where(OutboxEntry.kind == payments.KIND)
        return self.broker.server.services.database.read(
            self.broker.boundary, lambda session: list(session.exec(found))
        )
