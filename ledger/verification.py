"""Whether the books are sound: of the session's tenant, or of all tenants if it has none."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session, col

from ledger.balance_checks import (
    accounts_are_guarded_as_their_kind_is,
    accounts_count_as_their_currencies_do,
    balances_are_sums_of_entries,
    currencies_sum_to_zero,
    nothing_guarded_is_negative,
    transactions_sum_to_zero,
)
from ledger.transaction_checks import (
    entries_stay_within_tenant_and_currency,
    nothing_is_resolved_or_reversed_twice,
    only_holds_hold,
    only_postings_are_reversed,
    resolutions_do_nothing_else,
    resolutions_match_their_holds,
    reversals_are_exact_opposites,
    transactions_have_entries,
)
from ledger.trigger_checks import triggers_guard_the_ledger
from ledger.violations import Check
from models.ledger_account import LedgerAccount
from models.ledger_transaction import LedgerEntry, LedgerTransaction

# Each reads one state of the books in one query (two at most), so it may run beside postings.
CHECKS: tuple[Check, ...] = (
    transactions_sum_to_zero,
    currencies_sum_to_zero,
    balances_are_sums_of_entries,
    nothing_guarded_is_negative,
    accounts_are_guarded_as_their_kind_is,
    accounts_count_as_their_currencies_do,
    triggers_guard_the_ledger,
    transactions_have_entries,
    entries_stay_within_tenant_and_currency,
    only_holds_hold,
    resolutions_match_their_holds,
    resolutions_do_nothing_else,
    nothing_is_resolved_or_reversed_twice,
    only_postings_are_reversed,
    reversals_are_exact_opposites,
)


class Size(NamedTuple):
    """How much there is in the books."""

    accounts: int
    transactions: int
    entries: int


def verify(session: Session, checks: Sequence[Check] = CHECKS) -> Iterator[str]:
    """Every violation that the checks find."""
    for check in checks:
        yield from check(session)


def size(session: Session) -> Size:
    """Of the books."""
    ids = (col(table.id) for table in (LedgerAccount, LedgerTransaction, LedgerEntry))
    return Size(*(session.execute(select(func.count(each))).scalar_one() for each in ids))
