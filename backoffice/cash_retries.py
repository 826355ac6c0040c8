"""Money that a trading server would not take for an account: it is set aside, and tried again."""

from enum import StrEnum
from typing import Any

from sqlmodel import select

from backoffice.cash_orders import Kind, at_hand, note
from backoffice.desk import Desk
from contract.errors import RefusedError
from models.audit_entry import Deed
from models.cash_states import CreditState, RefundState
from models.locking import fresh
from models.trading_operation import SET_ASIDE, OperationState, TradingOperation
from trading.orders import Orders

# What has failed, and how it is called while it is tried.
_AGAIN: dict[str, tuple[StrEnum, StrEnum]] = {
    "credit_state": (CreditState.CREDIT_FAILED, CreditState.CREDITING),
    "refund_state": (RefundState.REFUND_FAILED, RefundState.REFUNDING),
}


def retry(desk: Desk, orders: Orders, kind: Kind, order_number: str) -> None:
    """Has the server asked once more, under the same key. Raises RefusedError."""
    _, order = at_hand(desk, kind, order_number)
    name, becomes = _failed(order)
    operation = _refused(desk, order_number)
    operation.begin_again(desk.now)
    orders.send(desk.session, operation, desk.now)
    order.move(name, becomes, desk.now)
    note(desk, Deed.ORDER_RETRIED, kind, order)


def _failed(order: Any) -> tuple[str, StrEnum]:
    for name, (failed, becomes) in _AGAIN.items():
        if getattr(order, name, None) is failed:
            return name, becomes
    raise RefusedError("the trading server has not refused its money")


def _refused(desk: Desk, order_number: str) -> TradingOperation:
    table: Any = TradingOperation
    asked = select(TradingOperation).where(
        table.key.contains(f":{order_number}"),
        table.kind.in_(SET_ASIDE),
        table.state == OperationState.REJECTED,
    )
    return desk.session.exec(fresh(asked)).one()
