"""What follows from what a gateway has said."""

from cashier import deposits
from cashier.accounts import takes
from cashier.orders import locked, of_number
from cashier.turns import Turn
from models.cashier_setting import CashierSetting
from models.deposit_order import DepositOrder, DepositStatus
from models.money import Denomination, Money
from models.payment_event import EventState, Outcome, PaymentEvent
from models.trading_account import TradingAccount


def apply(turn: Turn, event_id: int) -> None:
    """Once: whoever comes second finds it marked. Money is never credited but for the order that it
    was asked for, and kept for the operator in any doubt.
    """
    event = PaymentEvent.locked(turn.session, event_id)
    if event.state is EventState.RECEIVED:
        follow = _paid if event.outcome is Outcome.PAID else _expired
        event.move("state", follow(turn, event), turn.now)


def _order(turn: Turn, event: PaymentEvent) -> tuple[TradingAccount, DepositOrder] | None:
    """The one that the payment was asked for, and its account, both locked."""
    order = of_number(turn.session, DepositOrder, event.order_number)
    payment = (event.channel_id, event.reference)
    if order is None or (order.channel_id, order.gateway_reference) != payment:
        return None
    return locked(turn.session, DepositOrder, order.trading_account_id, order.order_number)


def _expired(turn: Turn, event: PaymentEvent) -> EventState:
    """By the gateway's clock, which decides whether anybody can still pay."""
    found = _order(turn, event)
    if found is None or found[1].status is not DepositStatus.DRAFTED:
        return EventState.IGNORED
    found[1].move("status", DepositStatus.EXPIRED, turn.now)
    return EventState.APPLIED


def _paid(turn: Turn, event: PaymentEvent) -> EventState:
    found = _order(turn, event)
    if found is None:
        return EventState.UNMATCHED
    account, order = found
    is_over = order.status in (DepositStatus.CANCELLED, DepositStatus.EXPIRED)
    if not is_over and order.status is not DepositStatus.DRAFTED:
        return EventState.UNMATCHED
    order.submitted_at = turn.now
    order.is_late = is_over or event.told_at >= order.expires_at
    if takes(account) and _is_credited_at_once(turn, event, order):
        deposits.approve(turn, order, account)
    else:
        order.move("status", DepositStatus.PENDING, turn.now)
    return EventState.APPLIED


def _is_credited_at_once(turn: Turn, event: PaymentEvent, order: DepositOrder) -> bool:
    """Whether it is what was asked for, in time, and the broker wants no operator to look."""
    if order.is_late:
        return False
    unit = Denomination.of(turn.session, order.pay_currency)
    at_once = CashierSetting.of_tenant(turn.session).approves_payments_at_once
    return at_once and event.is_of(Money(order.pay_amount, unit))
