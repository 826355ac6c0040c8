"""Money that clients pay in."""

from datetime import datetime
from typing import Any

from cashier import drafts
from cashier.drafts import DepositWanted
from cashier.payment_ports import PaymentPorts
from gateways.outbox import Outbox
from gateways.storage import StoragePort, own_folder
from handlers import channels
from handlers.cash_rows import accounts_shown, channels_shown, history, order_shown
from handlers.times import tenant_time, within
from models.boundaries import BoundSession
from models.database import Transaction
from models.deposit_order import DepositOrder, DepositStatus
from models.tenant import Site
from models.texts import Languages
from models.trading_account import TradingAccount
from models.user import Caller
from trading.orders import Orders
from trading.play_money import top_up

Json = Any

list_deposit_channels = channels.for_deposits


def deposit_to_demo_account(
    trading_account_id: int,
    amount: str,
    *,
    session: BoundSession,
    caller: Caller,
    orders: Orders,
    now: datetime,
) -> Json:
    """Play money for a demo account; the worker brings it there (wlink 49). Raises Problem
    NOT_FOUND, and what top_up does.
    """
    account = TradingAccount.require_open(session, caller.user_id, trading_account_id)
    top_up(session, orders, account, amount, now)
    return {}


def create_deposit_draft(
    deposit_amount: str,
    remittance_id: int,
    trading_account_id: int,
    remark: str = "",
    *,
    transaction: Transaction,
    caller: Caller,
    site: Site,
    languages: Languages,
    outbox: Outbox,
    payments: PaymentPorts,
    now: datetime,
) -> Json:
    """An order, and for an online channel a payment at the gateway: that is made between reading
    and writing, and comes to nothing if the order does (wlink 52). Raises what reckoned,
    payment_of and write do.
    """
    wanted = DepositWanted(
        caller.user_id, trading_account_id, remittance_id, deposit_amount, remark, languages
    )
    draft = transaction.read(lambda session: drafts.reckoned(session, wanted, now))
    payment = drafts.payment_of(payments, draft, site.address)
    return transaction.write(
        lambda session: _started(drafts.write(session, outbox, draft, payment, now))
    )


def get_deposit_draft(
    order_number: str, *, session: BoundSession, caller: Caller, now: datetime
) -> Json:
    """How to pay it (wlink 53). Raises Problem NOT_FOUND or ORDER_STATE_CONFLICT."""
    order = DepositOrder.require(session, caller.user_id, order_number)
    order.require_drafted(now)
    return {
        "account_info": order.account_info,
        "deposit_amount": order.money(session).text,
        "order_number": order.order_number,
        "receipt_url": "",
    }


def count_deposit_drafts(
    page: int, size: int, *, session: BoundSession, caller: Caller, now: datetime
) -> Json:
    """How many the caller could still pay (wlink 54)."""
    return {"count": DepositOrder.count_drafts(session, caller.user_id, now)}


def submit_deposit(
    order_number: str,
    receipt_url: str,
    *,
    session: BoundSession,
    caller: Caller,
    storage: StoragePort,
    outbox: Outbox,
    now: datetime,
) -> Json:
    """Shows the receipt of an offline payment (wlink 55). Raises Problem NOT_FOUND,
    FILE_URL_FOREIGN or ORDER_STATE_CONFLICT.
    """
    order = DepositOrder.require_locked(session, caller.user_id, order_number)
    receipt = storage.key_of(receipt_url, own_folder(order.tenant_id, caller.user_id))
    drafts.submit(session, outbox, order, receipt, now)
    return _shortly(order)


def cancel_deposit(
    order_number: str, *, session: BoundSession, caller: Caller, outbox: Outbox, now: datetime
) -> Json:
    """Gives a draft up (wlink 50). Raises Problem NOT_FOUND or ORDER_STATE_CONFLICT."""
    order = DepositOrder.require_locked(session, caller.user_id, order_number)
    drafts.cancel(session, outbox, order, now)
    return _shortly(order)


def list_deposits(
    page: int,
    size: int,
    start_time: str = "",
    end_time: str = "",
    *,
    session: BoundSession,
    caller: Caller,
    site: Site,
    languages: Languages,
    now: datetime,
) -> Json:
    """One page of the caller's, whatever has become of them (wlink 56). Raises Problem
    DATE_RANGE_INVALID.
    """
    period = within(start_time, end_time, site.zone)
    orders, total = history(session, DepositOrder, caller.user_id, period, page, size)
    accounts = accounts_shown(session, [order.trading_account_id for order in orders])
    shown = channels_shown(session, [order.channel_id for order in orders], languages)
    found = [
        {
            **_row(session, order, accounts[order.trading_account_id], now),
            **shown[order.channel_id],
            "submit_time": tenant_time(order.submitted_at, site.zone),
        }
        for order in orders
    ]
    return {"list": found, "total": total}


def _started(order: DepositOrder) -> Json:
    return _shortly(order) | {
        "pay_data": order.pay_data,
        "pay_type": order.pay_type,
        "pay_url": order.pay_url,
    }


def _shortly(order: DepositOrder) -> Json:
    return {"order_number": order.order_number, "status": order.status}


def _row(session: BoundSession, order: DepositOrder, account: Json, now: datetime) -> Json:
    status = order.status_at(now)
    return {
        **order_shown(session, order, order.id),
        "client_remark": order.client_remark,
        "pay_url": order.pay_url if status is DepositStatus.DRAFTED else "",
        "server_name": account["server_name"],
        "server_type": account["server_type"],
        "status": status,
        "target_trading_account": account,
    }
