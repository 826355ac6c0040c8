"""Requests that their callers may repeat."""

from sqlalchemy import LargeBinary

from migrations.tables import HASH, MOMENT, column, drop, in_tenant, reference

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table."""
    in_tenant(
        "answered_request",
        reference("user"),
        column("name_seal", HASH, unique=True),
        column("content_seal", HASH),
        column("answer", LargeBinary()),
        column("answered_at", MOMENT),
    )


def downgrade() -> None:
    """Drops it."""
    drop("answered_request")
