"""What is looked at before an order is approved."""

from backoffice.desk import Desk
from cashier.accounts import gives, takes
from contract.errors import RefusedError
from models.cash_order import CashOrder
from models.cashier_setting import CashierSetting
from models.money import Money
from models.trading_account import TradingAccount
from models.transfer_order import TransferOrder
from models.withdrawal_order import WithdrawalOrder
from trading.funds import movable


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


def require_not_held(desk: Desk, order: CashOrder) -> None:
    """No withdrawal goes to a new payee, or after a new password, before its time. Raises
    RefusedError.
    """
    held_until = order.held_until if isinstance(order, WithdrawalOrder) else None
    if held_until and desk.now < held_until:
        raise RefusedError(f"its payee or the password is new: not before {held_until:%F %T} UTC")


def require_covered(desk: Desk, order: CashOrder, account: TradingAccount) -> None:
    """What leaves the account only now could leave it when the client asked for that, and go where
    it is to go. Raises RefusedError.
    """
    if not order.is_untouched:
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
