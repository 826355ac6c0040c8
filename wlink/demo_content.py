"""What the demo broker shows, out of demo.yaml: put there as an operator would do it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlmodel import col, select

from backoffice import content, messages, networks, rates, settings
from backoffice.channels import CHANNEL
from backoffice.desk import Desk
from backoffice.trading_forms import AccountTypeForm, TradingServerForm
from backoffice.trading_offers import ACCOUNT_TYPE, TRADING_SERVER
from models.boundaries import Boundary
from models.message import Message
from models.message_recipient import MessageRecipient
from wlink.services import Services
from wlink.worker import Worker

Json = Any

_FILE = Path(__file__).parent / "demo.yaml"
_ADDRESS = "console demo"
_KINDS = {
    "channels": CHANNEL,
    "placements": content.PLACEMENT,
    "popups": content.POPUP,
    "tools": content.DOWNLOAD_TOOL,
    "tool_columns": content.TRADING_TOOL,
}
# Messages older than that have been read.
_READ_AFTER = timedelta(days=7)


def fill(services: Services, boundary: Boundary) -> None:
    """Does nothing for a broker who has sent messages already."""
    if services.database.read(boundary, lambda session: session.exec(select(Message.id)).first()):
        return
    given: dict[str, Json] = yaml.safe_load(_FILE.read_text("utf-8"))
    services.database.write(boundary, lambda session: _publish(_desk(services, session), given))
    services.database.write(boundary, lambda session: _send(services, session, given["messages"]))
    worker = Worker(services)
    while worker.step():
        pass
    services.database.write(boundary, lambda session: _read(_desk(services, session)))


def _desk(services: Services, session: Any, days_ago: int = 0) -> Desk:
    now = services.clock() - timedelta(days=days_ago)
    return Desk(session, services.audit, now, _ADDRESS)


def _publish(desk: Desk, given: dict[str, Json]) -> None:
    for group, values in given["settings"].items():
        settings.change(desk, group, values)
    settings.set_leverages(desk, given["leverages"])
    _set_currencies(desk, given)
    _open_trading(desk, given)
    for name, kind in _KINDS.items():
        for form in given[name]:
            content.publish(desk, kind, kind.form.model_validate(form))


def _set_currencies(desk: Desk, given: dict[str, Json]) -> None:
    for rate in given["rates"]:
        rates.set_rate(desk, rates.RateForm.model_validate(rate))
    for network in given["networks"]:
        networks.add_network(desk, networks.NetworkForm.model_validate(network))
    for name in given["disabled_networks"]:
        networks.disable_network(desk, name)


def _open_trading(desk: Desk, given: dict[str, Json]) -> None:
    numbers = {
        server["name"]: content.publish(desk, TRADING_SERVER, TradingServerForm(**server))
        for server in given["trading_servers"]
    }
    for offered in given["account_types"]:
        rest = {name: value for name, value in offered.items() if name != "server"}
        form = AccountTypeForm(server_id=numbers[offered["server"]], **rest)
        content.publish(desk, ACCOUNT_TYPE, form)


def _send(services: Services, session: Any, given: list[dict[str, Json]]) -> None:
    for message in given:
        desk = _desk(services, session, message["days_ago"])
        form = {name: value for name, value in message.items() if name != "days_ago"}
        messages.send(desk, services.outbox, messages.MessageForm.model_validate(form))


def _read(desk: Desk) -> None:
    """Whoever was there has read the older ones."""
    old = select(Message.id).where(col(Message.sent_at) < desk.now - _READ_AFTER)
    theirs = select(MessageRecipient).where(col(MessageRecipient.message_id).in_(old))
    for recipient in desk.session.exec(theirs).all():
        recipient.read(desk.session, desk.now)
