"""Trading accounts as operators deal with them."""

from sqlmodel import col, select

from backoffice.desk import Desk
from contract.errors import RefusedError
from models.audit_entry import Deed
from models.locking import fresh
from models.trading_account import AccountStatus, FundingType, TradingAccount
from models.trading_operation import Kind, TradingOperation
from models.trading_server import TradingServer
from models.user import User
from trading.orders import Orders

_STATES = {Kind.ENABLE: AccountStatus.DISABLED, Kind.DISABLE: AccountStatus.OPEN}


def accounts(desk: Desk) -> list[tuple[TradingAccount, TradingServer, User]]:
    """All of them, with their servers and owners."""
    found = (
        select(TradingAccount, TradingServer, User)
        .join(TradingServer, col(TradingServer.id) == TradingAccount.server_id)
        .join(User, col(User.id) == TradingAccount.user_id)
    )
    return list(desk.session.exec(found.order_by(col(TradingAccount.id))))


def enable(desk: Desk, orders: Orders, number: int) -> None:
    """Lets an account that is disabled trade again. Raises RefusedError."""
    _switch(desk, orders, number, Kind.ENABLE)


def disable(desk: Desk, orders: Orders, number: int) -> None:
    """Has the server let an account trade no more. Raises RefusedError."""
    _switch(desk, orders, number, Kind.DISABLE)


def set_funding(desk: Desk, number: int, funding: FundingType) -> None:
    """Says whether money may be put on an account and taken off. Raises RefusedError."""
    account = _locked(desk, number)
    before, account.funding_type = account.funding_type, funding
    told = ({"funding_type": each.value} for each in (before, funding))
    desk.note(Deed.ACCOUNT_CHANGED, f"trading account {number}", *told)


def _switch(desk: Desk, orders: Orders, number: int, kind: Kind) -> None:
    account = _locked(desk, number)
    if account.status is not _STATES[kind]:
        raise RefusedError(f"the account is {account.status}")
    if TradingOperation.is_any_unfinished(desk.session, account.id, _STATES):
        raise RefusedError("the trading server has not done yet what was wanted before")
    orders.set_enabled(desk.session, account, kind, desk.now)
    desk.note(Deed.ACCOUNT_CHANGED, f"trading account {number}", after={"wanted": kind.value})


def _locked(desk: Desk, number: int) -> TradingAccount:
    own = fresh(select(TradingAccount).where(TradingAccount.id == number))
    account = desk.session.exec(own).first()
    if account is None:
        raise RefusedError(f"there is no trading account {number}")
    return account
