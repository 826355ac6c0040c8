"""Deposits, withdrawals and transfers of clients."""

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, Index, LargeBinary, String, UniqueConstraint, text

from migrations.tables import (
    CODE,
    EXACT,
    MOMENT,
    NUMBER,
    URL,
    WORD,
    column,
    drop,
    in_tenant,
    reference,
)

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

REMARK = String(500)
LONG = String(4000)


def upgrade() -> None:
    """Makes the tables."""
    _order(
        "deposit_order",
        reference("trading_account"),
        _of("channel_id", "channel"),
        column("fee", NUMBER),
        column("pay_currency", CODE),
        column("pay_amount", NUMBER),
        column("rate", EXACT),
        column("account_info", LONG),
        column("credit_state", WORD),
        column("receipt_url", URL),
        column("pay_type", String(32)),
        column("pay_url", URL),
        column("pay_data", LONG),
        column("gateway_reference", String(255)),
        column("is_late", Boolean()),
        column("submitted_at", MOMENT),
        column("expires_at", MOMENT),
    )
    _order(
        "withdrawal_order",
        reference("trading_account"),
        _of("channel_id", "channel"),
        column("method", WORD),
        column("fee", NUMBER),
        column("rate", EXACT),
        column("remittance_currency", CODE),
        column("remittance_amount", NUMBER),
        column("payee", LargeBinary()),
        Column("held_until", MOMENT),
        column("debit_state", WORD),
        column("refund_state", WORD),
        column("payout_state", WORD),
        column("payout_reference", String(100)),
        _one_open("withdrawal_order", "trading_account_id"),
    )
    _order(
        "transfer_order",
        _of("source_id", "trading_account", index=True),
        _of("target_id", "trading_account", index=True),
        column("debit_state", WORD),
        column("credit_state", WORD),
        column("refund_state", WORD),
        _one_open("transfer_order", "source_id"),
    )


def downgrade() -> None:
    """Drops them."""
    drop("deposit_order withdrawal_order transfer_order")


def _order(name: str, *further: sa.schema.SchemaItem) -> None:
    in_tenant(
        name,
        reference("user"),
        column("moved_at", MOMENT),
        column("order_number", String(20)),
        column("amount", NUMBER),
        column("currency", CODE),
        column("client_remark", REMARK),
        column("remark", REMARK),
        column("status", WORD),
        Column("auditor_id", NUMBER, sa.ForeignKey("user.id")),
        column("created_at", MOMENT),
        *further,
        UniqueConstraint("tenant_id", "order_number"),
    )


def _of(name: str, table: str, *, index: bool = False) -> Column[int]:
    return Column(name, NUMBER, sa.ForeignKey(f"{table}.id"), nullable=False, index=index)


def _one_open(table: str, account: str) -> Index:
    is_open = text("status IN ('pending', 'auditing')")
    return Index(
        f"uq_{table}_open",
        account,
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
