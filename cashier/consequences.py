"""What follows when a trading server has moved the money of an order, or has refused to."""

from cashier import transfers, withdrawals
from cashier.accounts import takes
from cashier.orders import number_of
from cashier.turns import Turn
from models.audit_status import AuditStatus
from models.cash_order import CashOrder
from models.cash_states import CreditState, DebitState, RefundState
from models.cashier_setting import CashierSetting
from models.deposit_order import DepositOrder
from models.outgoing_order import OutgoingOrder
from models.texts import text_in
from models.trading_account import TradingAccount
from models.trading_operation import REFUSED_BY_HAND, Kind
from models.transfer_order import TransferOrder
from models.user import User
from models.withdrawal_order import WithdrawalOrder
from trading.consequences import money_moved, money_not_moved
from trading.ledger_accounts import in_transit, on_account
from trading.outcomes import Case, Consequence

# What the client reads in the place of an operator's reason.
_REFUSED = {
    "en": "The trading server did not release the money.",
    "zh-CN": "交易服务器未能划出该笔资金。",
}


def _taken(case: Case) -> None:
    money_moved(case, in_transit(case.session, case.account))


def _given(case: Case) -> None:
    money_moved(case, on_account(case.session, case.account))


def _turn(case: Case) -> Turn:
    return Turn(case.session, case.orders, case.now)


def _write(case: Case, letter: str, order: CashOrder) -> None:
    amount = order.sum_told(case.session)
    case.write(letter, order=order.order_number, amount=amount, reason=order.remark)


def _deposit(case: Case) -> DepositOrder:
    return DepositOrder.locked(case.session, number_of(case.operation.key))


def _deposit_credited(case: Case) -> None:
    _given(case)
    order = _deposit(case)
    order.move("credit_state", CreditState.CREDITED, case.now)
    _write(case, "deposit_credited", order)


def _deposit_not_credited(case: Case) -> None:
    """The money stays set aside: an operator has it tried again. So it is wherever money is to come
    to an account.
    """
    _deposit(case).move("credit_state", CreditState.CREDIT_FAILED, case.now)


def _withdrawal(case: Case) -> WithdrawalOrder:
    return WithdrawalOrder.locked(case.session, number_of(case.operation.key))


def _withdrawal_debited(case: Case) -> None:
    _taken(case)
    order = _withdrawal(case)
    order.move("debit_state", DebitState.DEBITED, case.now)
    if order.debits_on_approval:
        withdrawals.approve(_turn(case), order, case.account)


def _withdrawal_not_debited(case: Case) -> None:
    _not_debited(case, _withdrawal(case), "withdrawal_refused")


def _withdrawal_refunded(case: Case) -> None:
    _given(case)
    order = _withdrawal(case)
    order.move("refund_state", RefundState.REFUNDED, case.now)
    _write(case, "withdrawal_refunded", order)


def _withdrawal_not_refunded(case: Case) -> None:
    _withdrawal(case).move("refund_state", RefundState.REFUND_FAILED, case.now)


def _transfer(case: Case) -> TransferOrder:
    return TransferOrder.locked(case.session, number_of(case.operation.key))


def _transfer_debited(case: Case) -> None:
    _taken(case)
    order = _transfer(case)
    order.move("debit_state", DebitState.DEBITED, case.now)
    if order.debits_on_approval or _needs_nobody(case, order):
        transfers.approve(_turn(case), order, case.account)


def _needs_nobody(case: Case, order: TransferOrder) -> bool:
    """What is small enough needs no operator, unless one has it in his hands already, or the target
    takes no money any more.
    """
    target = TradingAccount.present(case.session, order.target_id)
    is_free = order.status is AuditStatus.PENDING and takes(target)
    setting = CashierSetting.of_tenant(case.session)
    return is_free and setting.lets_through(order.money(case.session))


def _transfer_not_debited(case: Case) -> None:
    _not_debited(case, _transfer(case), "transfer_refused")


def _transfer_credited(case: Case) -> None:
    _given(case)
    order = _transfer(case)
    order.move("credit_state", CreditState.CREDITED, case.now)
    _write(case, "transfer_credited", order)


def _transfer_not_credited(case: Case) -> None:
    _transfer(case).move("credit_state", CreditState.CREDIT_FAILED, case.now)


def _transfer_refunded(case: Case) -> None:
    _given(case)
    order = _transfer(case)
    order.move("refund_state", RefundState.REFUNDED, case.now)
    _write(case, "transfer_refunded", order)


def _transfer_not_refunded(case: Case) -> None:
    _transfer(case).move("refund_state", RefundState.REFUND_FAILED, case.now)


def _not_debited(case: Case, order: OutgoingOrder, letter: str) -> None:
    """Nothing was taken, so there is nothing to give back. What an operator had approved he may
    approve again, if the server itself has refused: else it may have been done after all, and would
    be done twice.
    """
    money_not_moved(case)
    if order.debits_on_approval and case.operation.refusal != REFUSED_BY_HAND:
        order.leave_after_all(case.now)
    else:
        _end(case, order, letter)


def _end(case: Case, order: OutgoingOrder, letter: str) -> None:
    """Nobody needs to decide it any more."""
    order.move("debit_state", DebitState.REFUSED, case.now)
    order.move("status", AuditStatus.DISAPPROVED, case.now)
    user = User.present(case.session, order.user_id)
    order.remark = text_in(_REFUSED, [user.language, "en"])
    _write(case, letter, order)


OF_ORDERS: dict[Kind, Consequence] = {
    Kind.DEPOSIT: Consequence(_deposit_credited, _deposit_not_credited),
    Kind.WITHDRAWAL: Consequence(_withdrawal_debited, _withdrawal_not_debited),
    Kind.WITHDRAWAL_REFUND: Consequence(_withdrawal_refunded, _withdrawal_not_refunded),
    Kind.TRANSFER_OUT: Consequence(_transfer_debited, _transfer_not_debited),
    Kind.TRANSFER_IN: Consequence(_transfer_credited, _transfer_not_credited),
    Kind.TRANSFER_REFUND: Consequence(_transfer_refunded, _transfer_not_refunded),
}
