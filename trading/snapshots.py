"""What the trading server said last of an account."""

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal

from sqlmodel import col, select

from gateways.trading import Figures
from models.boundaries import BoundSession
from models.locking import fresh
from models.money import Denomination, Money
from models.trading_account import AccountStatus, TradingAccount

PAGE = 200
_AMOUNTS = ("balance", "credit", "equity", "free_margin")


def keep(
    session: BoundSession, account: TradingAccount, figures: Figures, asked_at: datetime
) -> None:
    """Writes down the figures of an account that is locked, unless it knows newer ones; if they
    are the same, there is nothing to write.
    """
    if account.snapshot_at and account.snapshot_at > asked_at:
        return
    unit = Denomination.of(session, account.currency)
    told = {name: _kept(getattr(figures, name), unit).minor for name in _AMOUNTS}
    told["leverage"] = figures.leverage
    if all(getattr(account, name) == value for name, value in told.items()):
        return
    for name, value in told.items():
        setattr(account, name, value)
    account.snapshot_at = asked_at


def take_off(account: TradingAccount, amount: Money, now: datetime) -> None:
    """What has left an account whose server did not tell what stands on it after that. Until it
    does, rather too little is known to be there than too much.
    """
    for name in ("balance", "equity", "free_margin"):
        setattr(account, name, getattr(account, name) - amount.minor)
    account.snapshot_at = now


def _kept(figure: Decimal, unit: Denomination) -> Money:
    """A server may reckon with more places than the currency has: they are rounded down, so that
    nobody is told more than there is.
    """
    return Money.reported(
        f"{figure.quantize(Decimal(1).scaleb(-unit.places), ROUND_FLOOR):f}", unit
    )


def keep_page(
    session: BoundSession, server_id: int, found: Sequence[Figures], asked_at: datetime
) -> None:
    """The same for accounts of a server."""
    by_login = {figures.login: figures for figures in found}
    for account in _locked(session, server_id, list(by_login)):
        keep(session, account, by_login[account.login], asked_at)


def page(session: BoundSession, server_id: int, after: int) -> Sequence[tuple[int, str]]:
    """Ids and logins of the next accounts of a server, in ascending order."""
    following = select(TradingAccount.id, TradingAccount.login).where(
        TradingAccount.server_id == server_id,
        TradingAccount.status == AccountStatus.OPEN,
        col(TradingAccount.id) > after,
    )
    return session.exec(following.order_by(col(TradingAccount.id)).limit(PAGE)).all()


def _locked(session: BoundSession, server_id: int, logins: list[str]) -> Sequence[TradingAccount]:
    own = select(TradingAccount).where(
        TradingAccount.server_id == server_id, col(TradingAccount.login).in_(logins)
    )
    return session.exec(fresh(own.order_by(col(TradingAccount.id)))).all()
