"""The payment gateways of a broker, as they are reached."""

from dataclasses import dataclass

from gateways.payment_gateways import PaymentGateways
from gateways.payments import PaymentPort
from gateways.secret_box import SecretBox
from models.channel import Channel


@dataclass(frozen=True)
class PaymentPorts:
    """Knows the keys and webhook secrets of channels."""

    box: SecretBox
    gateways: PaymentGateways

    def of(self, channel: Channel) -> PaymentPort:
        """The way to an online channel's gateway."""
        if not channel.gateway_address:
            secret = self.stand_in_secret(channel.id)
            return self.gateways.port("", secret, secret, str(channel.id))
        key, webhook_secret = (
            self._opened(channel, sealed)
            for sealed in (channel.gateway_key, channel.webhook_secret)
        )
        return self.gateways.port(channel.gateway_address, key, webhook_secret, str(channel.id))

    def sealed(self, channel_id: int, secret: str) -> bytes:
        """A key or webhook secret as its channel keeps it."""
        return self.box.sealed(_purpose(channel_id), secret.encode())

    def stand_in_secret(self, channel_id: int) -> str:
        """What a channel's notices are signed with if its gateway is the stand-in in here."""
        return self.box.signature("stand-in payments", channel_id)

    def _opened(self, channel: Channel, sealed: bytes) -> str:
        return self.box.opened(_purpose(channel.id), sealed).decode() if sealed else ""


def _purpose(channel_id: int) -> str:
    return f"secrets of a payment channel {channel_id}"
