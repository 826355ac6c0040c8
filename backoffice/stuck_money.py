"""Money that a trading server would not take for an account: it is set aside, and tried again or
given up.
"""

from enum import StrEnum
from typing import Any

from sqlmodel import select

from backoffice.approval_rules import require_second_person
from backoffice.cash_orders import Kind, at_hand, note, write
from backoffice.desk import Desk
from backoffice.reasons import checked
from cashier.stuck_money import give_up_credit, give_up_refund
from cashier.turns import Turn
from contract.errors import RefusedError
from models.audit_entry import Deed
from models.cash_states import CreditState, RefundState
from models.locking import fresh
from models.trading_operation import (
    REFUSED_BY_HAND,
    SET_ASIDE,
    OperationState,
    TradingOperation,
)
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
    order.auditor_id = order.auditor_id or desk.actor_id
    note(desk, Deed.ORDER_RETRIED, kind, order)


def give_up(desk: Desk, orders: Orders, kind: Kind, order_number: str, reason: str) -> None:
    """The money goes another way: back to the source of a transfer, else you pay it to the client.
    He is told the reason. Raises RefusedError.
    """
    reason = checked(reason)
    account, order = at_hand(desk, kind, order_number)
    name, _ = _failed(order)
    require_second_person(desk, order)
    operation = _refused(desk, order_number)
    if operation.refusal == REFUSED_BY_HAND:
        raise RefusedError("only an operator says that it was not done: retry it first")
    orders.give_up(desk.session, operation, desk.now)
    turn = Turn(desk.session, orders, desk.now)
    way_out = give_up_credit if name == "credit_state" else give_up_refund
    way_out(turn, order, account)
    order.remark, order.auditor_id = reason, desk.actor_id
    write(desk, orders, _letter(order), order, account)
    note(desk, Deed.ORDER_GIVEN_UP, kind, order, reason=reason)


def _letter(order: Any) -> str:
    """A transfer whose credit is given up goes back to its source."""
    goes_back = getattr(order, "refund_state", None) is RefundState.REFUNDING
    return "money_goes_back" if goes_back else "money_paid_back"


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
