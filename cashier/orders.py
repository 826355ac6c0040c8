"""Orders of clients, with the accounts that they are for."""

from typing import TypeVar

from sqlmodel import col, select

from models.boundaries import BoundSession
from models.cash_order import CashOrder
from models.trading_account import TradingAccount

Order = TypeVar("Order", bound=CashOrder)


def number_of(key: str) -> str:
    """The number of the order that an operation is for: its key is "W:W261121ABCDEFGHIJ:out"."""
    return key.split(":")[1]


def locked(
    session: BoundSession, table: type[Order], account_id: int, order_number: str
) -> tuple[TradingAccount, Order]:
    """An order and its account, which is locked first: so it is wherever both are."""
    account = TradingAccount.locked(session, account_id)
    return account, table.locked(session, order_number)


def of_number(session: BoundSession, table: type[Order], order_number: str) -> Order | None:
    """An order that may not be there."""
    return session.exec(select(table).where(col(table.order_number) == order_number)).first()
