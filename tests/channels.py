"""Channels as an operator publishes them, and what clients are told of them."""

from typing import Any

from backoffice import content
from backoffice.cashier_forms import ChannelForm
from backoffice.channels import CHANNEL
from backoffice.clients import set_country
from models.channel import Channel
from models.user import User
from tests.server import Broker

Json = Any

SUMS = {"min_amount": "50", "max_amount": "5000"}
DEPOSIT: Json = {
    "name": {"en": "A bank"},
    "direction": "deposit",
    "method": "offline",
    "currencies": ["USD"],
    **SUMS,
}
CARD: Json = {**DEPOSIT, "name": {"en": "A card"}, "method": "stripe"}
WITHDRAWAL: Json = {
    **DEPOSIT,
    "name": {"en": "A wire"},
    "direction": "withdrawal",
    "method": "international_wire_transfer",
}


def publish(broker: Broker, given: Json = DEPOSIT, /, **changed: Json) -> int:
    """The id of a new channel."""
    form = ChannelForm(**{**given, **changed})
    return broker.desk(lambda desk: content.publish(desk, CHANNEL, form))


def rewrite(broker: Broker, number: int, given: Json = DEPOSIT, /, **changed: Json) -> None:
    """Puts another form in its place."""
    form = ChannelForm(**{**given, **changed})
    broker.desk(lambda desk: content.change(desk, CHANNEL, number, form))


def row(broker: Broker, number: int) -> Channel:
    """A channel as it is kept."""
    return broker.server.services.database.read(
        broker.boundary, lambda session: session.get_one(Channel, number)
    )


def lives(broker: Broker, user: User, country: str) -> None:
    """A client lives there from now on."""
    broker.desk(lambda desk: set_country(desk, user.email, country))
