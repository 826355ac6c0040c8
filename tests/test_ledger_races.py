"""Whoever moves the same money at the same time: it moves once."""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from sqlmodel import select

from ledger import book
from ledger.book import Movement
from ledger.errors import (
    AlreadyPostedError,
    AlreadyResolvedError,
    AlreadyReversedError,
    LedgerError,
    NotEnoughError,
)
from models.boundaries import BoundSession
from models.ledger_account import AccountKind, LedgerAccount
from models.money import Money
from tests.books import NOW, USD, Books, books, ledger_database

__all__ = ["books", "ledger_database"]

pytestmark = pytest.mark.long

AT_ONCE = 20
ROUNDS = range(5)
Outcome = type[Exception] | None


def raced(deeds: Sequence[Callable[[], object]]) -> Counter[Outcome]:
    """How often each came of it, when all of them begin at once; None is success."""
    together = Barrier(len(deeds))

    def run(deed: Callable[[], object]) -> Outcome:
        together.wait()
        try:
            deed()
        except LedgerError as error:
            return type(error)
        return None

    with ThreadPoolExecutor(len(deeds)) as pool:
        return Counter(pool.map(run, deeds))


def deed(books: Books, work: Callable[[BoundSession], object]) -> Callable[[], object]:
    return lambda: books.do(work)


@pytest.mark.parametrize("_", ROUNDS)
def test_of_many_who_hold_the_whole_balance_one_wins(books: Books, _: int) -> None:
    account, money = books.funded(AccountKind.CLEARING, "100.00"), Money.read("100.00", USD)

    def hold(number: int) -> Callable[[], object]:
        return deed(books, lambda s: book.hold(s, f"hold {number}", account, money, NOW))

    found = raced([hold(number) for number in range(AT_ONCE)])
    assert found == {None: 1, NotEnoughError: AT_ONCE - 1}
    assert books.balance(account) == ("0.00", "100.00")
    assert books.violations() == []


@pytest.mark.parametrize("_", ROUNDS)
def test_of_many_who_post_under_one_key_one_wins(books: Books, _: int) -> None:
    # Accounts of their own: no lock of theirs lets one wait for the other.
    accounts = [books.account(AccountKind.FEES, str(number)) for number in range(AT_ONCE)]
    others = [books.account(AccountKind.TRADING, str(number)) for number in range(AT_ONCE)]

    def post(source: LedgerAccount, target: LedgerAccount) -> Callable[[], object]:
        movement = Movement(source, target, Money.read("1.00", USD))
        return deed(books, lambda s: book.post(s, "deposit 1", [movement], NOW))

    found = raced([post(*pair) for pair in zip(others, accounts, strict=True)])
    assert found == {None: 1, AlreadyPostedError: AT_ONCE - 1}
    assert books.size()[1:] == (1, 2)
    assert books.violations() == []


@pytest.mark.parametrize("_", ROUNDS)
def test_a_hold_is_posted_or_voided_whoever_comes_first(books: Books, _: int) -> None:
    account, payable = (
        books.funded(AccountKind.CLEARING, "100.00"),
        books.account(AccountKind.PAYABLE),
    )
    books.hold("hold", account, "100.00")

    def post(key: str) -> Callable[[], object]:
        return deed(books, lambda s: book.post_hold(s, "hold", key, payable, NOW))

    def void(key: str) -> Callable[[], object]:
        return deed(books, lambda s: book.void_hold(s, "hold", key, NOW))

    ways = [post if number % 2 else void for number in range(AT_ONCE)]
    found = raced([way(f"end {number}") for number, way in enumerate(ways)])
    assert found == {None: 1, AlreadyResolvedError: AT_ONCE - 1}
    assert {books.balance(account)[0], books.balance(payable)[0]} == {"0.00", "100.00"}
    assert books.violations() == []


@pytest.mark.parametrize("_", ROUNDS)
def test_a_posting_is_reversed_once_whoever_comes_first(books: Books, _: int) -> None:
    account = books.funded(AccountKind.CLEARING, "100.00")
    of_key = f"funds of {account.id}"

    def reverse(number: int) -> Callable[[], object]:
        return deed(books, lambda s: book.reverse(s, f"back {number}", of_key, NOW))

    found = raced([reverse(number) for number in range(AT_ONCE)])
    assert found == {None: 1, AlreadyReversedError: AT_ONCE - 1}
    assert books.balance(account) == ("0.00", "0.00")
    assert books.violations() == []


@pytest.mark.parametrize("_", ROUNDS)
def test_an_account_is_made_once_whoever_asks_first(books: Books, _: int) -> None:
    def ask(session: BoundSession) -> None:
        book.account(session, AccountKind.TRADING, USD, "trading_account 1")

    assert raced([deed(books, ask)] * AT_ONCE) == {None: AT_ONCE}
    found = books.do(lambda session: session.exec(select(LedgerAccount.subject)).all())
    assert found == ["trading_account 1"]


def test_transfers_in_opposite_directions_lose_nothing(books: Books) -> None:
    run, moved = opposite_transfers(books)
    assert raced(run) == {None: len(run)}
    assert [books.balance(books.account(AccountKind.CLEARING, name)) for name in "ab"] == [
        (Money(100_000 + minor, USD).text, "0.00") for minor in (moved, -moved)
    ]
    assert books.violations() == []


@pytest.mark.parametrize("ledger_database", ["postgresql"], indirect=True)
def test_transfers_in_opposite_directions_never_have_to_begin_again(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Accounts are locked in one order; else the database would break off one of two."""
    monkeypatch.setattr("models.database._in_the_way", lambda _: False)
    run, _ = opposite_transfers(books)
    assert raced(run) == {None: len(run)}


def opposite_transfers(books: Books) -> tuple[list[Callable[[], object]], int]:
    """Half of them go from a to b, half from b to a; and what a has gained in the end."""
    accounts = [books.funded(AccountKind.CLEARING, "1000.00", name) for name in "ab"]

    def transfer(session: BoundSession, name: str, minor: int) -> None:
        source, target = accounts[:: 1 if minor % 2 else -1]
        book.post(session, name, [Movement(source, target, Money(minor, USD))], NOW)

    def often(minor: int) -> None:
        for time in range(10):
            books.do(partial(transfer, name=f"transfer {minor} {time}", minor=minor))

    amounts = range(1, 9)
    gained = 10 * sum(-minor if minor % 2 else minor for minor in amounts)
    return [partial(often, minor) for minor in amounts], gained
