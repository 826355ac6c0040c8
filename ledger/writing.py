"""Writing a transaction: accounts are locked before anything is decided, and everything is decided
before anything is written.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import or_
from sqlmodel import col, select

from ledger.errors import (
    AlreadyPostedError,
    AlreadyResolvedError,
    AlreadyReversedError,
    LedgerError,
    NotEnoughError,
    TooMuchError,
)
from models.boundaries import BoundSession, ForeignRowError
from models.ledger_account import LedgerAccount
from models.ledger_transaction import LedgerEntry, LedgerTransaction, TransactionKind
from models.locking import fresh
from models.upsert import made

_LARGEST = 2**63 - 1


class Change(NamedTuple):
    """An entry to be, in minor units."""

    account_id: int
    posted: int
    held: int


@dataclass(frozen=True)
class Heading:
    """A transaction to be."""

    key: str
    kind: TransactionKind
    at: datetime
    resolves_id: int | None = None
    reverses_id: int | None = None


def written(
    session: BoundSession, heading: Heading, changes: Sequence[Change]
) -> LedgerTransaction:
    """The transaction with its entries; the balances of its accounts have followed. Raises a
    LedgerError, and ValueError if the accounts are not of one denomination.
    """
    accounts = _locked(session, {change.account_id for change in changes})
    currency = _currency(accounts)
    refusal = _refusal(session, heading)
    if refusal:
        raise refusal
    balances = [_balance(account, changes) for account in accounts]
    transaction = made(session, LedgerTransaction, currency=currency, **asdict(heading))
    if transaction is None:  # somebody was faster whose accounts are others
        raise _refusal(session, heading) or AlreadyPostedError(heading.key)
    for account, (posted, held) in zip(accounts, balances, strict=True):
        account.posted, account.held = posted, held
    session.add_all(
        LedgerEntry(transaction_id=transaction.id, currency=currency, **change._asdict())
        for change in changes
    )
    session.flush()
    return transaction


def _locked(session: BoundSession, ids: set[int]) -> Sequence[LedgerAccount]:
    """In the order of their ids: so nobody waits for somebody who waits for him."""
    if session.boundary is None:
        raise ForeignRowError("money moves within a tenant")
    own = select(LedgerAccount).where(col(LedgerAccount.id).in_(ids))
    accounts = session.exec(fresh(own.order_by(col(LedgerAccount.id)))).all()
    if len(accounts) != len(ids):
        raise ForeignRowError("an account of another tenant")
    return accounts


def _currency(accounts: Sequence[LedgerAccount]) -> str:
    units = {account.unit for account in accounts}
    if len(units) != 1:
        raise ValueError(f"accounts of one denomination are needed, not of {len(units)}")
    return units.pop().code


def _refusal(session: BoundSession, heading: Heading) -> LedgerError | None:
    """Why there is such a transaction already, if there is."""
    same = [col(LedgerTransaction.key) == heading.key]
    if heading.resolves_id is not None:
        same.append(col(LedgerTransaction.resolves_id) == heading.resolves_id)
    if heading.reverses_id is not None:
        same.append(col(LedgerTransaction.reverses_id) == heading.reverses_id)
    found = session.exec(select(LedgerTransaction).where(or_(*same))).all()
    if any(each.key == heading.key for each in found):
        return AlreadyPostedError(heading.key)
    if found and heading.resolves_id is not None:
        return AlreadyResolvedError(found[0].key)
    return AlreadyReversedError(found[0].key) if found else None


def _balance(account: LedgerAccount, changes: Sequence[Change]) -> tuple[int, int]:
    """What will be posted and held."""
    own = [change for change in changes if change.account_id == account.id]
    posted = account.posted + sum(change.posted for change in own)
    held = account.held + sum(change.held for change in own)
    if max(abs(posted), held, abs(posted - held)) > _LARGEST:
        raise TooMuchError(f"{account.kind} {account.subject}".strip())
    if posted < held and not account.may_be_negative:
        raise NotEnoughError(f"{account.kind} {account.subject}".strip())
    return posted, held
