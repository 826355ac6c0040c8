"""Withdrawals and transfers that nobody has decided yet: one at a time for each account."""

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from contract.problems import Problem
from models.audit_status import OPEN
from models.boundaries import BoundSession
from models.transfer_order import TransferOrder
from models.withdrawal_order import WithdrawalOrder


def require_none_open(session: BoundSession, account_id: int) -> None:
    """For an account that is locked. Raises Problem PENDING_ORDER_EXISTS."""
    withdrawal = col(WithdrawalOrder.trading_account_id) == account_id
    transfer = col(TransferOrder.source_id) == account_id
    if _is_any_open(session, withdrawal, transfer):
        raise Problem("PENDING_ORDER_EXISTS")


def has_open(session: BoundSession, user_id: int) -> bool:
    """Whether a user has one, of any account (wlink 93)."""
    withdrawal = col(WithdrawalOrder.user_id) == user_id
    transfer = col(TransferOrder.user_id) == user_id
    return _is_any_open(session, withdrawal, transfer)


def _is_any_open(
    session: BoundSession, withdrawal: ColumnElement[bool], transfer: ColumnElement[bool]
) -> bool:
    withdrawals = select(WithdrawalOrder.id).where(col(WithdrawalOrder.status).in_(OPEN))
    transfers = select(TransferOrder.id).where(col(TransferOrder.status).in_(OPEN))
    return (
        session.exec(withdrawals.where(withdrawal).limit(1)).first() is not None
        or session.exec(transfers.where(transfer).limit(1)).first() is not None
    )
