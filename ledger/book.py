"""Moving money: the only place where balances change. Every function writes one transaction with
its entries and the balances of their accounts, within the tenant of the session; or it raises a
LedgerError and has written nothing. What no caller should ever ask for (an amount that is not above
zero, another currency, an account as its own target) is a ValueError.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from ledger.errors import NotReversibleError, UnknownTransactionError
from ledger.writing import Change, Heading, written
from models.boundaries import BoundSession
from models.ledger_account import AccountKind, LedgerAccount
from models.ledger_transaction import LedgerEntry, LedgerTransaction, TransactionKind
from models.money import Denomination, Money
from models.upsert import inserted


@dataclass(frozen=True)
class Movement:
    """An amount, above zero, from one account to another."""

    source: LedgerAccount
    target: LedgerAccount
    amount: Money


def account(
    session: BoundSession, kind: AccountKind, unit: Denomination, subject: str = ""
) -> LedgerAccount:
    """The account of a subject, made if there was none. Raises ValueError if it counts in other
    places than those of `unit`.
    """
    key = {"kind": kind, "subject": subject, "currency": unit.code}
    found = select(LedgerAccount).filter_by(**key)
    row = session.exec(found).first()
    if row is None:
        new = {"places": unit.places, "may_be_negative": kind.may_be_negative}
        inserted(session, LedgerAccount, key, **new)
        row = session.exec(found).one()
    _require_unit(row, unit)
    return row


def available(account: LedgerAccount) -> Money:
    """What is posted and not held."""
    return Money(account.posted - account.held, account.unit)


def post(
    session: BoundSession, key: str, movements: Sequence[Movement], at: datetime
) -> LedgerTransaction:
    """Moves amounts of one currency. Raises AlreadyPostedError, NotEnoughError, TooMuchError."""
    changes: list[Change] = []
    for each in movements:
        _require_amount(each.amount, each.source)
        changes += _moved(each.source.id, each.target.id, each.amount.minor)
    return written(session, Heading(key, TransactionKind.POSTING, at), changes)


def hold(
    session: BoundSession, key: str, account: LedgerAccount, amount: Money, at: datetime
) -> LedgerTransaction:
    """Sets an amount aside until the hold is posted or voided. Raises AlreadyPostedError,
    NotEnoughError, TooMuchError.
    """
    _require_amount(amount, account)
    aside = Change(account.id, 0, amount.minor)
    return written(session, Heading(key, TransactionKind.HOLD, at), [aside])


def post_hold(
    session: BoundSession, hold_key: str, key: str, target: LedgerAccount, at: datetime
) -> LedgerTransaction:
    """Moves what a hold has set aside. Raises UnknownTransactionError, AlreadyResolvedError,
    AlreadyPostedError, TooMuchError.
    """
    aside = _hold(session, hold_key)
    taken, given = _moved(aside.account_id, target.id, aside.held)
    heading = Heading(key, TransactionKind.HOLD_POSTED, at, resolves_id=aside.transaction_id)
    return written(session, heading, [taken._replace(held=-aside.held), given])


def void_hold(session: BoundSession, hold_key: str, key: str, at: datetime) -> LedgerTransaction:
    """Gives back what a hold has set aside. Raises UnknownTransactionError, AlreadyResolvedError,
    AlreadyPostedError.
    """
    aside = _hold(session, hold_key)
    heading = Heading(key, TransactionKind.HOLD_VOIDED, at, resolves_id=aside.transaction_id)
    return written(session, heading, [Change(aside.account_id, 0, -aside.held)])


def reverse(session: BoundSession, key: str, of_key: str, at: datetime) -> LedgerTransaction:
    """Takes a posting back by its exact opposite. Raises UnknownTransactionError,
    NotReversibleError, AlreadyReversedError, AlreadyPostedError, NotEnoughError, TooMuchError.
    """
    posting = _found(session, of_key)
    if posting.kind is not TransactionKind.POSTING:
        raise NotReversibleError(of_key)
    heading = Heading(key, TransactionKind.REVERSAL, at, reverses_id=posting.id)
    opposite = [Change(each.account_id, -each.posted, 0) for each in _entries(session, posting.id)]
    return written(session, heading, opposite)


def _found(session: BoundSession, key: str) -> LedgerTransaction:
    found = session.exec(select(LedgerTransaction).where(LedgerTransaction.key == key)).first()
    if found is None:
        raise UnknownTransactionError(key)
    return found


def _hold(session: BoundSession, key: str) -> LedgerEntry:
    """The one entry of a hold."""
    holding = _found(session, key)
    if holding.kind is not TransactionKind.HOLD:
        raise UnknownTransactionError(key)
    (aside,) = _entries(session, holding.id)
    return aside


def _entries(session: BoundSession, transaction_id: int) -> Sequence[LedgerEntry]:
    own = select(LedgerEntry).where(LedgerEntry.transaction_id == transaction_id)
    return session.exec(own.order_by(col(LedgerEntry.id))).all()


def _moved(source_id: int, target_id: int, minor: int) -> tuple[Change, Change]:
    if source_id == target_id:
        raise ValueError("an account is its own target")
    return Change(source_id, -minor, 0), Change(target_id, minor, 0)


def _require_amount(amount: Money, account: LedgerAccount) -> None:
    _require_unit(account, amount.unit)
    if amount.minor <= 0:
        raise ValueError("an amount is above zero")


def _require_unit(account: LedgerAccount, unit: Denomination) -> None:
    if account.unit != unit:
        raise ValueError(f"{unit} on an account of {account.unit}")
