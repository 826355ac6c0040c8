"""Whatever is done in whatever order: the ledger agrees with a few lines of Python, and its books
are sound.
"""

from collections.abc import Callable

import pytest
from hypothesis import event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import select

from ledger import book
from ledger.book import Movement
from ledger.errors import LedgerError
from models.boundaries import BoundSession
from models.database import Database
from models.ledger_account import AccountKind, LedgerAccount
from models.money import Money
from tests.books import NOW, USD, Books, ledger_database
from tests.reference_ledger import ReferenceLedger

__all__ = ["ledger_database"]

pytestmark = pytest.mark.long

ACCOUNTS = {
    "world": AccountKind.PAYMENTS,
    "client": AccountKind.TRADING,
    "transit": AccountKind.CLEARING,
    "payable": AccountKind.PAYABLE,
    "fees": AccountKind.FEES,
}
NAMES = tuple(ACCOUNTS)
names = st.sampled_from(NAMES)
# Which of the keys that there are: see `new` and `old`.
picks = st.integers(0, 99)
# Seldom so much that two of them are too much.
amounts = st.integers(1, 300).map(lambda minor: minor if minor <= 290 else 5 * 10**18)
pairs = st.permutations(NAMES).map(lambda each: tuple(each[:2]))
moves = st.builds(lambda pair, minor: (*pair, minor), pairs, amounts)
movements = st.lists(moves, min_size=1, max_size=3)


class Machine(RuleBasedStateMachine):
    """A new tenant's books, and beside them what they must be."""

    database: Database

    @initialize()
    def begin(self) -> None:
        self.books = Books.opened(self.database)
        self.accounts = {name: self.books.account(kind) for name, kind in ACCOUNTS.items()}
        signed = frozenset(name for name, kind in ACCOUNTS.items() if kind.may_be_negative)
        self.reference = ReferenceLedger(signed, NAMES)
        # Something to begin with: else most of what is tried would be refused.
        self.both_post("funds", [("world", "transit", 1500), ("world", "payable", 1500)])

    def new(self, pick: int) -> str:
        """A key that is new, but for one time in ten."""
        known = list(self.reference.done)
        return known[pick % len(known)] if pick >= 90 else f"transaction {len(known) + 1}"

    def old(self, pick: int, kind: str) -> str:
        """One under which something of the kind was done, but for one time in ten."""
        known = [key for key, done in self.reference.done.items() if done.kind == kind]
        if pick >= 90 or not known:
            known = ["never used", *self.reference.done]
        return known[pick % len(known)]

    @rule(pick=picks, moved=movements)
    def post(self, pick: int, moved: list[tuple[str, str, int]]) -> None:
        self.both_post(self.new(pick), moved)

    def both_post(self, key: str, moved: list[tuple[str, str, int]]) -> None:
        real = [
            Movement(self.accounts[source], self.accounts[target], Money(amount, USD))
            for source, target, amount in moved
        ]
        self.agree(
            lambda reference: reference.post(key, moved),
            lambda session: book.post(session, key, real, NOW),
        )

    @rule(pick=picks, name=names, amount=amounts)
    def hold(self, pick: int, name: str, amount: int) -> None:
        key, account, money = self.new(pick), self.accounts[name], Money(amount, USD)
        self.agree(
            lambda reference: reference.hold(key, name, amount),
            lambda session: book.hold(session, key, account, money, NOW),
        )

    @rule(hold_pick=picks, pick=picks, name=names)
    def post_hold(self, hold_pick: int, pick: int, name: str) -> None:
        hold_key, key = self.old(hold_pick, "hold"), self.new(pick)
        target = self.accounts[name]
        self.agree(
            lambda reference: reference.post_hold(hold_key, key, name),
            lambda session: book.post_hold(session, hold_key, key, target, NOW),
        )

    @rule(hold_pick=picks, pick=picks)
    def void_hold(self, hold_pick: int, pick: int) -> None:
        hold_key, key = self.old(hold_pick, "hold"), self.new(pick)
        self.agree(
            lambda reference: reference.void_hold(hold_key, key),
            lambda session: book.void_hold(session, hold_key, key, NOW),
        )

    @rule(pick=picks, of_pick=picks)
    def reverse(self, pick: int, of_pick: int) -> None:
        key, of_key = self.new(pick), self.old(of_pick, "posting")
        self.agree(
            lambda reference: reference.reverse(key, of_key),
            lambda session: book.reverse(session, key, of_key, NOW),
        )

    def agree(
        self,
        wanted: Callable[[ReferenceLedger], object],
        done: Callable[[BoundSession], object],
    ) -> None:
        """Both do it, or both refuse it, and for the same reason."""
        refusal = refused(lambda: wanted(self.reference))
        assert refused(lambda: self.books.do(done)) is refusal
        event(refusal.__name__ if refusal else "done")

    @invariant()
    def the_books_are_sound(self) -> None:
        assert self.books.violations() == []

    @invariant()
    def balances_are_those_of_the_reference(self) -> None:
        found = self.books.do(lambda session: session.exec(select(LedgerAccount)).all())
        balances = {row.id: (row.posted, row.held) for row in found}
        for name, account in self.accounts.items():
            wanted = self.reference.posted[name], self.reference.held[name]
            assert balances[account.id] == wanted, name


def refused(work: Callable[[], object]) -> type[Exception] | None:
    try:
        work()
    except (LedgerError, ValueError) as error:
        return type(error)
    return None


def test_the_ledger_agrees_with_a_few_lines_of_python(ledger_database: Database) -> None:
    on_database = type("MachineOnDatabase", (Machine,), {"database": ledger_database})
    often = settings(max_examples=20, stateful_step_count=30, deadline=None)
    run_state_machine_as_test(on_database, settings=often)
