"""Money that clients have paid out."""

from datetime import datetime
from typing import Any

from cashier import open_orders
from cashier.payout_info import Info, by_method
from cashier.turns import Turn
from cashier.withdrawal_quotes import Shown
from cashier.withdrawal_requests import WithdrawalWanted, withdraw
from handlers import channels
from handlers.cash_rows import accounts_shown, channels_shown, history, order_shown
from handlers.email_codes import EmailCodes
from handlers.times import tenant_time, within
from models.boundaries import BoundSession
from models.database import Transaction
from models.payout_method import PayoutMethod
from models.tenant import Site
from models.texts import Languages
from models.user import Caller
from models.verification_code import Scene
from models.withdrawal_order import WithdrawalOrder
from trading.orders import Orders

Json = Any

list_withdrawal_channels = channels.for_withdrawals


def create_withdrawal(
    currency: str,
    exchange_rate: str,
    fee: str,
    method: str,
    remittance_amount: str,
    remittance_id: int,
    trading_account_id: int,
    withdrawal_amount: str,
    bank_transfer_info: Info | None = None,
    cryptocurrency_info: Info | None = None,
    international_wire_info: Info | None = None,
    email_code: str = "",
    remark: str = "",
    *,
    transaction: Transaction,
    caller: Caller,
    codes: EmailCodes,
    orders: Orders,
    now: datetime,
) -> Json:
    """An order by the quote that the client has seen (wlink 60). Raises what EmailCodes.try_ and
    withdraw do.
    """
    wanted = WithdrawalWanted(
        user_id=caller.user_id,
        trading_account_id=trading_account_id,
        channel_id=remittance_id,
        amount=withdrawal_amount,
        method=PayoutMethod(method),
        sent=by_method(bank_transfer_info, cryptocurrency_info, international_wire_info),
        shown=Shown(currency, fee, exchange_rate, remittance_amount),
        remark=remark,
    )
    tried = codes.try_(Scene.WITHDRAWAL, email_code)

    def write(session: BoundSession) -> Json:
        if tried:
            tried.use(session)
        return {"order_number": withdraw(Turn(session, orders, now), wanted).order_number}

    return transaction.write(write)


def list_withdrawals(
    page: int,
    size: int,
    start_time: str = "",
    end_time: str = "",
    *,
    session: BoundSession,
    caller: Caller,
    site: Site,
    languages: Languages,
) -> Json:
    """One page of the caller's (wlink 57). Raises Problem DATE_RANGE_INVALID."""
    period = within(start_time, end_time, site.zone)
    orders, total = history(session, WithdrawalOrder, caller.user_id, period, page, size)
    accounts = accounts_shown(session, [order.trading_account_id for order in orders])
    shown = channels_shown(session, [order.channel_id for order in orders], languages)
    found = [
        {
            **order_shown(session, order, order.id),
            **shown[order.channel_id],
            "client_remark": order.client_remark,
            "source_trading_account": accounts[order.trading_account_id],
            "status": order.status,
            "submit_time": tenant_time(order.created_at, site.zone),
        }
        for order in orders
    ]
    return {"list": found, "total": total}


def check_pending_withdrawal(*, session: BoundSession, caller: Caller) -> Json:
    """Whether a withdrawal or a transfer of the caller's is undecided (wlink 93)."""
    return {"has_pending": open_orders.has_open(session, caller.user_id)}
