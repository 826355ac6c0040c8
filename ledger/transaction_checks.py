"""Whether each transaction is what it says."""

from collections.abc import Iterator

from sqlalchemy import and_, case, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from ledger.violations import violations
from models.ledger_account import LedgerAccount
from models.ledger_transaction import LedgerEntry, LedgerTransaction, TransactionKind

_TRANSACTION = col(LedgerTransaction.id)
_KIND = col(LedgerTransaction.kind)
_RESOLUTIONS = (TransactionKind.HOLD_POSTED, TransactionKind.HOLD_VOIDED)
_OF_TRANSACTION = col(LedgerEntry.transaction_id) == _TRANSACTION
_ENTRIES = func.count(col(LedgerEntry.id))


def transactions_have_entries(session: Session) -> Iterator[str]:
    """A transaction without any says that something was done which was not."""
    found = select(_TRANSACTION).where(~exists().where(_OF_TRANSACTION))
    yield from violations(session, found, "transaction {} has no entries")


def entries_stay_within_tenant_and_currency(session: Session) -> Iterator[str]:
    """Those of their transaction and of their account."""
    owners = (LedgerTransaction, LedgerAccount)
    strange = (
        or_(
            col(owner.id).is_(None),
            col(owner.tenant_id) != LedgerEntry.tenant_id,
            col(owner.currency) != LedgerEntry.currency,
        )
        for owner in owners
    )
    found = (
        select(col(LedgerEntry.id))
        .outerjoin(LedgerTransaction, _OF_TRANSACTION)
        .outerjoin(LedgerAccount, col(LedgerAccount.id) == LedgerEntry.account_id)
        .where(or_(*strange))
    )
    sentence = "entry {} is of another tenant or currency than its transaction or account"
    yield from violations(session, found, sentence)


def only_holds_hold(session: Session) -> Iterator[str]:
    """A hold sets one amount aside and moves nothing; postings and reversals set nothing aside."""
    one_amount = and_(
        _ENTRIES == 1,
        func.min(LedgerEntry.posted) == 0,
        func.min(LedgerEntry.held) > 0,
    )
    nothing = and_(func.min(LedgerEntry.held) == 0, func.max(LedgerEntry.held) == 0)
    found = (
        select(_TRANSACTION, _KIND)
        .join(LedgerEntry, _OF_TRANSACTION)
        .where(_KIND.not_in(_RESOLUTIONS))
        .group_by(_TRANSACTION, _KIND)
        .having(case((_KIND == TransactionKind.HOLD, ~one_amount), else_=~nothing))
    )
    yield from violations(session, found, "transaction {} holds what no {} does")


def resolutions_match_their_holds(session: Session) -> Iterator[str]:
    """What was set aside is freed on its account, and moved from there where the hold is posted."""
    hold, aside, freed = aliased(LedgerTransaction), aliased(LedgerEntry), aliased(LedgerEntry)
    is_hold = col(hold.kind) == TransactionKind.HOLD
    frees = and_(col(freed.transaction_id) == _TRANSACTION, col(freed.held) != 0)
    moved = case((_KIND == TransactionKind.HOLD_POSTED, col(freed.held)), else_=0)
    unlike = or_(
        col(freed.id).is_(None),
        col(freed.account_id).is_distinct_from(aside.account_id),
        col(freed.held).is_distinct_from(-col(aside.held)),
        col(freed.posted) != moved,
    )
    found = (
        select(_TRANSACTION)
        .outerjoin(hold, and_(col(hold.id) == LedgerTransaction.resolves_id, is_hold))
        .outerjoin(aside, col(aside.transaction_id) == hold.id)
        .outerjoin(freed, frees)
        .where(_KIND.in_(_RESOLUTIONS), unlike)
        .distinct()
    )
    yield from violations(session, found, "transaction {} does not match the hold that it resolves")


def resolutions_do_nothing_else(session: Session) -> Iterator[str]:
    """They free one amount; where the hold is posted, another account receives it."""
    entries = case((_KIND == TransactionKind.HOLD_POSTED, 2), else_=1)
    frees = func.sum(case((col(LedgerEntry.held) == 0, 0), else_=1))
    found = (
        select(_TRANSACTION)
        .join(LedgerEntry, _OF_TRANSACTION)
        .where(_KIND.in_(_RESOLUTIONS))
        .group_by(_TRANSACTION, _KIND)
        .having(or_(entries != _ENTRIES, frees != 1))
    )
    yield from violations(session, found, "transaction {} does more than to resolve a hold")


def nothing_is_resolved_or_reversed_twice(session: Session) -> Iterator[str]:
    """The database refuses it as well."""
    for column, done in (("resolves_id", "resolved"), ("reverses_id", "reversed")):
        number = getattr(LedgerTransaction, column)
        times = func.count(_TRANSACTION)
        found = select(number, times).where(number.is_not(None)).group_by(number)
        sentence = f"transaction {{}} is {done} {{}} times"
        yield from violations(session, found.having(times > 1), sentence)


def only_postings_are_reversed(session: Session) -> Iterator[str]:
    """A hold is voided, and what was reversed wrongly is posted anew."""
    posting = aliased(LedgerTransaction)
    is_posting = col(posting.kind) == TransactionKind.POSTING
    found = (
        select(_TRANSACTION)
        .outerjoin(posting, and_(col(posting.id) == LedgerTransaction.reverses_id, is_posting))
        .where(_KIND == TransactionKind.REVERSAL, col(posting.id).is_(None))
    )
    yield from violations(session, found, "transaction {} reverses what is no posting")


def reversals_are_exact_opposites(session: Session) -> Iterator[str]:
    """Entry for entry: nothing may be left that one of the two has and the other has not."""
    posted, held = col(LedgerEntry.posted), col(LedgerEntry.held)
    sides = (
        (_TRANSACTION, posted, held, 1),
        (col(LedgerTransaction.reverses_id), -posted, -held, -1),
    )
    entries = union_all(
        *(
            select(
                _TRANSACTION.label("reversal"),
                col(LedgerEntry.account_id),
                moved.label("posted"),
                freed.label("held"),
                literal(side).label("side"),
            )
            .join(LedgerEntry, col(LedgerEntry.transaction_id) == transaction)
            .where(_KIND == TransactionKind.REVERSAL)
            for transaction, moved, freed, side in sides
        )
    ).subquery()
    *entry, side = entries.c
    left = select(*entry).group_by(*entry).having(func.sum(side) != 0).subquery()
    found = select(left.c.reversal).distinct()
    yield from violations(session, found, "transaction {} is not the opposite of what it reverses")
