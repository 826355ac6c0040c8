"""Transfers: taken off the source, decided, then put on the target or given back."""

from cashier.turns import Turn
from models.audit_status import AuditStatus
from models.cash_states import CreditState, RefundState
from models.trading_account import TradingAccount
from models.trading_operation import Kind
from models.transfer_order import TransferOrder
from trading.ledger_accounts import in_transit


def approve(turn: Turn, order: TransferOrder, source: TradingAccount) -> None:
    """Has the worker put it on the target. Raises StateConflictError, also while the debit is on
    its way.
    """
    order.require_debited()
    order.move("status", AuditStatus.APPROVED, turn.now)
    # Not locked: whoever has locked it may wait for the source.
    target = TradingAccount.present(turn.session, order.target_id)
    held, amount = in_transit(turn.session, source), order.money(turn.session)
    key = f"T:{order.order_number}:in"
    turn.orders.move_money(turn.session, target, Kind.TRANSFER_IN, key, amount, held, turn.now)
    order.move("credit_state", CreditState.CREDITING, turn.now)


def reject(turn: Turn, order: TransferOrder, source: TradingAccount, reason: str) -> None:
    """What was debited goes back to the source. Raises StateConflictError, also while it is being
    debited.
    """
    if not order.is_untouched:
        order.require_debited()
        give_back(turn, order, source)
    order.move("status", AuditStatus.DISAPPROVED, turn.now)
    order.remark = reason


def give_back(turn: Turn, order: TransferOrder, source: TradingAccount) -> None:
    """Has the worker put it on the source again."""
    held, amount = in_transit(turn.session, source), order.money(turn.session)
    key, kind = f"T:{order.order_number}:refund", Kind.TRANSFER_REFUND
    turn.orders.move_money(turn.session, source, kind, key, amount, held, turn.now)
    order.move("refund_state", RefundState.REFUNDING, turn.now)
