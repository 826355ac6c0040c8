"""What has happened to the money: written once, never changed."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field

from models.boundaries import InTenant
from models.columns import Number, moment, row_id, word


class TransactionKind(StrEnum):
    """What a transaction does."""

    POSTING = "posting"
    HOLD = "hold"
    HOLD_POSTED = "hold_posted"
    HOLD_VOIDED = "hold_voided"
    REVERSAL = "reversal"


class LedgerTransaction(InTenant, table=True):
    """Under `key` whoever posts knows it; nobody posts twice under one. It `resolves_id` the hold
    that it posts or voids, or `reverses_id` a posting: each of them once.
    """

    __tablename__ = "ledger_transaction"
    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        # What entries, resolutions and reversals refer to.
        UniqueConstraint("id", "tenant_id", "currency"),
        UniqueConstraint("resolves_id"),
        UniqueConstraint("reverses_id"),
        *(
            ForeignKeyConstraint(
                [column, "tenant_id", "currency"],
                [f"ledger_transaction.{name}" for name in ("id", "tenant_id", "currency")],
            )
            for column in ("resolves_id", "reverses_id")
        ),
        CheckConstraint("length(key) BETWEEN 1 AND 64", "ck_ledger_transaction_key"),
        CheckConstraint(
            "(kind IN ('hold_posted', 'hold_voided')) = (resolves_id IS NOT NULL)",
            "ck_ledger_transaction_resolves",
        ),
        CheckConstraint(
            "(kind = 'reversal') = (reverses_id IS NOT NULL)", "ck_ledger_transaction_reverses"
        ),
    )

    id: int = row_id()
    key: str = Field(max_length=64)
    kind: TransactionKind = word(TransactionKind)
    currency: str = Field(max_length=20)
    resolves_id: int | None = Field(default=None, sa_type=Number)
    reverses_id: int | None = Field(default=None, sa_type=Number)
    at: datetime = moment()


class LedgerEntry(InTenant, table=True):
    """What a transaction changes on one account: its posted balance, its held one, or both, in
    minor units. The posted changes of a transaction sum to zero.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        *(
            ForeignKeyConstraint(
                [f"{table}_id", "tenant_id", "currency"],
                [f"ledger_{table}.{name}" for name in ("id", "tenant_id", "currency")],
            )
            for table in ("transaction", "account")
        ),
        CheckConstraint("posted <> 0 OR held <> 0", "ck_ledger_entry_changes"),
        CheckConstraint(
            "posted = CAST(posted AS BIGINT) AND held = CAST(held AS BIGINT)",
            "ck_ledger_entry_whole",
        ),
    )

    id: int = row_id()
    transaction_id: int = Field(index=True, sa_type=Number)
    account_id: int = Field(index=True, sa_type=Number)
    currency: str = Field(max_length=20)
    posted: int = Field(sa_type=Number)
    held: int = Field(sa_type=Number)
