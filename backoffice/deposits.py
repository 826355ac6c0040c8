"""What operators do with deposits besides deciding them."""

from backoffice.cash_orders import DEPOSIT, at_hand, note
from backoffice.desk import Desk
from cashier.orders import of_number
from contract.errors import RefusedError
from contract.problems import Problem
from models.audit_entry import Deed
from models.deposit_order import DepositOrder, DepositStatus
from models.money import Money


def correct(desk: Desk, order_number: str, amount: str) -> None:
    """What has come is another amount than was ordered: this is what the account gets, in its own
    currency. Only of a claimed order, which is in the hands of whoever has corrected it: where two
    people are to agree, the other one does. Raises RefusedError.
    """
    _, order = at_hand(desk, DEPOSIT, order_number)
    if order.status is not DepositStatus.AUDITING:
        raise RefusedError(f"only what is claimed is corrected: it is {order.status}")
    before = order.money(desk.session)
    try:
        order.amount = Money.read(amount, before.unit).minor
    except Problem:
        raise RefusedError(f"an amount is above zero, such as {before.text}") from None
    order.auditor_id, after = desk.actor_id, order.money(desk.session).text
    note(desk, Deed.ORDER_CORRECTED, DEPOSIT, order, was=before.text, amount=after)


def receipt(desk: Desk, order_number: str) -> str:
    """The key of the file that shows a payment. Raises RefusedError."""
    order = of_number(desk.session, DepositOrder, order_number)
    if order is None or not order.receipt_url:
        raise RefusedError(f"there is no receipt of a deposit {order_number}")
    return order.receipt_url
