"""Deposits once they are paid: approved or refused."""

from cashier.turns import Turn
from ledger.book import Movement
from models.cash_states import CreditState
from models.deposit_order import DepositOrder, DepositStatus
from models.ledger_account import AccountKind
from models.money import Money
from models.payment_event import EventState, PaymentEvent
from models.trading_account import TradingAccount
from models.trading_operation import Kind
from trading.ledger_accounts import in_transit


def approve(turn: Turn, order: DepositOrder, account: TradingAccount) -> None:
    """The money has come: the fee stays with the broker, the rest is to be credited. Raises
    StateConflictError.
    """
    order.move("status", DepositStatus.APPROVED, turn.now)
    amount, transit = order.money(turn.session), in_transit(turn.session, account)
    payments = turn.of_broker(AccountKind.PAYMENTS, amount.unit)
    received = [Movement(payments, transit, amount)]
    if order.fee:
        fees = turn.of_broker(AccountKind.FEES, amount.unit)
        received.append(Movement(payments, fees, Money(order.fee, amount.unit)))
    # What the trading server knows the credit by.
    key = f"D:{order.order_number}"
    turn.post(f"{key} received", *received)
    turn.orders.move_money(turn.session, account, Kind.DEPOSIT, key, amount, transit, turn.now)
    order.move("credit_state", CreditState.CREDITING, turn.now)


def reject(turn: Turn, order: DepositOrder, account: TradingAccount, reason: str) -> None:
    """Its account gets nothing. What was paid online waits for an operator again. Raises
    StateConflictError.
    """
    order.move("status", DepositStatus.DISAPPROVED, turn.now)
    order.remark = reason
    if order.is_online:
        paid = PaymentEvent.of_payment(turn.session, order.channel_id, order.gateway_reference)
        if paid:
            paid.move("state", EventState.UNMATCHED, turn.now)
