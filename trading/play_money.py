"""Money for demo accounts."""

from datetime import datetime

from contract.problems import Problem
from models.boundaries import BoundSession
from models.money import Denomination, Money
from models.trading_account import TradingAccount
from models.trading_operation import Kind, TradingOperation
from models.trading_setting import TradingSetting
from trading.orders import Orders


def top_up(
    session: BoundSession, orders: Orders, account: TradingAccount, amount: str, now: datetime
) -> TradingOperation:
    """Gives a demo account, which is locked, money up to the broker's caps (wlink 49). Raises
    Problem NOT_A_DEMO_ACCOUNT, AMOUNT_INVALID or AMOUNT_OUT_OF_RANGE.
    """
    if not account.is_demo:
        raise Problem("NOT_A_DEMO_ACCOUNT")
    given = Money.read(amount, Denomination.of(session, account.currency))
    setting = TradingSetting.of_tenant(session)
    had = TradingOperation.sum_of(session, account.id, Kind.TOP_UP)
    at_once, in_all = (
        Money.whole(most, given.unit)
        for most in (setting.most_demo_deposit, setting.most_demo_deposits)
    )
    room = min(at_once, in_all - Money(had, given.unit))
    if given > room:
        raise Problem("AMOUNT_OUT_OF_RANGE", details=_range(room))
    return orders.give_play_money(session, account, Kind.TOP_UP, given, now)


def _range(room: Money) -> dict[str, str]:
    return {"min": Money(1, room.unit).text, "max": max(room, Money(0, room.unit)).text}
