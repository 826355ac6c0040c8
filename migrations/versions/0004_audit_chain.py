"""The audit log becomes a chain."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Column, String, UniqueConstraint

from migrations.tables import (
    HASH,
    JSON,
    MOMENT,
    NETWORK_ADDRESS,
    NUMBER,
    WORD,
    column,
    drop,
    in_tenant,
)

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What was written down before cannot be chained afterwards: who could vouch for it?"""
    op.drop_table("audit_log")
    in_tenant(
        "audit_log",
        column("number", NUMBER),
        Column("actor_id", NUMBER, sa.ForeignKey("user.id"), index=True),
        column("deed", WORD),
        column("subject", String(300)),
        Column("before", JSON),
        Column("after", JSON),
        column("address", NETWORK_ADDRESS),
        column("at", MOMENT),
        column("seal", HASH),
        UniqueConstraint("tenant_id", "number"),
    )
    in_tenant(
        "audit_head",
        column("number", NUMBER),
        column("seal", HASH),
        UniqueConstraint("tenant_id"),
    )


def downgrade() -> None:
    """Takes the log with its chain away."""
    drop("audit_log audit_head")
    in_tenant(
        "audit_log",
        Column("actor_id", NUMBER, sa.ForeignKey("user.id"), nullable=False, index=True),
        column("deed", WORD),
        column("address", NETWORK_ADDRESS),
        column("at", MOMENT),
    )
