"""The leverage of the caller's trading accounts."""

from datetime import datetime
from typing import Any

from models.account_type import AccountType
from models.boundaries import BoundSession
from models.leverage_application import LeverageApplication
from models.trading_account import TradingAccount
from models.user import Caller
from trading.leverages import apply_for_leverage
from trading.orders import Orders

Json = Any


def options(id_: int, *, session: BoundSession, caller: Caller) -> Json:
    """Those that an account may have (wlink 85)."""
    account = TradingAccount.require(session, caller.user_id, id_)
    kind = AccountType.present(session, account.account_type_id)
    return {"leverage_options": [each.value for each in kind.leverage_options(session)]}


def change(
    id_: int,
    leverage: int,
    remark: str,
    *,
    session: BoundSession,
    caller: Caller,
    orders: Orders,
    now: datetime,
) -> Json:
    """Asks for another one (wlink 91). Raises Problem NOT_FOUND, and what apply_for_leverage
    does.
    """
    account = TradingAccount.require_open(session, caller.user_id, id_)
    apply_for_leverage(session, orders, account, leverage, remark, now)
    return {}


def status(id_: int, *, session: BoundSession, caller: Caller) -> Json:
    """What has become of the last wish; nothing where there was none (wlink 86)."""
    account = TradingAccount.require(session, caller.user_id, id_)
    last = LeverageApplication.newest(session, account.id)
    return {"audit_id": last.id, "audit_status": last.status} if last else {}
