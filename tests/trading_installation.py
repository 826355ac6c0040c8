"""A trading server on an installation of its own, with accounts that hold play money."""

from typing import Any

from backoffice import content
from backoffice.desk import Desk
from backoffice.settings import set_leverages
from backoffice.trading_offers import ACCOUNT_TYPE, TRADING_SERVER, set_token
from models.boundaries import BoundSession
from models.trading_server import Platform
from models.trading_setting import TradingSetting
from models.user import User
from tests.processes import Installation
from tests.trading import OBSERVE, TRADE
from trading.account_passwords import AccountPasswords
from trading.openings import Wanted, open_demo_account

Json = Any
TOKEN = "the-token-of-the-simulator-of-the-tests"


def published(inside: Installation, address: str = "") -> int:
    """Publishes a server with one type of account, of which there may be many. The type's id."""
    parts = inside.services

    def publish(session: BoundSession) -> int:
        desk = Desk(session, parts.audit, parts.clock(), "console test")
        set_leverages(desk, [100, 200])
        server: Json = {"name": "Demo01", "platform": "MT4", "is_demo": True, "address": address}
        form = TRADING_SERVER.form(**server)
        number = content.publish(desk, TRADING_SERVER, form)
        set_token(desk, parts.ports, number, TOKEN)
        setting = TradingSetting.of_tenant(session)
        setting.most_demo_accounts, setting.most_demo_deposits = 1000, 10_000_000
        kind: Json = {
            "name": "Practice",
            "server_id": number,
            "group_name": "standard",
            "leverages": [100, 200],
        }
        many: Json = {"starting_balance": 1000, "most_per_user": 1000}
        form = ACCOUNT_TYPE.form(**kind, **many)
        return content.publish(desk, ACCOUNT_TYPE, form)

    return inside.write(publish)


def ask_for_accounts(inside: Installation, type_id: int, user: User, number: int) -> None:
    """A client wants so many; nobody has seen to it yet."""
    parts, passwords = inside.services, AccountPasswords(TRADE, OBSERVE)
    wanted = Wanted(type_id, Platform("MT4"), "USD", 100, passwords)

    def ask(session: BoundSession) -> None:
        for _ in range(number):
            open_demo_account(session, parts.orders, user.id, wanted, parts.clock())

    inside.write(ask)
