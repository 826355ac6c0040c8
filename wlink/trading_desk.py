"""What operators are told of applications and trading accounts; wlink/trading_commands.py says how
they ask.
"""

import re

from backoffice import applications, trading_accounts, trading_operations
from backoffice.applications import Application
from backoffice.desk import Desk
from contract.errors import RefusedError
from models.account_application import AccountApplication
from models.account_type import AccountType
from models.trading_account import FundingType, TradingAccount
from models.user import User
from wlink.services import Services

_KINDS = {kind.name: kind for kind in applications.KINDS}


def waiting(desk: Desk, name: str) -> list[str]:
    """A line for each application that nobody has decided."""
    return [_told(desk, *row) for row in applications.waiting(desk, _KINDS[name])]


def _told(desk: Desk, application: Application, user: User) -> str:
    age = int((desk.now - application.created_at).total_seconds() // 3600)
    account = TradingAccount.present(desk.session, application.trading_account_id)
    kind = AccountType.present(desk.session, account.account_type_id)
    leverage = f"1:{account.leverage}"
    if not isinstance(application, AccountApplication):
        leverage = f"1:{application.before} to 1:{application.wanted}"
    wanted = f"account {account.id} {account.login}".rstrip() + f"  {kind.name}  {leverage}"
    return f"{application.id:>8}  {application.status:<8}  {age:>4} h  {user.email}  {wanted}"


def _id(number: str) -> int:
    """Raises RefusedError."""
    if not re.fullmatch("[0-9]{1,18}", number, re.ASCII):
        raise RefusedError("an application's number has digits only")
    return int(number)


def claim(desk: Desk, name: str, number: str) -> None:
    """Raises RefusedError."""
    applications.claim(desk, _KINDS[name], _id(number))


def release(desk: Desk, name: str, number: str) -> None:
    """Raises RefusedError."""
    applications.release(desk, _KINDS[name], _id(number))


def approve(desk: Desk, parts: Services, name: str, number: str) -> None:
    """Raises RefusedError."""
    applications.approve(desk, parts.orders, _KINDS[name], _id(number))


def reject(desk: Desk, parts: Services, name: str, number: str, reason: str) -> None:
    """Raises RefusedError."""
    applications.reject(desk, parts.orders, _KINDS[name], _id(number), reason)


def give_up(desk: Desk, parts: Services, number: str, reason: str) -> None:
    """Raises RefusedError."""
    applications.give_up(desk, parts.orders, _id(number), reason)


def retry(desk: Desk, parts: Services, name: str, number: str) -> None:
    """Raises RefusedError."""
    applications.retry(desk, parts.orders, _KINDS[name], _id(number))


def accounts(desk: Desk) -> list[str]:
    """A line each."""
    return [
        f"{account.id:>8}  {account.status:<8}  {account.funding_type:<15}  {server.name}"
        f"  {account.login or 'no number yet'}  1:{account.leverage}  {user.email}"
        for account, server, user in trading_accounts.accounts(desk)
    ]


def funding(name: str) -> FundingType:
    """Raises RefusedError."""
    if name not in set(FundingType):
        raise RefusedError(f"one of {', '.join(FundingType)}")
    return FundingType(name)


def operations(desk: Desk) -> list[str]:
    """A line for each operation that is not finished."""
    return [
        f"{each.key}  {each.state:<8}  {each.kind}  account {each.trading_account_id}"
        f"  since {each.created_at:%F %T} UTC"
        for each in trading_operations.unfinished(desk)
    ]
