"""Where clients have their money paid to."""

from sqlalchemy import Boolean, Column, Index, LargeBinary, String, text

from migrations.tables import HASH, MOMENT, WORD, column, drop, in_tenant, reference

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table."""
    is_kept, is_default = text("deleted_at IS NULL"), text("is_default")
    in_tenant(
        "payee",
        reference("user"),
        column("payment_method", WORD),
        column("details", LargeBinary()),
        column("fingerprint", HASH),
        column("is_default", Boolean()),
        column("account_holder_name", String(200)),
        column("remark", String(500)),
        column("created_at", MOMENT),
        column("updated_at", MOMENT),
        column("details_changed_at", MOMENT),
        Column("deleted_at", MOMENT),
        Index(
            "uq_payee_fingerprint",
            *("user_id", "fingerprint"),
            unique=True,
            sqlite_where=is_kept,
            postgresql_where=is_kept,
        ),
        Index(
            "uq_payee_default",
            *("user_id", "payment_method"),
            unique=True,
            sqlite_where=is_default,
            postgresql_where=is_default,
        ),
    )


def downgrade() -> None:
    """Drops it."""
    drop("payee")
