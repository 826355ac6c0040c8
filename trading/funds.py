"""What can be moved off a trading account."""

from models.boundaries import BoundSession
from models.money import Denomination, Money
from models.trading_account import TradingAccount
from models.trading_operation import TradingOperation


def movable(session: BoundSession, account: TradingAccount) -> Money:
    """As its server said last: neither credit nor what open trades need, nor what is about to leave
    (wlink 29).
    """
    free = min(account.balance, account.free_margin - account.credit)
    left = free - TradingOperation.leaving(session, account.id)
    return Money(max(0, left), Denomination.of(session, account.currency))
