"""Money that clients move between their own accounts."""

from datetime import datetime
from typing import Any

from cashier.transfer_requests import TransferWanted, transfer
from cashier.turns import Turn
from handlers.cash_rows import accounts_shown, history, order_shown
from handlers.email_codes import EmailCodes
from handlers.times import tenant_time, within
from models.boundaries import BoundSession
from models.database import Transaction
from models.tenant import Site
from models.transfer_order import TransferOrder
from models.user import Caller
from models.verification_code import Scene
from trading.orders import Orders

Json = Any


def create_transfer(
    amount: str,
    remark: str,
    source_trading_account_id: int,
    target_trading_account_id: int,
    email_code: str = "",
    *,
    transaction: Transaction,
    caller: Caller,
    codes: EmailCodes,
    orders: Orders,
    now: datetime,
) -> Json:
    """An order for the operators (wlink 31). Raises what EmailCodes.try_ and transfer do."""
    wanted = TransferWanted(
        caller.user_id, source_trading_account_id, target_trading_account_id, amount, remark
    )
    tried = codes.try_(Scene.TRANSFER, email_code)

    def write(session: BoundSession) -> Json:
        if tried:
            tried.use(session)
        order = transfer(Turn(session, orders, now), wanted)
        return {"audit_id": order.id, "audit_status": order.status}

    return transaction.write(write)


def list_transfers(
    page: int,
    size: int,
    start_time: str = "",
    end_time: str = "",
    *,
    session: BoundSession,
    caller: Caller,
    site: Site,
) -> Json:
    """One page of the caller's (wlink 32). Raises Problem DATE_RANGE_INVALID."""
    period = within(start_time, end_time, site.zone)
    orders, total = history(session, TransferOrder, caller.user_id, period, page, size)
    both = [number for order in orders for number in (order.source_id, order.target_id)]
    accounts = accounts_shown(session, both)
    found = [
        {
            **order_shown(session, order, order.id),
            "source_trading_account": accounts[order.source_id],
            "status": order.status,
            "submit_time": tenant_time(order.created_at, site.zone),
            "target_trading_account": accounts[order.target_id],
        }
        for order in orders
    ]
    return {"list": found, "total": total}
