"""What channels cost, take and need, where clients live, and how the cashier works."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Boolean, Column, Integer, LargeBinary, UniqueConstraint

from migrations.tables import CODE, EXACT, JSON, MOMENT, URL, WORD, column, drop, in_tenant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NOW = datetime.now(UTC)
# What a channel of before has from now on.
NEW: dict[str, tuple[sa.types.TypeEngine[Any], Any]] = {
    "icon_url": (URL, ""),
    "account_info": (JSON, {}),
    "countries": (JSON, []),
    "min_amount": (EXACT, "1"),
    "max_amount": (EXACT, "1000000"),
    "fee_type": (WORD, "fixed"),
    "fee_value": (EXACT, "0"),
    "gateway_address": (URL, ""),
    "gateway_key": (LargeBinary(), b""),
    "webhook_secret": (LargeBinary(), b""),
    "created_at": (MOMENT, NOW),
    "updated_at": (MOMENT, NOW),
}


def upgrade() -> None:
    """Adds the columns, and the usual setting for every broker. Nobody pays in by a method that is
    for paying out: such channels become offline ones.
    """
    _add("channel", NEW)
    _add("client_profile", {"country": (CODE, "")})
    op.execute("UPDATE channel SET method = 'offline' WHERE direction = 'deposit'")
    in_tenant(
        "cashier_setting",
        column("approves_payments_at_once", Boolean()),
        column("approves_transfers_up_to", Integer()),
        Column("second_person_above", Integer()),
        column("holds_withdrawals_hours", Integer()),
        column("allows_third_parties", Boolean()),
        column("draft_hours", Integer()),
        UniqueConstraint("tenant_id"),
    )
    op.execute(
        "INSERT INTO cashier_setting (tenant_id, approves_payments_at_once,"
        " approves_transfers_up_to, holds_withdrawals_hours, allows_third_parties, draft_hours)"
        " SELECT id, true, 0, 0, false, 72 FROM tenant"
    )


def downgrade() -> None:
    """Takes them back; how money was paid in is lost."""
    drop("cashier_setting")
    op.execute("UPDATE channel SET method = 'bank_transfer' WHERE direction = 'deposit'")
    for table, names in (("client_profile", ["country"]), ("channel", NEW)):
        with op.batch_alter_table(table) as changed:
            for name in names:
                changed.drop_column(name)


def _add(table: str, columns: dict[str, tuple[sa.types.TypeEngine[Any], Any]]) -> None:
    """Columns that always have a value, and the first of them."""
    with op.batch_alter_table(table) as changed:
        for name, (kind, _) in columns.items():
            changed.add_column(Column(name, kind))
    rows = sa.table(table, *(sa.column(name, kind) for name, (kind, _) in columns.items()))
    op.execute(rows.update().values({name: first for name, (_, first) in columns.items()}))
    with op.batch_alter_table(table) as changed:
        for name in columns:
            changed.alter_column(name, nullable=False)
