"""Money that clients pay in."""

from datetime import datetime
from typing import Any

from models.boundaries import BoundSession
from models.trading_account import TradingAccount
from models.user import Caller
from trading.orders import Orders
from trading.play_money import top_up

Json = Any


def deposit_to_demo_account(
    trading_account_id: int,
    amount: str,
    *,
    session: BoundSession,
    caller: Caller,
    orders: Orders,
    now: datetime,
) -> Json:
    """Play money for a demo account; the worker brings it there (wlink 49). Raises Problem
    NOT_FOUND, and what top_up does.
    """
    account = TradingAccount.require_open(session, caller.user_id, trading_account_id)
    top_up(session, orders, account, amount, now)
    return {}
