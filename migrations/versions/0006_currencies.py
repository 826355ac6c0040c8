"""What currencies are worth, and the networks that crypto currencies are paid over."""

from sqlalchemy import Boolean, Integer, String, UniqueConstraint

from migrations.tables import CODE, EXACT, MOMENT, column, drop, in_tenant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables."""
    in_tenant(
        "exchange_rate",
        column("base", CODE),
        column("quote", CODE),
        column("rate", EXACT),
        column("markup_in", EXACT),
        column("markup_out", EXACT),
        column("source", String(32)),
        column("is_enabled", Boolean()),
        column("at", MOMENT),
        UniqueConstraint("tenant_id", "base", "quote"),
    )
    in_tenant(
        "crypto_network",
        column("currency", CODE),
        column("name", String(32)),
        column("address_pattern", String(200)),
        column("is_enabled", Boolean()),
        column("sort_order", Integer()),
        UniqueConstraint("tenant_id", "currency", "name"),
    )


def downgrade() -> None:
    """Drops them."""
    drop("exchange_rate crypto_network")
