"""The ledger at the console."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from models.ledger_account import AccountKind
from tests.books import Books
from tests.console import Console, console
from tests.own_server import server

__all__ = ["console", "server"]


@pytest.fixture
def books(console: Console) -> Books:
    """Those of the console's broker, after a deposit of which some is held."""
    broker = console.broker
    kept = Books(broker.server.services.database, broker.boundary)
    client = kept.funded(AccountKind.TRADING, "1234.50", "trading_account 7")
    kept.hold("withdrawal 1", client, "34.00")
    kept.account(AccountKind.FEES)
    return kept


def test_balances_are_a_line_each(console: Console, books: Books) -> None:
    told = console("ledger", "balances", "--tenant", console.tenant)
    assert (told.code, told.output.splitlines()) == (
        0,
        [
            "fees  0.00 USD available, 0.00 held",
            "payments  -1234.50 USD available, 0.00 held",
            "trading  trading_account 7  1200.50 USD available, 34.00 held",
        ],
    )


def test_sound_books_are_called_sound(console: Console, books: Books) -> None:
    told = console("ledger", "verify", "--tenant", console.tenant)
    assert told == (0, "3 accounts, 2 transactions, 3 entries: sound\n", "")
    assert console("ledger", "verify").code == 0


def test_books_that_are_not_sound_are_told_with_exit_code_1(console: Console, books: Books) -> None:
    number = books.account(AccountKind.FEES).id
    fault = f"account {number} has 1 posted where its entries sum to 0, and 0 held where to 0\n"
    with spoilt(books, number):
        told = console("ledger", "verify", "--tenant", console.tenant)
        everywhere = console("ledger", "verify")
        other = console.broker.server.broker().number
        assert console("ledger", "verify", "--tenant", f"t{other}").code == 0
    summary = "3 accounts, 2 transactions, 3 entries: 1 violation\n"
    assert told == (1, fault + summary, "")
    assert (everywhere.code, everywhere.output.startswith(fault)) == (1, True)


@contextmanager
def spoilt(books: Books, number: int) -> Iterator[None]:
    """Meanwhile a balance is another one than its entries say."""
    change = text("UPDATE ledger_account SET posted = :posted WHERE id = :number")

    def put(posted: int) -> None:
        bound = {"posted": posted, "number": number}
        books.do(lambda session: session.connection().execute(change, bound))

    put(1)
    yield
    put(0)


def test_a_broker_that_nobody_knows_is_refused_in_one_line(console: Console) -> None:
    for command in ("verify", "balances"):
        told = console("ledger", command, "--tenant", "nobody")
        assert (told.code, told.output, told.fault.count("\n")) == (2, "", 1)
