"""Deciding deposits, withdrawals and transfers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import String, cast, or_
from sqlmodel import col, select

from backoffice.desk import Desk
from backoffice.reasons import checked
from cashier import deposits, transfers, withdrawals
from cashier.accounts import gives, takes
from cashier.orders import locked, of_number
from cashier.turns import Turn
from contract.errors import RefusedError
from gateways.letters import post_letter
from models.audit_entry import Deed
from models.audit_status import AuditStatus
from models.cash_order import CashOrder
from models.cashier_setting import CashierSetting
from models.deposit_order import DepositOrder, DepositStatus
from models.machines import StateConflictError
from models.money import Money
from models.outgoing_order import OutgoingOrder
from models.trading_account import TradingAccount
from models.transfer_order import TransferOrder
from models.user import User
from models.withdrawal_order import WithdrawalOrder
from trading.funds import movable
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
    with allowed():
        _require_claimed(order)
    require_second_person(desk, order)
    _require_not_held(desk, order)
    _require_covered(desk, order, account)
    with allowed():
        kind.approved(Turn(desk.session, orders, desk.now), order, account)
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
    is_untouched = isinstance(order, OutgoingOrder) and order.is_untouched
    return f"{kind.name}_{'refused' if is_untouched else 'rejected'}"


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


def require_second_person(desk: Desk, order: CashOrder) -> None:
    """Above the broker's limit two people agree, both under their names. Raises RefusedError."""
    most = CashierSetting.of_tenant(desk.session).second_person_above
    amount = order.money(desk.session)
    if most is None or amount <= Money.whole(most, amount.unit):
        return
    if desk.actor_id is None or order.auditor_id in (None, desk.actor_id):
        raise RefusedError(
            f"above {most} {order.currency} it takes two operators, each under his name:"
            " whoever has had it in his hands last does not decide alone"
        )


def _require_not_held(desk: Desk, order: CashOrder) -> None:
    """Raises RefusedError."""
    held_until = order.held_until if isinstance(order, WithdrawalOrder) else None
    if held_until and desk.now < held_until:
        raise RefusedError(f"its payee or the password is new: not before {held_until:%F %T} UTC")


def _require_covered(desk: Desk, order: CashOrder, account: TradingAccount) -> None:
    """What leaves the account only now could leave it when the client asked for that, and go where
    it is to go. Raises RefusedError.
    """
    if not (isinstance(order, OutgoingOrder) and order.is_untouched):
        return
    if not gives(account):
        raise RefusedError("by now no money may leave the account")
    target = isinstance(order, TransferOrder) and order.target_id
    if target and not takes(TradingAccount.present(desk.session, target)):
        raise RefusedError("by now no money may be put on the target")
    free = movable(desk.session, account)
    if order.money(desk.session) > free:
        told = f"by what its server has told last, only {free.text} {order.currency}"
        raise RefusedError(f"{told} can leave the account")


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
    withdrawals.agree,
    withdrawals.reject,
)
TRANSFER = Kind(
    "transfer",
    TransferOrder,
    AuditStatus,
    lambda order: int(order.source_id),
    transfers.agree,
    transfers.reject,
)
KINDS = (DEPOSIT, WITHDRAWAL, TRANSFER)
