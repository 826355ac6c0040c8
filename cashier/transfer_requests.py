"""Clients who want to move money between their accounts."""

from dataclasses import dataclass

from cashier.accounts import locked, require_giving, require_taking
from cashier.debits import debit
from cashier.open_orders import require_none_open
from cashier.turns import Turn
from contract.problems import Problem, Violation
from models.cash_order import new_order_number
from models.cashier_setting import CashierSetting
from models.money import Denomination, Money
from models.transfer_order import TransferOrder
from trading.funds import movable


@dataclass(frozen=True)
class TransferWanted:
    """The amount as the client has written it, and his own accounts."""

    user_id: int
    source_id: int
    target_id: int
    amount: str
    remark: str


def transfer(turn: Turn, wanted: TransferWanted) -> TransferOrder:
    """An order for the operators; the worker takes the amount off the source (wlink 31), if that
    does not wait for them. Raises Problem SAME_ACCOUNT, NOT_FOUND, NOT_A_LIVE_ACCOUNT,
    ACCOUNT_FUNDING_NOT_ALLOWED, CURRENCY_MISMATCH, AMOUNT_INVALID, PENDING_ORDER_EXISTS or
    INSUFFICIENT_FUNDS.
    """
    if wanted.source_id == wanted.target_id:
        violation = Violation("/body/target_trading_account_id", "const")
        raise Problem("SAME_ACCOUNT", errors=[violation])
    session, now = turn.session, turn.now
    source, target = locked(session, wanted.user_id, wanted.source_id, wanted.target_id)
    require_giving(source)
    require_taking(target)
    if source.currency != target.currency:
        raise Problem("CURRENCY_MISMATCH")
    amount = Money.read(wanted.amount, Denomination.of(session, source.currency))
    require_none_open(session, source.id)
    if amount > movable(session, source):
        raise Problem("INSUFFICIENT_FUNDS")
    order = TransferOrder(
        user_id=wanted.user_id,
        order_number=new_order_number("T", now),
        source_id=source.id,
        target_id=target.id,
        amount=amount.minor,
        currency=source.currency,
        client_remark=wanted.remark,
        created_at=now,
        moved_at=now,
    )
    setting = CashierSetting.of_tenant(session)
    if setting.debits_on_approval and not setting.lets_through(amount):
        order.leave_until_approved()
    session.add(order)
    session.flush()
    if not order.is_untouched:
        debit(turn, order, source)
    return order
