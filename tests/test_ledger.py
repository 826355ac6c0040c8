"""How money moves."""

from collections.abc import Iterator
from functools import partial

import pytest

from ledger import book
from ledger.book import Movement
from ledger.errors import (
    AlreadyPostedError,
    AlreadyResolvedError,
    AlreadyReversedError,
    NotEnoughError,
    NotReversibleError,
    TooMuchError,
    UnknownTransactionError,
)
from models.boundaries import BoundSession, ForeignRowError
from models.database import Database
from models.ledger_account import AccountKind, LedgerAccount
from models.money import Denomination, Money
from tests.books import NOW, USD, Books, books, ledger_database

__all__ = ["books", "ledger_database"]

PAYMENTS, TRADING, CLEARING = AccountKind.PAYMENTS, AccountKind.TRADING, AccountKind.CLEARING
PAYABLE, FEES = AccountKind.PAYABLE, AccountKind.FEES


@pytest.fixture(autouse=True)
def sound(books: Books) -> Iterator[None]:
    """Whatever a story does, the books are sound at its end."""
    yield
    assert books.violations() == []


def test_what_leaves_one_account_arrives_on_another(books: Books) -> None:
    world, transit = books.account(PAYMENTS), books.account(CLEARING)
    books.move("deposit 1", world, transit, "100.50")
    assert books.balance(world) == ("-100.50", "0.00")
    assert books.balance(transit) == ("100.50", "0.00")
    assert books.entries("deposit 1") == [(world.id, -10050, 0), (transit.id, 10050, 0)]


def test_several_movements_are_one_transaction(books: Books) -> None:
    world, transit = books.account(PAYMENTS), books.account(CLEARING)
    client, fees = books.account(TRADING, "trading_account 1"), books.account(FEES)
    amounts = (
        (transit, client, "97.00"),
        (transit, fees, "3.00"),
        (world, transit, "100.00"),  # what counts is what is left in the end
    )
    movements = [
        Movement(source, target, Money.read(text, USD)) for source, target, text in amounts
    ]
    books.post("deposit 1", movements)
    found = [books.balance(each)[0] for each in (world, transit, client, fees)]
    assert found == ["-100.00", "0.00", "97.00", "3.00"]
    assert books.size() == (4, 1, 6)


@pytest.mark.parametrize("kind", AccountKind)
def test_only_what_is_not_ours_may_be_negative(books: Books, kind: AccountKind) -> None:
    account, other = books.account(kind, "one"), books.account(TRADING, "other")
    if kind in (PAYMENTS, TRADING, AccountKind.PLAY_MONEY, AccountKind.ROUNDING):
        books.move("out", account, other, "0.01")
        assert books.balance(account) == ("-0.01", "0.00")
    else:
        with pytest.raises(NotEnoughError):
            books.move("out", account, other, "0.01")


def test_who_is_refused_has_written_nothing_even_if_he_goes_on(books: Books) -> None:
    transit, client = books.funded(CLEARING, "10.00"), books.account(TRADING)
    movement = Movement(transit, client, Money.read("10.01", USD))

    def go_on(session: BoundSession) -> None:
        with pytest.raises(NotEnoughError, match="clearing"):
            book.post(session, "too much", [movement], NOW)

    before = books.size()
    books.do(go_on)
    assert (books.size(), books.balance(transit)) == (before, ("10.00", "0.00"))


def test_what_is_held_is_no_longer_available(books: Books) -> None:
    account = books.funded(CLEARING, "100.00")
    books.hold("hold 1", account, "60.00")
    assert books.balance(account) == ("40.00", "60.00")
    assert books.entries("hold 1") == [(account.id, 0, 6000)]
    with pytest.raises(NotEnoughError):
        books.hold("hold 2", account, "40.01")
    with pytest.raises(NotEnoughError):
        books.move("out", account, books.account(PAYMENTS), "40.01")
    books.hold("hold 2", account, "40.00")
    assert books.balance(account) == ("0.00", "100.00")


def test_a_hold_that_is_posted_moves_what_was_set_aside(books: Books) -> None:
    account, payable = books.funded(CLEARING, "100.00"), books.account(PAYABLE)
    books.hold("withdrawal 1", account, "60.00")
    books.post_hold("withdrawal 1", "withdrawal 1 approved", payable)
    assert books.balance(account) == ("40.00", "0.00")
    assert books.balance(payable) == ("60.00", "0.00")
    assert books.entries("withdrawal 1 approved") == [
        (account.id, -6000, -6000),
        (payable.id, 6000, 0),
    ]


def test_a_hold_that_is_voided_gives_back_what_was_set_aside(books: Books) -> None:
    account = books.funded(CLEARING, "100.00")
    books.hold("withdrawal 1", account, "60.00")
    books.void_hold("withdrawal 1", "withdrawal 1 rejected")
    assert books.balance(account) == ("100.00", "0.00")
    assert books.entries("withdrawal 1 rejected") == [(account.id, 0, -6000)]


@pytest.mark.parametrize("first", ["post", "void"])
@pytest.mark.parametrize("second", ["post", "void"])
def test_a_hold_is_resolved_once(books: Books, first: str, second: str) -> None:
    account, payable = books.funded(CLEARING, "100.00"), books.account(PAYABLE)
    books.hold("withdrawal 1", account, "60.00")

    def resolve(how: str, key: str) -> None:
        if how == "post":
            books.post_hold("withdrawal 1", key, payable)
        else:
            books.void_hold("withdrawal 1", key)

    resolve(first, "once")
    with pytest.raises(AlreadyResolvedError, match="once"):
        resolve(second, "twice")
    with pytest.raises(AlreadyPostedError, match="once"):
        resolve(second, "once")


def test_a_hold_on_a_trading_account_does_not_ask_what_the_server_knows_better(
    books: Books,
) -> None:
    account = books.account(TRADING, "trading_account 1")
    books.hold("withdrawal 1", account, "60.00")
    assert books.balance(account) == ("-60.00", "60.00")
    books.post_hold("withdrawal 1", "withdrawal 1 approved", books.account(PAYABLE))
    assert books.balance(account) == ("-60.00", "0.00")


def test_one_key_is_one_transaction(books: Books) -> None:
    transit, client = books.funded(CLEARING, "10.00"), books.account(TRADING)
    books.move("deposit 1", transit, client, "10.00")
    with pytest.raises(AlreadyPostedError, match="deposit 1"):  # though nothing is left to move
        books.move("deposit 1", transit, client, "10.00")
    with pytest.raises(AlreadyPostedError):
        books.hold("deposit 1", client, "1.00")
    with pytest.raises(AlreadyPostedError):
        books.reverse("deposit 1", "deposit 1")


def test_each_tenant_has_keys_and_accounts_of_its_own(
    books: Books, ledger_database: Database
) -> None:
    other = Books.opened(ledger_database)
    for each in (books, other):
        each.move("deposit 1", each.account(PAYMENTS), each.account(CLEARING), "10.00")
    assert books.balance(books.account(CLEARING)) == ("10.00", "0.00")
    assert books.size() == other.size() == (2, 1, 2)
    with pytest.raises(ForeignRowError):
        books.move("theft", other.account(CLEARING), books.account(CLEARING), "10.00")
    with pytest.raises(ForeignRowError):
        books.hold("theft", other.account(CLEARING), "10.00")


def test_money_moves_within_a_tenant_only(books: Books) -> None:
    movement = Movement(books.account(PAYMENTS), books.account(CLEARING), Money.read("1", USD))
    with pytest.raises(ForeignRowError):
        books.database.write(None, lambda s: book.post(s, "x", [movement], NOW))


def test_a_reversal_is_the_exact_opposite(books: Books) -> None:
    world, transit, fees = (books.account(kind) for kind in (PAYMENTS, CLEARING, FEES))
    money = partial(Money.read, unit=USD)
    movements = [Movement(world, transit, money("10.00")), Movement(world, fees, money("0.30"))]
    books.post("deposit 1", movements)
    reversal = books.reverse("deposit 1 back", "deposit 1")
    assert reversal.reverses_id is not None
    opposite = [(account, -posted, held) for account, posted, held in books.entries("deposit 1")]
    assert books.entries("deposit 1 back") == opposite
    assert {books.balance(each) for each in (world, transit, fees)} == {("0.00", "0.00")}


def test_a_posting_is_reversed_once(books: Books) -> None:
    books.move("deposit 1", books.account(PAYMENTS), books.account(TRADING), "10.00")
    books.reverse("deposit 1 back", "deposit 1")
    with pytest.raises(AlreadyReversedError, match="deposit 1 back"):
        books.reverse("deposit 1 back again", "deposit 1")


def test_nothing_but_a_posting_is_reversed(books: Books) -> None:
    account = books.funded(CLEARING, "100.00")
    for key in ("hold 1", "hold 2"):
        books.hold(key, account, "1.00")
    books.post_hold("hold 1", "posted", books.account(PAYABLE))
    books.void_hold("hold 2", "voided")
    for key in ("hold 1", "posted", "voided"):
        with pytest.raises(NotReversibleError, match=key):
            books.reverse("reversal", key)
    books.move("fee", account, books.account(FEES), "1.00")
    books.reverse("fee back", "fee")
    with pytest.raises(NotReversibleError):
        books.reverse("fee again", "fee back")


def test_what_has_been_spent_cannot_be_taken_back(books: Books) -> None:
    transit = books.funded(CLEARING, "10.00")
    books.move("on", transit, books.account(TRADING), "0.01")
    with pytest.raises(NotEnoughError):
        books.reverse("back", f"funds of {transit.id}")


def test_a_hold_that_is_none_is_unknown(books: Books, ledger_database: Database) -> None:
    other = Books.opened(ledger_database)
    other.hold("theirs", other.funded(CLEARING, "1.00"), "1.00")
    books.move("no hold", books.account(PAYMENTS), books.account(CLEARING), "1.00")
    for key in ("never", "theirs", "no hold"):
        with pytest.raises(UnknownTransactionError, match=key):
            books.void_hold(key, "void")
        with pytest.raises(UnknownTransactionError, match=key):
            books.post_hold(key, "post", books.account(PAYABLE))
    for key in ("never", "theirs"):
        with pytest.raises(UnknownTransactionError, match=key):
            books.reverse("back", key)


@pytest.mark.parametrize("amount", ["0.00", "-0.01"])
def test_an_amount_is_above_zero(books: Books, amount: str) -> None:
    account = books.funded(CLEARING, "10.00")
    with pytest.raises(ValueError, match="above zero"):
        books.move("x", account, books.account(PAYABLE), amount)
    with pytest.raises(ValueError, match="above zero"):
        books.hold("x", account, amount)


def test_currencies_do_not_mix(books: Books) -> None:
    dollars = books.funded(CLEARING, "10.00")
    yen = books.account(CLEARING, unit=Denomination("JPY", 0))
    assert yen.id != dollars.id
    with pytest.raises(ValueError, match="one denomination"):
        books.move("x", dollars, yen, "1.00")
    with pytest.raises(ValueError, match="JPY"):
        books.hold("x", yen, "1.00")
    books.hold("hold", dollars, "1.00")
    with pytest.raises(ValueError, match="one denomination"):
        books.post_hold("hold", "x", yen)


def test_an_account_is_not_its_own_target(books: Books) -> None:
    account = books.funded(CLEARING, "10.00")
    with pytest.raises(ValueError, match="own target"):
        books.move("x", account, account, "1.00")
    books.hold("hold", account, "1.00")
    with pytest.raises(ValueError, match="own target"):
        books.post_hold("hold", "x", account)


def test_a_posting_moves_something(books: Books) -> None:
    with pytest.raises(ValueError, match="one denomination"):
        books.post("nothing", [])


def test_an_account_keeps_the_places_that_it_was_made_with(books: Books) -> None:
    books.account(CLEARING)
    with pytest.raises(ValueError, match="USD"):
        books.account(CLEARING, unit=Denomination("USD", 3))


def test_an_account_is_made_once(books: Books) -> None:
    one, same = (
        books.account(TRADING, "trading_account 1"),
        books.account(TRADING, "trading_account 1"),
    )
    other = books.account(TRADING, "trading_account 2")
    assert (one.id, books.size()) == (same.id, (2, 0, 0))
    assert other.id != one.id


def test_more_than_can_be_counted_is_refused(books: Books) -> None:
    world, client = books.account(PAYMENTS), books.account(TRADING)
    nine = [Movement(world, client, Money(10**18, USD))] * 9
    books.post("nine", nine)
    for once_more in (lambda: books.post("more", nine[:1]), lambda: hold_all(books, world)):
        with pytest.raises(TooMuchError):
            once_more()


def hold_all(books: Books, account: LedgerAccount) -> None:
    books.do(lambda s: book.hold(s, "hold", account, Money(10**18, USD), NOW))
