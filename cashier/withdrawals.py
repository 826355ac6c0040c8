"""Withdrawals: debited, decided by an operator, paid out or given back."""

from datetime import datetime

from cashier.turns import Turn
from ledger import book
from ledger.book import Movement
from models.audit_status import AuditStatus
from models.cash_states import PayoutState, RefundState
from models.ledger_account import AccountKind
from models.machines import StateConflictError
from models.money import Money
from models.trading_account import TradingAccount
from models.trading_operation import Kind
from models.withdrawal_order import WithdrawalOrder
from trading.ledger_accounts import in_transit


def approve(turn: Turn, order: WithdrawalOrder, account: TradingAccount) -> None:
    """It is to be paid out, but for the fee. Raises StateConflictError, also while the debit is on
    its way.
    """
    order.require_debited()
    order.move("status", AuditStatus.APPROVED, turn.now)
    amount, transit = order.money(turn.session), in_transit(turn.session, account)
    fee = Money(order.fee, amount.unit)
    payable = turn.of_broker(AccountKind.PAYABLE, amount.unit)
    approved = [Movement(transit, payable, amount - fee)]
    if order.fee:
        approved.append(Movement(transit, turn.of_broker(AccountKind.FEES, amount.unit), fee))
    turn.post(_approval(order), *approved)
    order.move("payout_state", PayoutState.PAYING, turn.now)


def reject(turn: Turn, order: WithdrawalOrder, account: TradingAccount, reason: str) -> None:
    """What was debited goes back to the account. Raises StateConflictError, also while it is being
    debited.
    """
    if not order.is_untouched:
        order.require_debited()
        _give_back(turn, order, account)
    order.move("status", AuditStatus.DISAPPROVED, turn.now)
    order.remark = reason


def pay(turn: Turn, order: WithdrawalOrder, reference: str) -> None:
    """It has gone out, under this reference. Raises StateConflictError."""
    order.move("payout_state", PayoutState.PAID, turn.now)
    order.payout_reference = reference
    amount = order.money(turn.session)
    payable = turn.of_broker(AccountKind.PAYABLE, amount.unit)
    payments = turn.of_broker(AccountKind.PAYMENTS, amount.unit)
    paid = Movement(payable, payments, amount - Money(order.fee, amount.unit))
    turn.post(_payment(order), paid)


def come_back(turn: Turn, order: WithdrawalOrder, reason: str) -> None:
    """The bank has sent back what was paid out: it has failed after all. Raises
    StateConflictError.
    """
    if order.payout_state is not PayoutState.PAID:
        raise StateConflictError(order.payout_state)
    _fail(order, reason, turn.now)
    payment, order.returned = _payment(order), order.returned + 1
    key = f"W:{order.order_number} returned {order.returned}"
    book.reverse(turn.session, key, payment, turn.now)


def fail(order: WithdrawalOrder, reason: str, now: datetime) -> None:
    """The payout did not arrive. Raises StateConflictError, also once it is paid: see come_back."""
    if order.payout_state is PayoutState.PAID:
        raise StateConflictError(order.payout_state)
    _fail(order, reason, now)


def pay_again(order: WithdrawalOrder, now: datetime) -> None:
    """It is to be paid out once more. Raises StateConflictError: nothing is paid unapproved."""
    if order.payout_state is not PayoutState.FAILED:
        raise StateConflictError(order.payout_state)
    order.move("payout_state", PayoutState.PAYING, now)
    order.remark = ""


def refund(turn: Turn, order: WithdrawalOrder, account: TradingAccount) -> None:
    """What could not be paid out goes back to the account, and the fee with it. Raises
    StateConflictError.
    """
    order.move("payout_state", PayoutState.REFUNDED, turn.now)
    key = f"W:{order.order_number} taken back"
    book.reverse(turn.session, key, _approval(order), turn.now)
    _give_back(turn, order, account)


def _give_back(turn: Turn, order: WithdrawalOrder, account: TradingAccount) -> None:
    source, amount = in_transit(turn.session, account), order.money(turn.session)
    key, kind = f"W:{order.order_number}:refund", Kind.WITHDRAWAL_REFUND
    turn.orders.move_money(turn.session, account, kind, key, amount, source, turn.now)
    order.move("refund_state", RefundState.REFUNDING, turn.now)


def _fail(order: WithdrawalOrder, reason: str, now: datetime) -> None:
    order.move("payout_state", PayoutState.FAILED, now)
    order.remark = reason


def _approval(order: WithdrawalOrder) -> str:
    return f"W:{order.order_number} approved"


def _payment(order: WithdrawalOrder) -> str:
    """The payout that is next, or was last: each has a key of its own."""
    again = f" again {order.returned}" if order.returned else ""
    return f"W:{order.order_number} paid{again}"
