"""What must always hold between orders, their operations and the ledger."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import ColumnElement, String, and_, func, literal, or_
from sqlmodel import Session

from cashier.state_checks import states_go_together
from ledger.violations import Check
from models.cash_states import CreditState, DebitState, PayoutState, RefundState
from models.deposit_order import DepositOrder, DepositStatus
from models.ledger_account import AccountKind, LedgerAccount
from models.ledger_transaction import LedgerTransaction
from models.trading_operation import OperationState, TradingOperation
from models.transfer_order import TransferOrder
from models.withdrawal_order import WithdrawalOrder

_D: Any = DepositOrder
_W: Any = WithdrawalOrder
_T: Any = TransferOrder
_Due = ColumnElement[bool]


# Each payout has a posting of its own, and so has each that came back.
_TIMES = sa.cast(_W.returned, String)
_PAID = sa.case((_W.returned == 0, " paid"), else_=literal(" paid again ") + _TIMES)
# Orders, how the keys of their postings begin and end, and when there must be one.
_POSTINGS: list[tuple[Any, str, Any, _Due]] = [
    (_D, "D:", literal(" received"), _D.status == DepositStatus.APPROVED),
    (_D, "D:", literal(" paid back"), _D.credit_state == CreditState.GIVEN_UP),
    (_W, "W:", literal(" approved"), _W.payout_state != PayoutState.NONE),
    (_W, "W:", _PAID, _W.payout_state == PayoutState.PAID),
    (_W, "W:", literal(" returned ") + _TIMES, _W.returned > 0),
    (_W, "W:", literal(" taken back"), _W.payout_state == PayoutState.REFUNDED),
    (_W, "W:", literal(" paid back"), _W.refund_state == RefundState.GIVEN_UP),
    (_T, "T:", literal(" paid back"), _T.refund_state == RefundState.GIVEN_UP),
]


def orders_are_posted_once(session: Session) -> Iterator[str]:
    """I7: what is approved, paid out or taken back is in the ledger, and nothing else is."""
    posting: Any = LedgerTransaction
    for table, before, after, due in _POSTINGS:
        name = literal(before) + table.order_number + after
        there = sa.exists().where(posting.key == name, posting.tenant_id == table.tenant_id)
        wrong = sa.select(table.order_number, after).where(due != there)
        for number, what in session.execute(wrong):
            yield f"order {number}: whether the ledger has{what} disagrees with its states"


_UNDERWAY = (OperationState.NEW, OperationState.SENT, OperationState.UNKNOWN)
_DONE = (OperationState.CONFIRMED,)
_REFUSED = (OperationState.REJECTED,)
_GIVEN_UP = (OperationState.GIVEN_UP,)
_DEBIT = {
    DebitState.NONE: (),
    DebitState.DEBITING: _UNDERWAY,
    DebitState.DEBITED: _DONE,
    DebitState.REFUSED: _REFUSED,
}
_CREDIT = {
    CreditState.NONE: (),
    CreditState.CREDITING: _UNDERWAY,
    CreditState.CREDITED: _DONE,
    CreditState.CREDIT_FAILED: _REFUSED,
    CreditState.GIVEN_UP: _GIVEN_UP,
}
_REFUND = {
    RefundState.NONE: (),
    RefundState.REFUNDING: _UNDERWAY,
    RefundState.REFUNDED: _DONE,
    RefundState.REFUND_FAILED: _REFUSED,
    RefundState.GIVEN_UP: _GIVEN_UP,
}


def _debit_key(letter: str, table: Any, refused: Any) -> Any:
    """That of the operation which follows so many that were refused: see OutgoingOrder."""
    again = sa.case((refused == 0, ""), else_=sa.cast(refused, String))
    return literal(f"{letter}:") + table.order_number + ":out" + again


# Orders, the keys of their operations, the amounts with their signs, and the states of both.
_MOVEMENTS: list[tuple[Any, Any, Any, Any, Any]] = [
    (_D, literal("D:") + _D.order_number, _D.amount, _D.credit_state, _CREDIT),
    (_W, _debit_key("W", _W, _W.refused_debits), -_W.amount, _W.debit_state, _DEBIT),
    (_W, literal("W:") + _W.order_number + ":refund", _W.amount, _W.refund_state, _REFUND),
    (_T, _debit_key("T", _T, _T.refused_debits), -_T.amount, _T.debit_state, _DEBIT),
    (_T, literal("T:") + _T.order_number + ":in", _T.amount, _T.credit_state, _CREDIT),
    (_T, literal("T:") + _T.order_number + ":refund", _T.amount, _T.refund_state, _REFUND),
]


def operations_are_those_of_orders(session: Session) -> Iterator[str]:
    """I8: what is to move on a trading account is written down, with the order's amount, and has
    come as far as the order says.
    """
    operation: Any = TradingOperation
    for table, key, amount, state, fitting in _MOVEMENTS:
        same = and_(operation.key == key, operation.tenant_id == table.tenant_id)
        wrong = or_(
            *(
                and_(state == word, _unfit(operation, amount, states))
                for word, states in fitting.items()
            )
        )
        found = sa.select(table.order_number, state).outerjoin(operation, same).where(wrong)
        for number, word in session.execute(found.select_from(table)):
            yield f"order {number} is {word}, and its operation is not"


def _unfit(operation: Any, amount: Any, states: tuple[OperationState, ...]) -> _Due:
    if not states:
        return cast(_Due, operation.id.is_not(None))
    return or_(operation.id.is_(None), operation.state.not_in(states), operation.amount != amount)


def debits_were_refused(session: Session) -> Iterator[str]:
    """I8: where an order was approved in vain there is the operation that was refused then."""
    operation: Any = TradingOperation
    for letter, table in (("W", _W), ("T", _T)):
        last = _debit_key(letter, table, table.refused_debits - 1)
        there = sa.exists().where(
            operation.key == last,
            operation.tenant_id == table.tenant_id,
            operation.state == OperationState.REJECTED,
        )
        wrong = or_(~there, ~table.debits_on_approval)
        found = sa.select(table.order_number).where(table.refused_debits > 0, wrong)
        for number in session.scalars(found):
            yield f"order {number} was refused by its trading server, and its operation was not"


def what_is_in_transit_belongs_to_orders(session: Session) -> Iterator[str]:
    """I7: what has come in for an account, or has left it, and has not arrived, is the sum of the
    orders that are on their way.
    """
    expected: Counter[tuple[int, str]] = Counter()
    for table, account, is_underway in _in_transit():
        sums = sa.select(table.tenant_id, account, func.sum(table.amount)).where(is_underway)
        for tenant, number, minor in session.execute(sums.group_by(table.tenant_id, account)):
            expected[(tenant, f"trading_account {number}")] += int(minor)
    transit: Any = LedgerAccount
    kept = sa.select(transit.tenant_id, transit.subject, transit.posted)
    for tenant, subject, posted in session.execute(
        kept.where(transit.kind == AccountKind.CLEARING)
    ):
        due = expected.pop((tenant, subject), 0)
        if posted != due:
            yield f"{subject}: {posted} is in transit, and its orders say {due}"
    for (_, subject), due in expected.items():
        if due:
            yield f"{subject}: nothing is in transit, and its orders say {due}"


# Back on its account, or paid out.
_AWAY = (RefundState.REFUNDED, RefundState.GIVEN_UP)


def _in_transit() -> list[tuple[Any, Any, _Due]]:
    """Orders whose money stands between two places, and the account that it is kept under."""
    paid_out = _W.payout_state.in_([PayoutState.PAYING, PayoutState.FAILED, PayoutState.PAID])
    return [
        (
            _D,
            _D.trading_account_id,
            _D.credit_state.in_([CreditState.CREDITING, CreditState.CREDIT_FAILED]),
        ),
        (
            _W,
            _W.trading_account_id,
            and_(
                _W.debit_state == DebitState.DEBITED,
                ~paid_out,
                _W.refund_state.not_in(_AWAY),
            ),
        ),
        (
            _T,
            _T.source_id,
            and_(
                _T.debit_state == DebitState.DEBITED,
                _T.credit_state != CreditState.CREDITED,
                _T.refund_state.not_in(_AWAY),
            ),
        ),
    ]


CHECKS: tuple[Check, ...] = (
    orders_are_posted_once,
    operations_are_those_of_orders,
    debits_were_refused,
    states_go_together,
    what_is_in_transit_belongs_to_orders,
)
