"""The demo client's trading accounts: asked for as he would, approved as an operator would."""

from sqlmodel import col, select

from backoffice import applications
from backoffice.clients import approve_client
from backoffice.desk import Desk
from models.account_application import AccountApplication
from models.account_type import AccountType
from models.boundaries import Boundary, BoundSession
from models.tenant import Portal
from models.trading_account import TradingAccount
from models.trading_server import Platform
from models.user import User
from trading.account_passwords import AccountPasswords
from trading.leverages import apply_for_leverage
from trading.openings import Wanted, apply_for_live_account, open_demo_account
from wlink.services import Services
from wlink.worker import Worker

_LEVERAGE, _WISH = 100, 200
# Where the demo takes credit cards.
_COUNTRY = "SG"


def open_accounts(services: Services, boundary: Boundary, email: str) -> None:
    """A demo account, a live one, and a wish for another leverage that waits for an operator. Does
    nothing where there are accounts already.
    """
    if services.database.read(
        boundary, lambda session: session.exec(select(TradingAccount)).first()
    ):
        return
    services.database.write(boundary, lambda session: _ask(services, session, email))
    services.database.write(boundary, lambda session: _approve(services, session))
    worker = Worker(services)
    while worker.step():
        pass
    services.database.write(boundary, lambda session: _wish(services, session))


def _desk(services: Services, session: BoundSession) -> Desk:
    return Desk(session, services.audit, services.clock(), "console demo")


def _ask(services: Services, session: BoundSession, email: str) -> None:
    approve_client(_desk(services, session), email, _COUNTRY)
    user = User.by_email(session, Portal.CLIENT, email)
    if user is None:
        raise ValueError("the demo has no such client")
    orders, now = services.orders, services.clock()
    for is_demo, ask in ((True, open_demo_account), (False, apply_for_live_account)):
        kind = AccountType.offered(session, Platform.MT4, is_demo=is_demo)[0]
        passwords = AccountPasswords(_password(services, kind.id))
        wanted = Wanted(kind.id, Platform.MT4, kind.currency, _LEVERAGE, passwords)
        ask(session, orders, user.id, wanted, now)


def _approve(services: Services, session: BoundSession) -> None:
    desk = _desk(services, session)
    for application in session.exec(select(AccountApplication)).all():
        applications.claim(desk, applications.ACCOUNT, application.id)
        applications.approve(desk, services.orders, applications.ACCOUNT, application.id)


def _wish(services: Services, session: BoundSession) -> None:
    live = TradingAccount.usable().where(col(TradingAccount.is_demo).is_(False))
    for account in session.exec(live).all():
        remark = "I have been trading for two years."
        apply_for_leverage(session, services.orders, account, _WISH, remark, services.clock())


def _password(services: Services, number: int) -> str:
    """Known to nobody: whoever wants to log in at the server sets another one."""
    return f"Demo-{services.box.signature('demo trading', number)[:9]}7"
