"""What operators do with payments that no order fits."""

from decimal import ROUND_UP, Decimal

from sqlmodel import col, select

from backoffice.cash_orders import allowed
from backoffice.desk import Desk
from backoffice.reasons import checked
from cashier import payments
from cashier.accounts import require_taking
from contract.errors import RefusedError
from contract.problems import Problem
from gateways.secret_box import SecretBox
from models.audit_entry import Deed
from models.cash_order import new_order_number
from models.deposit_order import DepositOrder, DepositStatus
from models.exchange_rate import DECIMALS
from models.locking import fresh
from models.money import Denomination, Money
from models.payment_event import EventState, PaymentEvent
from models.trading_account import TradingAccount

_REASONS = {
    "NOT_FOUND": "the trading account is not open",
    "NOT_A_LIVE_ACCOUNT": "it is a demo account",
    "ACCOUNT_FUNDING_NOT_ALLOWED": "no money may be put on the account",
    "AMOUNT_INVALID": "an amount is above zero, with at most the places of the account's currency",
}


def unmatched(desk: Desk) -> list[PaymentEvent]:
    """What was paid and waits for somebody to look into it, the oldest first."""
    waiting = select(PaymentEvent).where(PaymentEvent.state == EventState.UNMATCHED)
    return list(desk.session.exec(waiting.order_by(col(PaymentEvent.id))))


def shown(desk: Desk, box: SecretBox, event_id: int) -> bytes:
    """What the gateway has sent, as it came. It may name who has paid: who has seen that is written
    down. Raises RefusedError.
    """
    found = select(PaymentEvent).where(PaymentEvent.id == event_id)
    event = desk.session.exec(found).first()
    if event is None:
        raise RefusedError(f"there is no payment {event_id}")
    desk.note(Deed.PAYMENT_SHOWN, f"payment {event_id}")
    return payments.told(box, event)


def resolve(desk: Desk, event_id: int, note: str) -> None:
    """It is seen to: paid back, say, as the note tells. Raises RefusedError."""
    note = checked(note)
    event = _resolved(desk, event_id)
    desk.note(Deed.PAYMENT_RESOLVED, f"payment {event.id}", after=_told(event) | {"note": note})


def credit(desk: Desk, event_id: int, account_id: int, amount: str) -> str:
    """It is a client's: a deposit of his is made for it, which waits for its decision like any
    other one. The account is to get `amount`, in its own currency. The number of the deposit.
    Raises RefusedError.
    """
    event = _resolved(desk, event_id)
    account = _account(desk, account_id)
    try:
        require_taking(account)
        unit = Denomination.of(desk.session, account.currency)
        order = _order(desk, event, account, Money.read(amount, unit))
    except Problem as problem:
        raise RefusedError(_REASONS[problem.code]) from None
    after = _told(event) | {"deposit": order.order_number, "amount": order.money(desk.session).text}
    desk.note(Deed.PAYMENT_CREDITED, f"payment {event.id}", after=after)
    return order.order_number


def _resolved(desk: Desk, event_id: int) -> PaymentEvent:
    """The event, which is so from now on, and which nobody else changes meanwhile."""
    found = fresh(select(PaymentEvent).where(PaymentEvent.id == event_id))
    event = desk.session.exec(found).first()
    if event is None:
        raise RefusedError(f"there is no payment {event_id}")
    with allowed():
        event.move("state", EventState.RESOLVED, desk.now)
    return event


def _account(desk: Desk, number: int) -> TradingAccount:
    found = fresh(select(TradingAccount).where(TradingAccount.id == number))
    account = desk.session.exec(found).first()
    if account is None:
        raise RefusedError(f"there is no trading account {number}")
    return account


def _order(desk: Desk, event: PaymentEvent, account: TradingAccount, amount: Money) -> DepositOrder:
    """As if it had been drafted, and paid too late. No fee is taken: the amount is what is left."""
    if event.amount_minor is None:
        raise RefusedError("what was paid is no amount of a currency that is known")
    paid = Money(event.amount_minor, Denomination.of(desk.session, event.currency))
    order = DepositOrder(
        user_id=account.user_id,
        order_number=new_order_number("D", desk.now),
        trading_account_id=account.id,
        channel_id=event.channel_id,
        amount=amount.minor,
        currency=account.currency,
        fee=0,
        pay_currency=event.currency,
        pay_amount=event.amount_minor,
        rate=_rate(amount, paid),
        gateway_reference=event.reference,
        is_late=True,
        expires_at=event.told_at,
        created_at=desk.now,
        moved_at=desk.now,
        submitted_at=desk.now,
    )
    desk.session.add(order)
    order.move("status", DepositStatus.PENDING, desk.now)
    return order


def _rate(amount: Money, paid: Money) -> Decimal:
    """What one unit of the account's currency has cost the client, rounded up."""
    places = Decimal(1).scaleb(-DECIMALS)
    return (Decimal(paid.text) / Decimal(amount.text)).quantize(places, ROUND_UP)


def _told(event: PaymentEvent) -> dict[str, str]:
    return {"state": event.state.value, "reference": event.reference}
