"""A tenant's books as tests keep them: on both databases, with a new tenant for each test."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import TypeVar

import pytest
from sqlmodel import col, select

from ledger import book
from ledger.verification import CHECKS, size, verify
from models.boundaries import Boundary, BoundSession
from models.database import Database
from models.ledger_account import AccountKind, LedgerAccount
from models.ledger_transaction import LedgerEntry, LedgerTransaction
from models.money import Denomination, Money
from models.tenant import Tenant
from tests.server import DATABASES, database_url
from wlink.preparing import prepare

Result = TypeVar("Result")

USD = Denomination("USD", 2)
NOW = datetime(2026, 1, 15, 9, tzinfo=UTC)
_NUMBERS = count(1)


@dataclass(frozen=True)
class Books:
    """Each call is a transaction."""

    database: Database
    boundary: Boundary

    @classmethod
    def opened(cls, database: Database) -> "Books":
        """Those of a new tenant."""
        code = f"books{next(_NUMBERS)}"

        def open_tenant(session: BoundSession) -> int:
            tenant = Tenant(code=code, name=code, default_language="en", timezone="UTC")
            session.add(tenant)
            session.flush()
            return tenant.id

        return cls(database, Boundary(database.write(None, open_tenant)))

    def do(self, work: Callable[[BoundSession], Result]) -> Result:
        return self.database.write(self.boundary, work)

    def account(
        self, kind: AccountKind, subject: str = "", unit: Denomination = USD
    ) -> LedgerAccount:
        return self.do(lambda session: book.account(session, kind, unit, subject))

    def funded(self, kind: AccountKind, amount: str, subject: str = "") -> LedgerAccount:
        """An account that so much has come to from outside."""
        account = self.account(kind, subject)
        self.move(f"funds of {account.id}", self.account(AccountKind.PAYMENTS), account, amount)
        return account

    def move(
        self, key: str, source: LedgerAccount, target: LedgerAccount, amount: str
    ) -> LedgerTransaction:
        return self.post(key, [book.Movement(source, target, Money.reported(amount, USD))])

    def post(self, key: str, movements: Sequence[book.Movement]) -> LedgerTransaction:
        return self.do(lambda session: book.post(session, key, movements, NOW))

    def hold(self, key: str, account: LedgerAccount, amount: str) -> LedgerTransaction:
        money = Money.reported(amount, USD)
        return self.do(lambda session: book.hold(session, key, account, money, NOW))

    def post_hold(self, hold_key: str, key: str, target: LedgerAccount) -> LedgerTransaction:
        return self.do(lambda session: book.post_hold(session, hold_key, key, target, NOW))

    def void_hold(self, hold_key: str, key: str) -> LedgerTransaction:
        return self.do(lambda session: book.void_hold(session, hold_key, key, NOW))

    def reverse(self, key: str, of_key: str) -> LedgerTransaction:
        return self.do(lambda session: book.reverse(session, key, of_key, NOW))

    def balance(self, account: LedgerAccount) -> tuple[str, str]:
        """What is available, and what is held."""
        found = select(LedgerAccount).where(LedgerAccount.id == account.id)
        row = self.do(lambda session: session.exec(found).one())
        return book.available(row).text, Money(row.held, row.unit).text

    def entries(self, key: str) -> list[tuple[int, int, int]]:
        """Account, posted and held of each entry of a transaction, in the order of writing."""
        found = (
            select(LedgerEntry)
            .join(LedgerTransaction, col(LedgerTransaction.id) == LedgerEntry.transaction_id)
            .where(LedgerTransaction.key == key)
            .order_by(col(LedgerEntry.id))
        )
        rows = self.do(lambda session: session.exec(found).all())
        return [(row.account_id, row.posted, row.held) for row in rows]

    def size(self) -> tuple[int, int, int]:
        """How many accounts, transactions and entries there are."""
        return self.do(size)

    def violations(self) -> list[str]:
        return self.do(lambda session: list(verify(session, CHECKS)))


@pytest.fixture(scope="module", params=DATABASES)
def ledger_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """One that is up to date."""
    with database_url(request.param, tmp_path_factory.mktemp("ledger")) as url:
        database = Database(url)
        prepare(database)
        yield database
        database.close()


@pytest.fixture
def books(ledger_database: Database) -> Books:
    """Nobody else's."""
    return Books.opened(ledger_database)
