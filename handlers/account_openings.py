"""Trading accounts that the caller does not have yet."""

from datetime import datetime
from typing import Any

from handlers.pages import paged
from models.account_type import AccountType
from models.boundaries import BoundSession
from models.trading_server import Platform, TradingServer
from models.user import Caller
from trading.account_passwords import AccountPasswords
from trading.openings import (
    Wanted,
    apply_for_live_account,
    may_open_demo_account,
    open_demo_account,
)
from trading.orders import Orders

Json = Any


def apply(
    trading_account_type_id: int,
    trading_platform: str,
    currency: str,
    leverage: int,
    password: str,
    observe_password: str = "",
    *,
    session: BoundSession,
    caller: Caller,
    orders: Orders,
    now: datetime,
) -> Json:
    """Asks for a live account (wlink 30). Raises what apply_for_live_account does."""
    passwords = AccountPasswords(password, observe_password)
    platform = Platform(trading_platform)
    wanted = Wanted(trading_account_type_id, platform, currency, leverage, passwords)
    application = apply_for_live_account(session, orders, caller.user_id, wanted, now)
    return {"application_account_id": application.id}


def create(
    trading_account_type_id: int,
    trading_platform: str,
    currency: str,
    is_demo: bool,
    leverage: int,
    password: str,
    observe_password: str = "",
    *,
    session: BoundSession,
    caller: Caller,
    orders: Orders,
    now: datetime,
) -> Json:
    """Has a demo account opened, or asks for a live one (wlink 82). Raises what the two of them
    do; the id is the account's, who has no number yet.
    """
    passwords = AccountPasswords(password, observe_password)
    platform = Platform(trading_platform)
    wanted = Wanted(trading_account_type_id, platform, currency, leverage, passwords)
    if is_demo:
        return {"id": open_demo_account(session, orders, caller.user_id, wanted, now).id}
    application = apply_for_live_account(session, orders, caller.user_id, wanted, now)
    return {"id": application.trading_account_id}


def may_open_demo(*, session: BoundSession, caller: Caller) -> Json:
    """Whether the caller may have another demo account (wlink 84)."""
    return {"enabled": may_open_demo_account(session, caller.user_id)}


def types(
    page: int, size: int, trading_platform: str, is_demo: bool = False, *, session: BoundSession
) -> Json:
    """What can be opened on a platform (wlink 87)."""
    found = AccountType.offered(session, Platform(trading_platform), is_demo=is_demo)
    return paged(found, page, size, lambda kind: _type(session, kind))


def platforms(*, session: BoundSession) -> Json:
    """Those that the broker has a server for (wlink 90)."""
    found = TradingServer.platforms(session)
    return {"list": found, "total": len(found)}


def _type(session: BoundSession, kind: AccountType) -> Json:
    options = [{"id": each.id, "value": each.value} for each in kind.leverage_options(session)]
    return {"id": kind.id, "name": kind.name, "leverage_options": options}
