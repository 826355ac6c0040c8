"""The database refuses what would spoil the books, whoever tries; and what has been spoilt with its
guards down is found.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from sqlalchemy import CheckConstraint, inspect, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from ledger.trigger_checks import triggers_guard_the_ledger
from ledger.verification import CHECKS, verify
from models import tables
from models.boundaries import Boundary, BoundSession
from models.database import Database
from models.ledger_account import AccountKind, LedgerAccount
from models.ledger_transaction import LedgerTransaction
from tests.books import Books, ledger_database

__all__ = ["ledger_database"]

LEDGER = ("ledger_account", "ledger_transaction", "ledger_entry")
OF = "tenant_id = :tenant"


@dataclass(frozen=True)
class Story:
    """Books with one of everything. By name: the ids of accounts and transactions, of the tenant
    and of another one.
    """

    books: Books
    ids: dict[str, int]

    def execute(self, session: BoundSession, statements: Sequence[str]) -> None:
        for statement in statements:
            bound = text(statement)
            used = {name: self.ids[name] for name in bound.compile().params}
            session.connection().execute(bound, used)


@pytest.fixture(scope="module")
def story(ledger_database: Database) -> Story:
    """Told once: whatever is done to it is undone."""
    books, other = (Books.opened(ledger_database) for _ in range(2))
    for each in (books, other):
        tell(each)
    ids = named(books) | {f"other_{name}": number for name, number in named(other).items()}
    return Story(books, ids)


def tell(books: Books) -> None:
    clearing, fees = books.funded(AccountKind.CLEARING, "100.00"), books.account(AccountKind.FEES)
    books.account(AccountKind.REBATES)
    books.hold("hold", clearing, "10.00")
    books.post_hold("hold", "posted", books.account(AccountKind.PAYABLE))
    books.hold("set_aside", clearing, "5.00")
    books.void_hold("set_aside", "voided")
    books.hold("open", clearing, "20.00")
    books.move("fee", clearing, fees, "3.00")
    books.reverse("fee_back", "fee")
    books.move("second_fee", clearing, fees, "1.00")


def named(books: Books) -> dict[str, int]:
    accounts = books.do(lambda s: {str(r.kind): r.id for r in s.exec(select(LedgerAccount))})
    done = books.do(lambda s: {r.key: r.id for r in s.exec(select(LedgerTransaction))})
    done["funds"] = done[f"funds of {accounts['clearing']}"]
    return accounts | done | {"tenant": books.boundary.tenant_id}


def copied(table: str, where: str, **changed: str) -> str:
    """A row like another one, but for what is changed."""
    columns = [column.name for column in tables.metadata().tables[table].columns]
    own = [name for name in columns if name != "id" or "id" in changed]
    values = ", ".join(changed.get(name, name) for name in own)
    return f"INSERT INTO {table} ({', '.join(own)}) SELECT {values} FROM {table} WHERE {where}"


def transaction(like: str, **changed: str) -> str:
    return copied("ledger_transaction", f"id = :{like}", **{"key": "'new'", **changed})


def entry(of: str, account: str, **changed: str) -> str:
    where = f"transaction_id = :{of} AND account_id = :{account}"
    return copied("ledger_entry", where, **changed)


# What is tried, and what refuses it: the words of SQLite, and those of PostgreSQL.
REFUSED = {
    "an entry is changed": (
        "UPDATE ledger_entry SET posted = posted + 1 WHERE transaction_id = :funds",
        "UPDATE of ledger_entry is refused",
    ),
    "an entry is deleted": (
        "DELETE FROM ledger_entry WHERE transaction_id = :funds",
        "DELETE of ledger_entry is refused",
    ),
    "a transaction is changed": (
        "UPDATE ledger_transaction SET key = 'x' WHERE id = :funds",
        "UPDATE of ledger_transaction is refused",
    ),
    "a transaction is deleted": (
        "DELETE FROM ledger_transaction WHERE id = :open",
        "DELETE of ledger_transaction is refused",
    ),
    "an account is deleted": (
        "DELETE FROM ledger_account WHERE id = :rebates",
        "DELETE of ledger_account is refused",
    ),
    "less than nothing is held": (
        "UPDATE ledger_account SET held = -1 WHERE id = :payments",
        "ck_ledger_account_held",
    ),
    "less than nothing is available": (
        "UPDATE ledger_account SET posted = held - 1 WHERE id = :clearing",
        "ck_ledger_account_available",
    ),
    "an account is there twice": (
        copied("ledger_account", "id = :payments"),
        "uq_ledger_account_tenant_id_kind_subject_currency|ledger_account.subject",
    ),
    "an account counts in what is no currency": (
        copied("ledger_account", "id = :payments", currency="'XXX'"),
        "fk_ledger_account_currency|FOREIGN KEY",
    ),
    "an entry changes nothing": (
        entry("funds", "clearing", posted="0"),
        "ck_ledger_entry_changes",
    ),
    "an entry is in another currency": (
        entry("funds", "clearing", currency="'EUR'"),
        "fk_ledger_entry_(transaction|account)_id|FOREIGN KEY",
    ),
    "an entry is of another tenant's transaction": (
        entry("funds", "clearing", transaction_id=":other_funds"),
        "fk_ledger_entry_transaction_id|FOREIGN KEY",
    ),
    "an entry is on another tenant's account": (
        entry("funds", "clearing", account_id=":other_clearing"),
        "fk_ledger_entry_account_id|FOREIGN KEY",
    ),
    "an entry is of no transaction": (
        entry("funds", "clearing", transaction_id="0"),
        "fk_ledger_entry_transaction_id|FOREIGN KEY",
    ),
    "a key is used twice": (
        transaction("funds", key="key"),
        "uq_ledger_transaction_tenant_id_key|ledger_transaction.key",
    ),
    "a key is empty": (transaction("funds", key="''"), "ck_ledger_transaction_key"),
    "a hold is resolved twice": (
        transaction("voided"),
        "uq_ledger_transaction_resolves_id|ledger_transaction.resolves_id",
    ),
    "a posting is reversed twice": (
        transaction("fee_back"),
        "uq_ledger_transaction_reverses_id|ledger_transaction.reverses_id",
    ),
    "another tenant's hold is resolved": (
        transaction("voided", resolves_id=":other_open"),
        "fk_ledger_transaction_resolves_id|FOREIGN KEY",
    ),
    "another tenant's posting is reversed": (
        transaction("fee_back", reverses_id=":other_second_fee"),
        "fk_ledger_transaction_reverses_id|FOREIGN KEY",
    ),
    "a hold in another currency is resolved": (
        transaction("voided", resolves_id=":open", currency="'EUR'"),
        "fk_ledger_transaction_resolves_id|FOREIGN KEY",
    ),
    "a posting resolves a hold": (
        transaction("funds", resolves_id=":open"),
        "ck_ledger_transaction_resolves",
    ),
    "a voided hold resolves none": (
        transaction("voided", resolves_id="NULL"),
        "ck_ledger_transaction_resolves",
    ),
    "a posting reverses another": (
        transaction("funds", reverses_id=":second_fee"),
        "ck_ledger_transaction_reverses",
    ),
    "a reversal reverses nothing": (
        transaction("fee_back", reverses_id="NULL"),
        "ck_ledger_transaction_reverses",
    ),
}
REPLACED = {
    table: copied(table, OF, id="id").replace("INSERT", "INSERT OR REPLACE", 1) for table in LEDGER
}
HALVES = {
    "an entry": (entry("funds", "clearing", posted="1.5"), "ck_ledger_entry_whole"),
    "a held entry": (entry("open", "clearing", held="1.5"), "ck_ledger_entry_whole"),
    "a balance": (
        "UPDATE ledger_account SET posted = 0.5 WHERE id = :payments",
        "ck_ledger_account_whole",
    ),
    "what is held": (
        "UPDATE ledger_account SET held = 0.5 WHERE id = :payments",
        "ck_ledger_account_whole",
    ),
    "a word": (
        "UPDATE ledger_account SET posted = 'much' WHERE id = :payments",
        "ck_ledger_account_whole",
    ),
}


def is_refused(story: Story, statement: str, why: str) -> None:
    with pytest.raises(IntegrityError, match=why):
        story.books.do(lambda session: story.execute(session, [statement]))
    assert story.books.violations() == []


@pytest.mark.parametrize("tried", REFUSED)
def test_the_database_refuses_that(story: Story, tried: str) -> None:
    is_refused(story, *REFUSED[tried])


ON_POSTGRESQL = pytest.mark.parametrize("ledger_database", ["postgresql"], indirect=True)
ON_SQLITE = pytest.mark.parametrize("ledger_database", ["sqlite"], indirect=True)


@ON_POSTGRESQL
@pytest.mark.parametrize("table", LEDGER)
def test_postgresql_truncates_nothing(story: Story, table: str) -> None:
    is_refused(story, f"TRUNCATE {table} CASCADE", f"TRUNCATE of {table} is refused")


@ON_SQLITE
@pytest.mark.parametrize("table", LEDGER)
def test_sqlite_replaces_nothing(story: Story, table: str) -> None:
    is_refused(story, REPLACED[table], f"REPLACE of {table} is refused")


@ON_SQLITE
@pytest.mark.parametrize("tried", HALVES)
def test_sqlite_keeps_whole_numbers_only(story: Story, tried: str) -> None:
    """PostgreSQL has types for that."""
    is_refused(story, *HALVES[tried])


@pytest.mark.parametrize("table", LEDGER)
def test_the_code_knows_every_check_of_the_database(ledger_database: Database, table: str) -> None:
    """Whoever compares their forms looks at columns, keys and indexes only."""
    found = inspect(ledger_database.engine).get_check_constraints(table)
    known = tables.metadata().tables[table].constraints
    names = {check.name for check in known if isinstance(check, CheckConstraint)}
    assert {check["name"] for check in found} == names
    assert names


class _Undo(Exception):
    """Nothing of it is kept."""


def found_after(
    story: Story, statements: Sequence[str], boundary: Boundary | None, *, unguarded: bool
) -> list[str]:
    """What is wrong by then."""
    found = list[str]()

    def spoil(session: BoundSession) -> None:
        checks = [check for check in CHECKS if check is not triggers_guard_the_ledger]
        story.execute(session, [*(_unguard() if unguarded else ()), *statements])
        found.extend(verify(session, checks if unguarded else CHECKS))
        raise _Undo

    with pytest.raises(_Undo):
        story.books.database.write(boundary, spoil)
    return sorted(found)


def _unguard() -> list[str]:
    """Tables with the same rows, in which anything may be written."""
    return [
        statement
        for table in LEDGER
        for statement in (
            f"ALTER TABLE {table} RENAME TO guarded_{table}",
            f"CREATE TABLE {table} AS SELECT * FROM guarded_{table}",
        )
    ]


def balance(account: str, posted: int = 0, held: int = 0) -> str:
    """It follows what was slipped in, or does not."""
    change = f"posted = posted + ({posted}), held = held + ({held})"
    return f"UPDATE ledger_account SET {change} WHERE id = :{account}"


def changed(of: str, account: str, change: str) -> str:
    where = f"transaction_id = :{of} AND account_id = :{account}"
    return f"UPDATE ledger_entry SET {change} WHERE {where}"


SLIPPED_IN = "9000001"
SPOILT = {
    "an entry": (
        [changed("funds", "clearing", "posted = posted + 1")],
        [
            "account {clearing} has 8900 posted where its entries sum to 8901, and 2000 held where"
            " to 2000",
            "the entries of tenant {tenant} in USD sum to 1",
            "transaction {funds} sums to 1",
        ],
    ),
    "a posted balance": (
        [balance("payments", 1)],
        [
            "account {payments} has -9999 posted where its entries sum to -10000, and 0 held where"
            " to 0"
        ],
    ),
    "a held balance": (
        [balance("clearing", 0, -1)],
        [
            "account {clearing} has 8900 posted where its entries sum to 8900, and 1999 held where"
            " to 2000"
        ],
    ),
    "the balance of an account without entries": (
        [balance("rebates", 1)],
        ["account {rebates} has 1 posted where its entries sum to 0, and 0 held where to 0"],
    ),
    "more than there was": (
        [
            changed("second_fee", "clearing", "posted = posted - 9000"),
            changed("second_fee", "fees", "posted = posted + 9000"),
            balance("clearing", -9000),
            balance("fees", 9000),
        ],
        ["account {clearing} has -100 posted and 2000 held"],
    ),
    "less than nothing held": (
        [
            entry("voided", "clearing", account_id=":fees", held="-7", id=SLIPPED_IN),
            balance("fees", 0, -7),
        ],
        [
            "account {fees} has 100 posted and -7 held",
            "transaction {voided} does more than to resolve a hold",
            "transaction {voided} does not match the hold that it resolves",
        ],
    ),
    "a guard": (
        ["UPDATE ledger_account SET may_be_negative = true WHERE id = :clearing"],
        ["account {clearing} is not guarded as clearing must be"],
    ),
    "a guard where there is none": (
        ["UPDATE ledger_account SET may_be_negative = false WHERE id = :payments"],
        ["account {payments} is not guarded as payments must be"],
    ),
    "the places of an account": (
        ["UPDATE ledger_account SET places = 3 WHERE id = :fees"],
        ["account {fees} counts USD in 3 places, others in 2"],
    ),
    "a transaction without entries": (
        [transaction("funds", id=SLIPPED_IN)],
        [f"transaction {SLIPPED_IN} has no entries"],
    ),
    "the currency of a transaction": (
        ["UPDATE ledger_transaction SET currency = 'EUR' WHERE id = :open"],
        ["entry {open_entry} is of another tenant or currency than its transaction or account"],
    ),
    "the currency of an entry": (
        [changed("open", "clearing", "currency = 'EUR'")],
        ["entry {open_entry} is of another tenant or currency than its transaction or account"],
    ),
    "a hold of two amounts": (
        [
            changed("open", "clearing", "held = held - 1"),
            entry("open", "clearing", held="1", id=SLIPPED_IN),
        ],
        ["transaction {open} holds what no hold does"],
    ),
    "a posting that holds": (
        [changed("funds", "clearing", "held = 5"), balance("clearing", 0, 5)],
        ["transaction {funds} holds what no posting does"],
    ),
    "the hold that was voided": (
        ["UPDATE ledger_transaction SET resolves_id = :open WHERE id = :voided"],
        ["transaction {voided} does not match the hold that it resolves"],
    ),
    "a hold that is none": (
        ["UPDATE ledger_transaction SET resolves_id = :funds WHERE id = :voided"],
        ["transaction {voided} does not match the hold that it resolves"],
    ),
    "the account on which a hold was voided": (
        [
            changed("voided", "clearing", "account_id = :payable"),
            balance("clearing", 0, 500),
            balance("payable", 0, -500),
        ],
        [
            "account {payable} has 1000 posted and -500 held",
            "transaction {voided} does not match the hold that it resolves",
        ],
    ),
    "a hold that was posted and not moved": (
        [
            changed("posted", "clearing", "posted = 0"),
            changed("posted", "payable", "posted = 0"),
            balance("clearing", 1000),
            balance("payable", -1000),
        ],
        ["transaction {posted} does not match the hold that it resolves"],
    ),
    "a voided hold that moves": (
        [
            entry("funds", "payments", transaction_id=":voided", id=SLIPPED_IN),
            entry("funds", "clearing", transaction_id=":voided", id=f"{SLIPPED_IN} + 1"),
            balance("payments", -10000),
            balance("clearing", 10000),
        ],
        ["transaction {voided} does more than to resolve a hold"],
    ),
    "a hold that is voided twice": (
        [
            transaction("voided", id=SLIPPED_IN),
            entry("voided", "clearing", transaction_id=SLIPPED_IN, id=SLIPPED_IN),
            balance("clearing", 0, -500),
        ],
        ["transaction {set_aside} is resolved 2 times"],
    ),
    "a posting that is reversed twice": (
        [
            transaction("fee_back", id=SLIPPED_IN),
            entry("fee_back", "clearing", transaction_id=SLIPPED_IN, id=SLIPPED_IN),
            entry("fee_back", "fees", transaction_id=SLIPPED_IN, id=f"{SLIPPED_IN} + 1"),
            balance("clearing", 300),
            balance("fees", -300),
        ],
        ["account {fees} has -200 posted and 0 held", "transaction {fee} is reversed 2 times"],
    ),
    "a reversal of a resolution": (
        ["UPDATE ledger_transaction SET reverses_id = :voided WHERE id = :fee_back"],
        [
            "transaction {fee_back} is not the opposite of what it reverses",
            "transaction {fee_back} reverses what is no posting",
        ],
    ),
    "a reversal of more": (
        [
            changed("fee_back", "clearing", "posted = posted + 1"),
            changed("fee_back", "fees", "posted = posted - 1"),
            balance("clearing", 1),
            balance("fees", -1),
        ],
        ["transaction {fee_back} is not the opposite of what it reverses"],
    ),
    "a reversal elsewhere": (
        [
            changed("fee_back", "fees", "account_id = :payable"),
            balance("fees", 300),
            balance("payable", -300),
        ],
        ["transaction {fee_back} is not the opposite of what it reverses"],
    ),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_what_was_spoilt_is_found_and_nothing_else(story: Story, spoilt: str) -> None:
    statements, sentences = SPOILT[spoilt]
    numbers = {**story.ids, "open_entry": entry_of(story, "open")}
    wanted = sorted(sentence.format(**numbers) for sentence in sentences)
    boundary = story.books.boundary
    assert found_after(story, statements, boundary, unguarded=True) == wanted
    assert found_after(story, statements, None, unguarded=True) == wanted
    other = Boundary(story.ids["other_tenant"])
    assert found_after(story, statements, other, unguarded=True) == []


def entry_of(story: Story, key: str) -> int:
    found = text("SELECT id FROM ledger_entry WHERE transaction_id = :number")
    number = {"number": story.ids[key]}
    return int(story.books.do(lambda s: s.connection().execute(found, number).scalar_one()))


def test_an_entry_among_another_tenant_s_is_found(story: Story) -> None:
    moved = "UPDATE ledger_entry SET tenant_id = :other_tenant WHERE transaction_id = :open"
    number = entry_of(story, "open")
    sentence = "is of another tenant or currency than its transaction or account"
    assert found_after(story, [moved], None, unguarded=True) == [f"entry {number} {sentence}"]
    for name in ("tenant", "other_tenant"):
        assert found_after(story, [moved], Boundary(story.ids[name]), unguarded=True)


TRIGGERS = [
    *(("ledger_account", "delete"), ("ledger_transaction", "update"), ("ledger_entry", "update")),
    *(("ledger_transaction", "delete"), ("ledger_entry", "delete")),
]
OWN = {"postgresql": "truncate", "sqlite": "replace"}


def triggers(story: Story) -> list[tuple[str, str]]:
    own = OWN[story.books.database.url.get_backend_name()]
    return [*TRIGGERS, *((table, own) for table in LEDGER)]


def test_a_trigger_that_is_not_there_is_found(story: Story) -> None:
    on_table = story.books.database.url.get_backend_name() == "postgresql"
    for table, verb in triggers(story):
        dropped = f"DROP TRIGGER {table}_refuses_{verb}" + (f" ON {table}" if on_table else "")
        found = found_after(story, [dropped], story.books.boundary, unguarded=False)
        assert found == [f"the database does not refuse to {verb} in {table}"]


@ON_POSTGRESQL
def test_a_trigger_that_is_switched_off_is_found(story: Story) -> None:
    for table, verb in triggers(story):
        off = f"ALTER TABLE {table} DISABLE TRIGGER {table}_refuses_{verb}"
        found = found_after(story, [off], story.books.boundary, unguarded=False)
        assert found == [f"the database does not refuse to {verb} in {table}"]


@ON_POSTGRESQL
def test_a_trigger_that_does_nothing_is_found(story: Story) -> None:
    tame = (
        "CREATE OR REPLACE FUNCTION refuse_to_rewrite() RETURNS trigger"
        " LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"
    )
    found = found_after(story, [tame], story.books.boundary, unguarded=False)
    assert len(found) == len(triggers(story))
