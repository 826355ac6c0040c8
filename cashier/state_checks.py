"""Which states of an order go together."""

from collections.abc import Iterator
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session

from models.audit_status import OPEN, AuditStatus
from models.cash_states import CreditState, DebitState, PayoutState, RefundState
from models.deposit_order import DepositOrder, DepositStatus
from models.transfer_order import TransferOrder
from models.withdrawal_order import WithdrawalOrder

_D: Any = DepositOrder
_W: Any = WithdrawalOrder
_T: Any = TransferOrder
_Due = ColumnElement[bool]


def states_go_together(session: Session) -> Iterator[str]:
    """I6: an order has moved money as its decision says."""
    for table, right in ((_D, _of_deposits()), (_W, _of_withdrawals()), (_T, _of_transfers())):
        for number in session.scalars(sa.select(table.order_number).where(~right)):
            yield f"order {number}: its states do not go together"


def _of_deposits() -> _Due:
    return cast(
        _Due, (_D.status == DepositStatus.APPROVED) == (_D.credit_state != CreditState.NONE)
    )


def _of_withdrawals() -> _Due:
    debited, kept = _W.debit_state == DebitState.DEBITED, _W.refund_state == RefundState.NONE
    unpaid, given_back = (
        _W.payout_state == PayoutState.NONE,
        _W.payout_state == PayoutState.REFUNDED,
    )
    return or_(
        and_(_W.status.in_(OPEN), _may_be_open(_W), kept, unpaid),
        and_(_W.status == AuditStatus.APPROVED, debited, ~unpaid, kept != given_back),
        and_(_W.status == AuditStatus.DISAPPROVED, unpaid, _may_be_refused(_W)),
    )


def _of_transfers() -> _Due:
    debited, kept = _T.debit_state == DebitState.DEBITED, _T.refund_state == RefundState.NONE
    uncredited = _T.credit_state == CreditState.NONE
    given_up = _T.credit_state == CreditState.GIVEN_UP
    return or_(
        and_(_T.status.in_(OPEN), _may_be_open(_T), kept, uncredited),
        and_(_T.status == AuditStatus.APPROVED, debited, kept != given_up, ~uncredited),
        and_(_T.status == AuditStatus.DISAPPROVED, uncredited, _may_be_refused(_T)),
    )


def _may_be_open(table: Any) -> _Due:
    """What is debited on approval is so in an operator's hands, and decided by that."""
    debiting = table.debit_state == DebitState.DEBITING
    in_hand = and_(debiting, table.status == AuditStatus.AUDITING)
    return sa.case(
        (table.debits_on_approval, or_(table.debit_state == DebitState.NONE, in_hand)),
        else_=or_(debiting, table.debit_state == DebitState.DEBITED),
    )


def _may_be_refused(table: Any) -> _Due:
    """What was taken off the account goes back to it, and nothing else does."""
    kept = table.refund_state == RefundState.NONE
    given_back = and_(table.debit_state == DebitState.DEBITED, ~kept)
    untouched = and_(table.debit_state == DebitState.NONE, kept)
    return or_(
        and_(table.debit_state == DebitState.REFUSED, kept),
        sa.case((table.debits_on_approval, untouched), else_=given_back),
    )
