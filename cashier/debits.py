"""Taking the amount of withdrawals and transfers off the account."""

from cashier.turns import Turn
from models.cash_states import DebitState
from models.outgoing_order import OutgoingOrder
from models.trading_account import TradingAccount
from trading.ledger_accounts import on_account


def debit(turn: Turn, order: OutgoingOrder, account: TradingAccount) -> None:
    """Has the worker take it off; until that is done, the ledger holds it."""
    source, amount = on_account(turn.session, account), -order.money(turn.session)
    kind, key = order.DEBITED_BY, order.debit_key
    turn.orders.move_money(turn.session, account, kind, key, amount, source, turn.now)


def debit_what_waited(turn: Turn, order: OutgoingOrder, account: TradingAccount) -> None:
    """The same for an order that an operator approves: it is approved by that. Raises
    StateConflictError.
    """
    order.move("debit_state", DebitState.DEBITING, turn.now)
    debit(turn, order, account)
