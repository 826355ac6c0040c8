"""What operators are told of deposits, withdrawals and transfers; wlink/cash_commands.py says how
they ask.
"""

from backoffice import cash_orders, deposits, payments, payouts, stuck_money
from backoffice.desk import Desk
from contract.errors import RefusedError
from models.cash_order import CashOrder
from models.deposit_order import DepositOrder
from models.money import Denomination, Money
from models.outgoing_order import OutgoingOrder
from models.payment_event import PaymentEvent
from models.trading_account import TradingAccount
from models.transfer_order import TransferOrder
from models.user import User
from models.withdrawal_order import WithdrawalOrder
from wlink.services import Services

_KINDS = {kind.name: kind for kind in cash_orders.KINDS}


def waiting(desk: Desk, name: str) -> list[str]:
    """A line for each order that nobody has decided."""
    return [_told(desk, *row) for row in cash_orders.waiting(desk, _KINDS[name])]


def underway(desk: Desk, name: str) -> list[str]:
    """A line for each whose money has not arrived."""
    return [_told(desk, *row) for row in cash_orders.underway(desk, _KINDS[name])]


def _told(desk: Desk, order: CashOrder, user: User) -> str:
    age = int((desk.now - order.created_at).total_seconds() // 3600)
    states = " ".join(
        str(getattr(order, name)) for name in order.MACHINES if getattr(order, name) != "none"
    )
    amount = order.sum_told(desk.session)
    way = _way(desk, order) + _tried(order)
    return f"{order.order_number}  {states:<20}  {age:>4} h  {amount:>16}  {user.email}  {way}"


def _tried(order: CashOrder) -> str:
    """What an operator should know who approves it again."""
    is_refused = isinstance(order, OutgoingOrder) and order.is_untouched and order.refused_debits
    return "  not released by the trading server" if is_refused else ""


def _way(desk: Desk, order: CashOrder) -> str:
    """From where to where."""
    if isinstance(order, DepositOrder):
        pays = _amount(desk, order.pay_amount, order.pay_currency)
        late = "  late" if order.is_late else ""
        return f"pays {pays} to {_login(desk, order.trading_account_id)}{late}"
    if isinstance(order, WithdrawalOrder):
        gets = _amount(desk, order.remittance_amount, order.remittance_currency)
        return f"gets {gets} from {_login(desk, order.trading_account_id)} by {order.method}"
    if isinstance(order, TransferOrder):
        return f"from {_login(desk, order.source_id)} to {_login(desk, order.target_id)}"
    raise ValueError("no order that money is moved by")


def _amount(desk: Desk, minor: int, currency: str) -> str:
    return f"{Money(minor, Denomination.of(desk.session, currency)).text} {currency}"


def _login(desk: Desk, number: int) -> str:
    return TradingAccount.present(desk.session, number).login


def claim(desk: Desk, name: str, number: str) -> None:
    """Raises RefusedError."""
    cash_orders.claim(desk, _KINDS[name], number)


def release(desk: Desk, name: str, number: str) -> None:
    """Raises RefusedError."""
    cash_orders.release(desk, _KINDS[name], number)


def approve(desk: Desk, parts: Services, name: str, number: str) -> None:
    """Raises RefusedError."""
    cash_orders.approve(desk, parts.orders, _KINDS[name], number)


def reject(desk: Desk, parts: Services, name: str, number: str, reason: str) -> None:
    """Raises RefusedError."""
    cash_orders.reject(desk, parts.orders, _KINDS[name], number, reason)


def retry(desk: Desk, parts: Services, name: str, number: str) -> None:
    """Raises RefusedError."""
    stuck_money.retry(desk, parts.orders, _KINDS[name], number)


def give_up(desk: Desk, parts: Services, name: str, number: str, reason: str) -> None:
    """Raises RefusedError."""
    stuck_money.give_up(desk, parts.orders, _KINDS[name], number, reason)


def receipt(desk: Desk, parts: Services, number: str) -> bytes:
    """The file. Raises RefusedError."""
    key = deposits.receipt(desk, number)
    try:
        return parts.storage.content(key)
    except OSError:
        raise RefusedError("the file is not there any more") from None


def payee(desk: Desk, parts: Services, number: str) -> list[str]:
    """Line by line. Raises RefusedError."""
    order, info = payouts.payee(desk, parts.box, number)
    amount = _amount(desk, order.remittance_amount, order.remittance_currency)
    return [f"amount: {amount}", *(f"{name}: {value}" for name, value in info.items())]


def unmatched(desk: Desk) -> list[str]:
    """A line for each payment that fits no order."""
    return [_paid(desk, event) for event in payments.unmatched(desk)]


def sent(desk: Desk, parts: Services, event_id: int) -> list[str]:
    """What the gateway has told of a payment, line by line. Raises RefusedError."""
    return payments.shown(desk, parts.box, event_id).decode(errors="replace").splitlines()


def _paid(desk: Desk, event: PaymentEvent) -> str:
    minor = event.amount_minor
    amount = "unknown" if minor is None else _amount(desk, minor, event.currency)
    order = event.order_number or "no order"
    return f"{event.id:>8}  {event.told_at:%F %T} UTC  {amount:>16}  {order}  {event.reference}"
