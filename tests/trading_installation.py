"""A trading server on an installation of its own, with accounts that hold play money."""

from datetime import timedelta
from typing import Any

import httpx2
from sqlalchemy import update
from sqlmodel import col, func, select

from backoffice import content
from backoffice.desk import Desk
from backoffice.settings import set_leverages
from backoffice.trading_offers import ACCOUNT_TYPE, TRADING_SERVER, set_token
from models.boundaries import BoundSession
from models.outbox_entry import OutboxEntry
from models.trading_operation import UNFINISHED, TradingOperation
from models.trading_server import Platform
from models.trading_setting import TradingSetting
from models.user import User
from tests.processes import Command, Installation
from tests.trading import OBSERVE, TRADE
from trading.account_passwords import AccountPasswords
from trading.openings import Wanted, open_demo_account

Json = Any
TOKEN = "the-token-of-the-simulator-of-the-tests"
# A call is given up after a second, the lease of a worker is longer than all that he may wait for.
HURRIED = {"trading_call_seconds": 1, "trading_doubt_seconds": 4, "lease_seconds": 5}


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


def answers(command: Command, port: int) -> bool:
    """Whether a simulator does."""
    assert command.process.poll() is None, command.told()
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/").status_code == httpx2.codes.UNAUTHORIZED
    except httpx2.HTTPError:
        return False


def hurry(inside: Installation) -> None:
    """Nobody waits long before he tries again, as he would in earnest: that would take hours. What
    waits for something else on its account goes on by itself.
    """
    soon = inside.services.clock() + timedelta(seconds=0.3)
    late = (col(OutboxEntry.due_at) > soon, col(OutboxEntry.key).in_(inside.read(_firsts)))
    if inside.read(lambda session: session.exec(select(func.count()).where(*late)).one()):
        sooner = update(OutboxEntry).where(*late).values(due_at=soon)
        unsynchronised = {"synchronize_session": False}
        inside.write(lambda session: session.execute(sooner, execution_options=unsynchronised))


def _firsts(session: BoundSession) -> list[str]:
    """What the worker is to do next for each account. Asked for alone: a database that nobody has
    analysed goes through all that was ever done for each entry of the outbox.
    """
    unfinished = select(func.min(col(TradingOperation.id))).where(
        col(TradingOperation.state).in_(UNFINISHED)
    )
    numbers = session.exec(unfinished.group_by(col(TradingOperation.trading_account_id))).all()
    keys = select(TradingOperation.outbox_key).where(col(TradingOperation.id).in_(numbers))
    return list(session.exec(keys).all())


def ask_for_accounts(inside: Installation, type_id: int, user: User, number: int) -> None:
    """A client wants so many; nobody has seen to it yet."""
    parts, passwords = inside.services, AccountPasswords(TRADE, OBSERVE)
    wanted = Wanted(type_id, Platform("MT4"), "USD", 100, passwords)

    def ask(session: BoundSession) -> None:
        for _ in range(number):
            open_demo_account(session, parts.orders, user.id, wanted, parts.clock())

    inside.write(ask)
