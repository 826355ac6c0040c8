"""Deciding deposits, withdrawals and transfers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import String, cast, or_
from sqlmodel import col, select

from backoffice.approval_rules import require_covered, require_not_held, require_second_person
from backoffice.desk import Desk
from backoffice.reasons import checked
from cashier import deposits, transfers, withdrawals
from cashier.debits import debit_what_waited
from cashier.orders import locked, of_number
from cashier.turns import Turn
from contract.errors import RefusedError
from gateways.letters import post_letter
from models.audit_entry import Deed
from models.audit_status import AuditStatus
from models.cash_order import CashOrder
from models.deposit_order import DepositOrder, DepositStatus
from models.machines import StateConflictError
from models.outgoing_order import OutgoingOrder
from models.trading_account import TradingAccount
from models.transfer_order import TransferOrder
from models.user import User
from models.withdrawal_order import WithdrawalOrder
from trading.orders import Orders

_UNDECIDED = ("pending", "auditing")
# Money on its way, or where it should not stay.
_MOVING = "crediting credit_failed refunding refund_failed paying failed".split()


@dataclass(frozen=True)
class Kind:
    """What clients order: where it is kept, which account it begins at, and what follows from a
    decision.
    """

    name: str
    table: type[Any]
    statuses: type[StrEnum]
    account_of: Callable[[Any], int]
    approved: Callable[[Turn, Any, TradingAccount], None]
    rejected: Callable[[Turn, Any, TradingAccount, str], None]


def waiting(desk: Desk, kind: Kind) -> list[tuple[CashOrder, User]]:
    """What nobody has decided yet, the oldest first, with whose it is."""
    table: Any = kind.table
    both = select(table, User).join(User, col(User.id) == table.user_id)
    return list(desk.session.exec(both.where(table.status.in_(_UNDECIDED)).order_by(table.id)))


def underway(desk: Desk, kind: Kind) -> list[tuple[CashOrder, User]]:
    """What is decided, and its money has not arrived: on its way, refused, to be paid out."""
    table: Any = kind.table
    both = select(table, User).join(User, col(User.id) == table.user_id)
    states = [getattr(table, name) for name in table.MACHINES if name != "status"]
    moving = or_(*(cast(state, String).in_(_MOVING) for state in states))
    decided = table.status.not_in(_UNDECIDED)
    return list(desk.session.exec(both.where(decided, moving).order_by(table.id)))


def claim(desk: Desk, kind: Kind, order_number: str) -> None:
    """The operator looks into it; others leave it alone. Raises RefusedError."""
    _, order = at_hand(desk, kind, order_number)
    with allowed():
        order.move("status", kind.statuses("auditing"), desk.now)
    order.auditor_id = desk.actor_id
    note(desk, Deed.ORDER_CLAIMED, kind, order)


def release(desk: Desk, kind: Kind, order_number: str) -> None:
    """Gives it back to the others. Raises RefusedError."""
    _, order = at_hand(desk, kind, order_number)
    with allowed():
        _require_claimed(order)
        if isinstance(order, OutgoingOrder) and order.is_being_approved:
            raise StateConflictError(order.debit_state)
        order.move("status", kind.statuses("pending"), desk.now)
    order.auditor_id = None
    note(desk, Deed.ORDER_RELEASED, kind, order)


def approve(desk: Desk, orders: Orders, kind: Kind, order_number: str) -> None:
    """Has the money of a claimed order go on its way. Raises RefusedError."""
    account, order = at_hand(desk, kind, order_number)
    turn = Turn(desk.session, orders, desk.now)
    with allowed():
        _require_claimed(order)
        require_second_person(desk, order)
        require_not_held(desk, order)
        require_covered(desk, order, account)
        if order.is_untouched:
            debit_what_waited(turn, order, account)
        else:
            kind.approved(turn, order, account)
    order.auditor_id = desk.actor_id
    note(desk, Deed.ORDER_APPROVED, kind, order, amount=order.money(desk.session).text)


def reject(desk: Desk, orders: Orders, kind: Kind, order_number: str, reason: str) -> None:
    """Refuses a claimed order; the client is told the reason. Raises RefusedError."""
    reason = checked(reason)
    account, order = at_hand(desk, kind, order_number)
    with allowed():
        _require_claimed(order)
        kind.rejected(Turn(desk.session, orders, desk.now), order, account, reason)
    order.auditor_id = desk.actor_id
    write(desk, orders, _refusal(kind, order), order, account)
    note(desk, Deed.ORDER_REJECTED, kind, order, reason=reason)


def _refusal(kind: Kind, order: CashOrder) -> str:
    """The letter that tells it: of money that goes back, or has never left."""
    return f"{kind.name}_{'refused' if order.is_untouched else 'rejected'}"


def at_hand(desk: Desk, kind: Kind, order_number: str) -> tuple[TradingAccount, Any]:
    """An order and the account that it begins at, both locked. Raises RefusedError."""
    order = of_number(desk.session, kind.table, order_number)
    if order is None:
        raise RefusedError(f"there is no {kind.name} {order_number}")
    return locked(desk.session, kind.table, kind.account_of(order), order_number)


@contextmanager
def allowed() -> Iterator[None]:
    """Raises RefusedError where an order is in a state that does not allow what is done to it."""
    try:
        yield
    except StateConflictError as error:
        raise RefusedError(f"that cannot be done: it is {error.state}") from None


def write(
    desk: Desk, orders: Orders, letter: str, order: CashOrder, account: TradingAccount
) -> None:
    """Mails the client what has become of his order, and why."""
    user = User.present(desk.session, order.user_id)
    post_letter(
        *(orders.outbox, desk.session, letter, user.email, user.language, desk.now),
        order=order.order_number,
        amount=order.sum_told(desk.session),
        account=account.login,
        reason=order.remark,
    )


def note(desk: Desk, deed: Deed, kind: Kind, order: Any, **after: str) -> None:
    """Writes down what was done, and where that has led."""
    states = {name: str(getattr(order, name)) for name in order.MACHINES}
    desk.note(deed, f"{kind.name} {order.order_number}", after=states | after)


def _require_claimed(order: Any) -> None:
    """Its machine lets it go the same way from elsewhere, too, but not by an operator's hand: by
    what a client does, or a gateway or a trading server has told. Raises StateConflictError.
    """
    if order.status != AuditStatus.AUDITING:
        raise StateConflictError(order.status)


DEPOSIT = Kind(
    "deposit",
    DepositOrder,
    DepositStatus,
    lambda order: int(order.trading_account_id),
    deposits.approve,
    deposits.reject,
)
WITHDRAWAL = Kind(
    "withdrawal",
    WithdrawalOrder,
    AuditStatus,
    lambda order: int(order.trading_account_id),
    withdrawals.approve,
    withdrawals.reject,
)
TRANSFER = Kind(
    "transfer",
    TransferOrder,
    AuditStatus,
    lambda order: int(order.source_id),
    transfers.approve,
    transfers.reject,
)
KINDS = (DEPOSIT, WITHDRAWAL, TRANSFER)
