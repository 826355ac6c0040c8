"""What payment gateways have told."""

from sqlalchemy import Column, ForeignKey, LargeBinary, String, UniqueConstraint

from migrations.tables import CODE, MOMENT, NUMBER, WORD, column, drop, in_tenant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

REFERENCE = String(255)


def upgrade() -> None:
    """Makes the table."""
    in_tenant(
        "payment_event",
        column("moved_at", MOMENT),
        Column("channel_id", NUMBER, ForeignKey("channel.id"), nullable=False),
        column("event_id", REFERENCE),
        Column("order_number", String(20), nullable=False, index=True),
        column("reference", REFERENCE),
        column("outcome", WORD),
        column("state", WORD),
        Column("amount_minor", NUMBER),
        column("currency", CODE),
        column("raw", LargeBinary()),
        column("told_at", MOMENT),
        column("received_at", MOMENT),
        UniqueConstraint("channel_id", "event_id"),
        UniqueConstraint("channel_id", "reference", "outcome"),
    )


def downgrade() -> None:
    """Drops it."""
    drop("payment_event")
