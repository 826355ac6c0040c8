"""Whether the books balance."""

from collections.abc import Iterator

from sqlalchemy import and_, func, or_, select
from sqlmodel import Session, col

from ledger.violations import violations
from models.codes import Currency
from models.ledger_account import SIGNED, LedgerAccount
from models.ledger_transaction import LedgerEntry

_POSTED, _HELD = col(LedgerAccount.posted), col(LedgerAccount.held)


def transactions_sum_to_zero(session: Session) -> Iterator[str]:
    """I1: no transaction makes money, and none loses any."""
    total, transaction = func.sum(LedgerEntry.posted), col(LedgerEntry.transaction_id)
    found = select(transaction, total).group_by(transaction).having(total != 0)
    yield from violations(session, found, "transaction {} sums to {}")


def currencies_sum_to_zero(session: Session) -> Iterator[str]:
    """I2: nor do all of a tenant's together."""
    total = func.sum(LedgerEntry.posted)
    owner = (col(LedgerEntry.tenant_id), col(LedgerEntry.currency))
    found = select(*owner, total).group_by(*owner).having(total != 0)
    yield from violations(session, found, "the entries of tenant {} in {} sum to {}")


def balances_are_sums_of_entries(session: Session) -> Iterator[str]:
    """I3."""
    account = col(LedgerEntry.account_id)
    sums = (
        select(account, *(func.sum(each) for each in (LedgerEntry.posted, LedgerEntry.held)))
        .group_by(account)
        .subquery()
    )
    number, *totals = sums.c
    posted, held = (func.coalesce(total, 0) for total in totals)
    found = (
        select(col(LedgerAccount.id), _POSTED, posted, _HELD, held)
        .outerjoin(sums, number == col(LedgerAccount.id))
        .where(or_(posted != _POSTED, held != _HELD))
    )
    sentence = "account {} has {} posted where its entries sum to {}, and {} held where to {}"
    yield from violations(session, found, sentence)


def nothing_guarded_is_negative(session: Session) -> Iterator[str]:
    """I4: neither what is held nor, on most kinds of accounts, what is available."""
    negative = or_(_HELD < 0, and_(col(LedgerAccount.kind).not_in(SIGNED), _POSTED < _HELD))
    found = select(col(LedgerAccount.id), _POSTED, _HELD).where(negative)
    yield from violations(session, found, "account {} has {} posted and {} held")


def accounts_are_guarded_as_their_kind_is(session: Session) -> Iterator[str]:
    """I4: so the database knows what it must not let through."""
    signed, kind = col(LedgerAccount.may_be_negative), col(LedgerAccount.kind)
    unlike = or_(
        and_(signed.is_(True), kind.not_in(SIGNED)), and_(signed.is_(False), kind.in_(SIGNED))
    )
    found = select(col(LedgerAccount.id), kind).where(unlike)
    yield from violations(session, found, "account {} is not guarded as {} must be")


def accounts_count_as_their_currencies_do(session: Session) -> Iterator[str]:
    """Else every posting on them is refused, until somebody has decided what the amounts mean."""
    own, now = col(LedgerAccount.places), col(Currency.decimals)
    found = (
        select(col(LedgerAccount.id), col(LedgerAccount.currency), own, now)
        .outerjoin(Currency, col(Currency.code) == LedgerAccount.currency)
        .where(own.is_distinct_from(now))
    )
    yield from violations(session, found, "account {} counts {} in {} places, others in {}")
