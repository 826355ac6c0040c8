"""Trading servers and types of accounts, published as content is."""

import re

from sqlmodel import col, select

from backoffice.content import Kind
from backoffice.desk import Desk
from backoffice.trading_forms import AccountTypeForm, TradingServerForm
from contract.errors import RefusedError
from models.account_type import AccountType
from models.audit_entry import Deed
from models.locking import fresh
from models.trading_account import TradingAccount
from models.trading_server import TradingServer
from trading.ports import Ports

# What a header of HTTP takes.
_TOKEN = re.compile("[!-~]+")


def set_token(desk: Desk, ports: Ports, number: int, token: str) -> None:
    """The token of a server's bridge; it is sealed, and never shown. Raises RefusedError."""
    if not _TOKEN.fullmatch(token):
        raise RefusedError("a token has printable characters of ASCII, and no spaces")
    server = desk.session.exec(
        fresh(select(TradingServer).where(TradingServer.id == number))
    ).first()
    if server is None:
        raise RefusedError(f"there is no trading-server {number}")
    server.token, server.updated_at = ports.sealed(token), desk.now
    desk.note(Deed.SETTING_CHANGED, f"token of trading-server {number}")


def _require_server(desk: Desk, form: AccountTypeForm, number: int | None) -> None:
    """Accounts that are there stay where they are."""
    known = select(TradingServer.id).where(TradingServer.id == form.server_id)
    if desk.session.exec(known).first() is None:
        raise RefusedError(f"there is no trading-server {form.server_id}")
    if number is None or not _has_accounts(desk, TradingAccount.account_type_id == number):
        return
    now = desk.session.exec(select(AccountType.server_id).where(AccountType.id == number)).one()
    if now != form.server_id:
        raise RefusedError("there are accounts of this type on another server")


def _require_fitting(desk: Desk, form: TradingServerForm, number: int | None) -> None:
    """Names are there once; what accounts rest on does not change."""
    named = select(TradingServer.id).where(TradingServer.name == form.name)
    if desk.session.exec(named.where(col(TradingServer.id) != (number or 0))).first():
        raise RefusedError(f"there is a trading-server {form.name} already")
    if number is None or not _has_accounts(desk, TradingAccount.server_id == number):
        return
    now = TradingServer.present(desk.session, number)
    if (now.name, now.platform, now.is_demo) != (form.name, form.platform, form.is_demo):
        raise RefusedError("there are accounts on it: name, platform and kind stay as they are")


def _has_accounts(desk: Desk, condition: bool) -> bool:
    return (
        desk.session.exec(select(TradingAccount.id).where(condition).limit(1)).first() is not None
    )


TRADING_SERVER = Kind("trading-server", TradingServer, TradingServerForm, _require_fitting)
ACCOUNT_TYPE = Kind("account-type", AccountType, AccountTypeForm, _require_server)
