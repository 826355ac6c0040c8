"""The caller's accounts on trading servers."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select
from sqlmodel.sql.expression import Select

from cashier.open_orders import unpromised
from contract.problems import Problem
from gateways.audit_log import AuditLog
from gateways.trading import TradingError
from handlers import account_openings, leverages
from models.account_type import AccountType
from models.audit_entry import Deed
from models.boundaries import BoundSession
from models.database import Transaction
from models.money import Denomination, Money
from models.trading_account import AccountStatus, FundingType, TradingAccount
from models.trading_server import TradingServer
from models.user import Caller
from trading.account_passwords import AccountPasswords
from trading.figures import Placed, refreshed
from trading.orders import Orders
from trading.ports import Ports

Json = Any
_Row = tuple[TradingAccount, str, TradingServer]

create_account_application = account_openings.apply
create_trading_account = account_openings.create
get_demo_availability = account_openings.may_open_demo
list_account_types = account_openings.types
list_trading_platforms = account_openings.platforms
change_leverage = leverages.change
get_leverage_change_status = leverages.status
get_leverage_options = leverages.options


def get_trading_account(
    id_: int, *, transaction: Transaction, caller: Caller, ports: Ports, now: datetime
) -> Json:
    """One account with its money, fresh from its server, or as it was told last (wlink 83)."""
    account, type_name, server = transaction.read(lambda session: _one(session, caller, id_))
    if account.status is AccountStatus.OPEN:
        with suppress(TradingError):  # then it is the last snapshot, as documented
            (account,) = refreshed(transaction, ports, [Placed(account, server)], now)
    return transaction.read(lambda session: _shown(session, (account, type_name, server)))


def list_trading_accounts(
    page: int, size: int, is_demo: bool | None = None, *, session: BoundSession, caller: Caller
) -> Json:
    """One page of the open accounts, as they were told last (wlink 88)."""
    conditions = [col(TradingAccount.status) == AccountStatus.OPEN, _is_of(caller)]
    if is_demo is not None:
        conditions.append(col(TradingAccount.is_demo).is_(is_demo))
    total = session.exec(select(func.count()).select_from(TradingAccount).where(*conditions)).one()
    rows = session.exec(_placed().where(*conditions).offset((page - 1) * size).limit(size)).all()
    return {"list": [_shown(session, row) for row in rows], "total": total}


def list_trading_account_options(*, session: BoundSession, caller: Caller) -> Json:
    """The open accounts for a picker (wlink 89)."""
    is_open = TradingAccount.status == AccountStatus.OPEN
    rows = session.exec(_placed().where(is_open, _is_of(caller))).all()
    found = [
        {
            "account": account.login,
            "id": account.id,
            "server_name": server.name,
            "server_type": server.server_type,
        }
        for account, _, server in rows
    ]
    return {"list": found, "total": len(found)}


def list_account_balances(
    type_: list[str], *, transaction: Transaction, caller: Caller, ports: Ports, now: datetime
) -> Json:
    """What can be moved from the live accounts, as their servers say now (wlink 29). Raises Problem
    TRADING_SERVER_UNAVAILABLE: an old figure would be no answer.
    """
    types = [FundingType(word) for word in type_]
    placed = transaction.read(lambda session: _live(session, caller, types))
    try:
        accounts = refreshed(transaction, ports, placed, now)
    except TradingError as error:
        raise Problem("TRADING_SERVER_UNAVAILABLE") from error
    servers = {server.id: server for _, server in placed}
    free = transaction.read(lambda session: unpromised(session, caller.user_id, accounts))
    found = [
        _movable(each, servers[each.server_id], amount)
        for each, amount in zip(accounts, free, strict=True)
    ]
    return {"list": found, "total": len(found)}


def change_trading_password(
    id_: int,
    password: str,
    type_: str,
    *,
    session: BoundSession,
    caller: Caller,
    orders: Orders,
    audit: AuditLog,
    address: str,
    now: datetime,
) -> Json:
    """The worker sets it; nobody reads it back (wlink 92). Raises Problem NOT_FOUND or
    TRADING_PASSWORD_WEAK.
    """
    passwords = AccountPasswords(**{type_: password})
    passwords.require_strong()
    account = TradingAccount.require_open(session, caller.user_id, id_)
    orders.set_password(session, account, passwords, now)
    subject = f"{type_} password of trading account {account.id}"
    deed, actor = Deed.TRADING_PASSWORD_CHANGED, caller.user_id
    audit.record(session, deed, subject, actor_id=actor, address=address, at=now)
    return {}


def _is_of(caller: Caller) -> ColumnElement[bool]:
    return col(TradingAccount.user_id) == caller.user_id


def _placed() -> "Select[TradingAccount, str, TradingServer]":
    """Accounts in the order in which they were asked for, with types and servers."""
    return (
        select(TradingAccount, AccountType.name, TradingServer)
        .join(AccountType, col(AccountType.id) == TradingAccount.account_type_id)
        .join(TradingServer, col(TradingServer.id) == TradingAccount.server_id)
        .order_by(col(TradingAccount.id))
    )


def _one(session: BoundSession, caller: Caller, number: int) -> _Row:
    kept = TradingAccount.status != AccountStatus.ARCHIVED
    own = _placed().where(TradingAccount.id == number, kept, _is_of(caller))
    row = session.exec(own).first()
    if row is None:
        raise Problem("NOT_FOUND")
    return row


def _live(session: BoundSession, caller: Caller, types: list[FundingType]) -> list[Placed]:
    rows = session.exec(
        _placed().where(
            _is_of(caller),
            TradingAccount.status == AccountStatus.OPEN,
            col(TradingAccount.is_demo).is_(False),
            col(TradingAccount.funding_type).in_(types),
        )
    )
    return [Placed(account, server) for account, _, server in rows]


def _shown(session: BoundSession, row: _Row) -> Json:
    """The passwords are always empty: nobody needs to read them."""
    account, type_name, server = row
    unit = Denomination.of(session, account.currency)
    return {
        "account": account.login,
        "balance": Money(account.balance, unit).text,
        "credit": Money(account.credit, unit).text,
        "currency": account.currency,
        "equity": Money(account.equity, unit).text,
        "id": account.id,
        "is_demo": account.is_demo,
        "leverage": account.leverage,
        "observe_password": "",
        "password": "",
        "server_name": server.name,
        "trading_account_type_name": type_name,
        "trading_platform": server.platform,
    }


def _movable(account: TradingAccount, server: TradingServer, amount: Money) -> Json:
    return {
        "balance": amount.text,
        "server_name": server.name,
        "server_type": server.server_type,
        "trading_account": account.login,
        "trading_account_id": account.id,
    }
