"""What operators do with withdrawals that are to be paid out."""

from collections.abc import Mapping

from backoffice.cash_orders import WITHDRAWAL, allowed, at_hand, note, write
from backoffice.desk import Desk
from backoffice.reasons import checked
from cashier import withdrawals
from cashier.orders import of_number
from cashier.turns import Turn
from cashier.withdrawal_requests import opened
from contract.errors import RefusedError
from gateways.secret_box import SecretBox
from models.audit_entry import Deed
from models.withdrawal_order import WithdrawalOrder
from trading.orders import Orders

_LONGEST_REFERENCE = 100


def payee(
    desk: Desk, box: SecretBox, order_number: str
) -> tuple[WithdrawalOrder, Mapping[str, str]]:
    """A withdrawal, and where it is to be paid out: who has seen that is written down. Raises
    RefusedError.
    """
    order = of_number(desk.session, WithdrawalOrder, order_number)
    if order is None:
        raise RefusedError(f"there is no withdrawal {order_number}")
    desk.note(Deed.PAYEE_SHOWN, f"withdrawal {order_number}")
    return order, opened(box, order)


def pay(desk: Desk, orders: Orders, order_number: str, reference: str) -> None:
    """It has been paid out, and the bank or the chain knows it by this reference. Raises
    RefusedError.
    """
    if not 0 < len(reference.strip()) <= _LONGEST_REFERENCE:
        raise RefusedError(f"a reference has 1 to {_LONGEST_REFERENCE} characters")
    account, order = at_hand(desk, WITHDRAWAL, order_number)
    with allowed():
        withdrawals.pay(Turn(desk.session, orders, desk.now), order, reference)
    write(desk, orders, "withdrawal_paid", order, account)
    note(desk, Deed.PAYOUT_DONE, WITHDRAWAL, order, reference=reference)


def fail(desk: Desk, order_number: str, reason: str) -> None:
    """The payout did not arrive; an operator has it paid again, or gives it back. Raises
    RefusedError.
    """
    reason = checked(reason)
    _, order = at_hand(desk, WITHDRAWAL, order_number)
    with allowed():
        withdrawals.fail(order, reason, desk.now)
    note(desk, Deed.PAYOUT_FAILED, WITHDRAWAL, order, reason=reason)


def come_back(desk: Desk, orders: Orders, order_number: str, reason: str) -> None:
    """The bank has sent back what was paid out; an operator has it paid again, or gives it back.
    Raises RefusedError.
    """
    reason = checked(reason)
    _, order = at_hand(desk, WITHDRAWAL, order_number)
    with allowed():
        withdrawals.come_back(Turn(desk.session, orders, desk.now), order, reason)
    note(desk, Deed.PAYOUT_RETURNED, WITHDRAWAL, order, reason=reason)


def pay_again(desk: Desk, order_number: str) -> None:
    """It is to be paid out once more. Raises RefusedError."""
    _, order = at_hand(desk, WITHDRAWAL, order_number)
    with allowed():
        withdrawals.pay_again(order, desk.now)
    note(desk, Deed.PAYOUT_REPEATED, WITHDRAWAL, order)


def refund(desk: Desk, orders: Orders, order_number: str) -> None:
    """What could not be paid out goes back to the account. Raises RefusedError."""
    account, order = at_hand(desk, WITHDRAWAL, order_number)
    with allowed():
        withdrawals.refund(Turn(desk.session, orders, desk.now), order, account)
    note(desk, Deed.PAYOUT_REFUNDED, WITHDRAWAL, order)
