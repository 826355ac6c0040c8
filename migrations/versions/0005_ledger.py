"""The ledger: accounts, transactions, entries, and what keeps them from being rewritten."""

import sqlalchemy as sa
from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Integer,
    String,
    UniqueConstraint,
)

from migrations.refusals import drop_function, make_function, refuse
from migrations.tables import CODE, MOMENT, NUMBER, WORD, column, drop, in_tenant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = "ledger_account ledger_transaction ledger_entry"
WHOLE = "posted = CAST(posted AS BIGINT) AND held = CAST(held AS BIGINT)"


def upgrade() -> None:
    """Makes the tables, and the triggers that refuse to change what was written."""
    _accounts()
    _transactions()
    _entries()
    make_function()
    # Balances of accounts change; nothing else does.
    refuse("ledger_account", "DELETE")
    refuse("ledger_transaction", "UPDATE", "DELETE")
    refuse("ledger_entry", "UPDATE", "DELETE")


def downgrade() -> None:
    """Drops them; the triggers go with their tables."""
    drop(TABLES)
    drop_function()


def _accounts() -> None:
    in_tenant(
        "ledger_account",
        column("kind", WORD),
        column("subject", String(64)),
        Column("currency", CODE, sa.ForeignKey("currency.code"), nullable=False),
        column("places", Integer()),
        column("posted", NUMBER),
        column("held", NUMBER),
        column("may_be_negative", Boolean()),
        UniqueConstraint("tenant_id", "kind", "subject", "currency"),
        UniqueConstraint("id", "tenant_id", "currency"),
        CheckConstraint("held >= 0", "ck_ledger_account_held"),
        CheckConstraint("may_be_negative OR posted - held >= 0", "ck_ledger_account_available"),
        CheckConstraint(WHOLE, "ck_ledger_account_whole"),
    )


def _transactions() -> None:
    in_tenant(
        "ledger_transaction",
        column("key", String(64)),
        column("kind", WORD),
        column("currency", CODE),
        Column("resolves_id", NUMBER),
        Column("reverses_id", NUMBER),
        column("at", MOMENT),
        UniqueConstraint("tenant_id", "key"),
        UniqueConstraint("id", "tenant_id", "currency"),
        UniqueConstraint("resolves_id"),
        UniqueConstraint("reverses_id"),
        _of_the_same("resolves_id", "ledger_transaction"),
        _of_the_same("reverses_id", "ledger_transaction"),
        CheckConstraint("length(key) BETWEEN 1 AND 64", "ck_ledger_transaction_key"),
        CheckConstraint(
            "(kind IN ('hold_posted', 'hold_voided')) = (resolves_id IS NOT NULL)",
            "ck_ledger_transaction_resolves",
        ),
        CheckConstraint(
            "(kind = 'reversal') = (reverses_id IS NOT NULL)", "ck_ledger_transaction_reverses"
        ),
    )


def _entries() -> None:
    in_tenant(
        "ledger_entry",
        Column("transaction_id", NUMBER, nullable=False, index=True),
        Column("account_id", NUMBER, nullable=False, index=True),
        column("currency", CODE),
        column("posted", NUMBER),
        column("held", NUMBER),
        _of_the_same("transaction_id", "ledger_transaction"),
        _of_the_same("account_id", "ledger_account"),
        CheckConstraint("posted <> 0 OR held <> 0", "ck_ledger_entry_changes"),
        CheckConstraint(WHOLE, "ck_ledger_entry_whole"),
    )


def _of_the_same(name: str, table: str) -> ForeignKeyConstraint:
    """A reference that stays within the tenant and the currency."""
    own, other = [name, "tenant_id", "currency"], ["id", "tenant_id", "currency"]
    return ForeignKeyConstraint(own, [f"{table}.{column}" for column in other])
