"""Withdrawals and transfers that nobody has decided yet: one at a time for each account."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select

from contract.problems import Problem
from models.audit_status import OPEN
from models.boundaries import BoundSession
from models.cash_states import DebitState
from models.money import Money
from models.trading_account import TradingAccount
from models.transfer_order import TransferOrder
from models.withdrawal_order import WithdrawalOrder
from trading.funds import movable


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


def unpromised(
    session: BoundSession, user_id: int, accounts: Iterable[TradingAccount]
) -> list[Money]:
    """What can be moved off each of a user's accounts, less what his open orders take off it once
    they are approved (wlink 29).
    """
    promised = _promised(session, user_id)
    free = [(movable(session, account), promised[account.id]) for account in accounts]
    return [Money(max(0, whole.minor - part), whole.unit) for whole, part in free]


def _promised(session: BoundSession, user_id: int) -> Counter[int]:
    """Minor units, by account."""
    found: Counter[int] = Counter()
    sources: list[tuple[Any, Any]] = [
        (WithdrawalOrder, WithdrawalOrder.trading_account_id),
        (TransferOrder, TransferOrder.source_id),
    ]
    for table, account in sources:
        left = (table.status.in_(OPEN), table.debit_state == DebitState.NONE)
        sums = select(account, func.sum(table.amount)).where(table.user_id == user_id, *left)
        found.update({number: int(minor) for number, minor in session.exec(sums.group_by(account))})
    return found


def _is_any_open(
    session: BoundSession, withdrawal: ColumnElement[bool], transfer: ColumnElement[bool]
) -> bool:
    withdrawals = select(WithdrawalOrder.id).where(col(WithdrawalOrder.status).in_(OPEN))
    transfers = select(TransferOrder.id).where(col(TransferOrder.status).in_(OPEN))
    return (
        session.exec(withdrawals.where(withdrawal).limit(1)).first() is not None
        or session.exec(transfers.where(transfer).limit(1)).first() is not None
    )
