"""Money that a trading server will not take for an account: it goes another way."""

from cashier import transfers
from cashier.turns import Turn
from ledger import book
from ledger.book import Movement
from models.cash_order import CashOrder
from models.cash_states import CreditState, RefundState
from models.deposit_order import DepositOrder
from models.ledger_account import AccountKind
from models.trading_account import TradingAccount
from models.transfer_order import TransferOrder
from models.withdrawal_order import WithdrawalOrder
from trading.ledger_accounts import in_transit


def give_up_credit(turn: Turn, order: CashOrder, account: TradingAccount) -> None:
    """A transfer goes back to its source. What was paid in is for the broker to pay back, and the
    fee with it. Raises StateConflictError.
    """
    order.move("credit_state", CreditState.GIVEN_UP, turn.now)
    if isinstance(order, TransferOrder):
        transfers.give_back(turn, order, account)
    if isinstance(order, DepositOrder):
        key = f"D:{order.order_number}"
        book.reverse(turn.session, f"{key} paid back", f"{key} received", turn.now)


def give_up_refund(
    turn: Turn, order: WithdrawalOrder | TransferOrder, account: TradingAccount
) -> None:
    """What was to go back to an account is for the broker to pay out. Raises StateConflictError."""
    order.move("refund_state", RefundState.GIVEN_UP, turn.now)
    amount, transit = order.money(turn.session), in_transit(turn.session, account)
    payments = turn.of_broker(AccountKind.PAYMENTS, amount.unit)
    number = order.order_number
    turn.post(f"{number[0]}:{number} paid back", Movement(transit, payments, amount))
