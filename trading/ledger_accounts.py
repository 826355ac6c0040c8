"""What the ledger keeps of a trading account."""

from ledger import book
from models.boundaries import BoundSession
from models.ledger_account import AccountKind, LedgerAccount
from models.money import Denomination
from models.trading_account import TradingAccount


def on_account(session: BoundSession, account: TradingAccount) -> LedgerAccount:
    """What we have put on it, less what we have taken off."""
    return _of(session, AccountKind.TRADING, account)


def in_transit(session: BoundSession, account: TradingAccount) -> LedgerAccount:
    """What has come in for it, or has left it, and is on its way."""
    return _of(session, AccountKind.CLEARING, account)


def _of(session: BoundSession, kind: AccountKind, account: TradingAccount) -> LedgerAccount:
    unit = Denomination.of(session, account.currency)
    return book.account(session, kind, unit, f"trading_account {account.id}")
