"""The demo client's money: paid in and withdrawn as he would, decided as an operator would."""

import base64

from sqlmodel import col, select

from backoffice import cash_orders
from backoffice.cash_orders import DEPOSIT
from backoffice.desk import Desk
from cashier import drafts
from cashier.drafts import DepositWanted
from cashier.turns import Turn
from cashier.withdrawal_quotes import Shown, quoted
from cashier.withdrawal_requests import WithdrawalWanted, withdraw
from gateways.storage import own_folder
from gateways.upload_target import File
from models.boundaries import Boundary, BoundSession
from models.channel import Channel, ChannelMethod
from models.deposit_order import DepositOrder
from models.money import Denomination, Money
from models.payout_method import PayoutMethod
from models.tenant import Portal
from models.trading_account import TradingAccount
from models.user import User
from wlink.services import Services
from wlink.worker import Worker

# One white pixel.
_RECEIPT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FgAAAABJRU5ErkJggg=="
)
_PAID_IN, _DRAFTED, _WITHDRAWN = "5000.00", "800.00", "1200.00"


def move_money(services: Services, boundary: Boundary, email: str) -> None:
    """A deposit that is credited, a withdrawal that waits for an operator, and a draft. Does
    nothing where there are deposits already.
    """
    write = services.database.write
    if services.database.read(
        boundary, lambda session: session.exec(select(DepositOrder.id)).first()
    ):
        return
    order = write(boundary, lambda session: _draft(services, session, email, _PAID_IN))
    write(boundary, lambda session: _pay(services, session, order.order_number))
    _work(services)
    write(boundary, lambda session: _withdraw(services, session, email))
    write(boundary, lambda session: _draft(services, session, email, _DRAFTED))
    _work(services)


def _work(services: Services) -> None:
    worker = Worker(services)
    while worker.step():
        pass


def _place(session: BoundSession, email: str) -> tuple[User, TradingAccount]:
    user = User.by_email(session, Portal.CLIENT, email)
    live = TradingAccount.usable().where(col(TradingAccount.is_demo).is_(False))
    account = session.exec(live).first()
    if user is None or account is None:
        raise ValueError("the demo has no such client, or no account of his")
    return user, account


def _channel(session: BoundSession, method: ChannelMethod) -> Channel:
    return session.exec(select(Channel).where(Channel.method == method)).one()


def _draft(services: Services, session: BoundSession, email: str, amount: str) -> DepositOrder:
    user, account = _place(session, email)
    channel, now = _channel(session, ChannelMethod.OFFLINE), services.clock()
    wanted = DepositWanted(user.id, account.id, channel.id, amount, "", (user.language, "en"))
    draft = drafts.reckoned(session, wanted, now)
    return drafts.write(session, services.outbox, draft, None, now)


def _pay(services: Services, session: BoundSession, number: str) -> None:
    """With a receipt, which an operator believes."""
    order, now = DepositOrder.locked(session, number), services.clock()
    folder = own_folder(order.tenant_id, order.user_id)
    services.storage.issue_upload(folder, now)
    services.storage.put(f"{folder}receipt.png", File(_RECEIPT, "image/png"))
    drafts.submit(session, services.outbox, order, f"{folder}receipt.png", now)
    desk = Desk(session, services.audit, now, "console demo")
    cash_orders.claim(desk, DEPOSIT, number)
    cash_orders.approve(desk, services.orders, DEPOSIT, number)


def _withdraw(services: Services, session: BoundSession, email: str) -> None:
    user, account = _place(session, email)
    channel = _channel(session, ChannelMethod.BANK_TRANSFER)
    amount = Money.reported(_WITHDRAWN, Denomination.of(session, account.currency))
    currency = channel.currencies[0]
    quote = quoted(session, channel, amount, currency)
    info = {
        "account_holder_name": user.full_name,
        "bank_country": "CN",
        "bank_name": "Bank of China",
        "bank_no": "6217850800012345678",
        "branch_name": "Shanghai Pudong branch",
        "bsc_code": "104290003033",
    }
    wanted = WithdrawalWanted(
        user_id=user.id,
        trading_account_id=account.id,
        channel_id=channel.id,
        amount=_WITHDRAWN,
        method=PayoutMethod.BANK_TRANSFER,
        sent=dict.fromkeys(PayoutMethod) | {PayoutMethod.BANK_TRANSFER: info},
        shown=Shown(currency, quote.fee.text, f"{quote.rate:f}", quote.remittance.text),
        remark="",
    )
    withdraw(Turn(session, services.orders, services.clock()), wanted)
