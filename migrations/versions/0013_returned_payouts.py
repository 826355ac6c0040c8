"""Payouts that banks have sent back, and how much a client may take out in a day."""

from alembic import op
from sqlalchemy import Column, Integer

from migrations.tables import NUMBER

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing has come back so far, and there is no limit until somebody sets one."""
    returned = Column("returned", Integer(), nullable=False, server_default="0")
    op.add_column("withdrawal_order", returned)
    op.add_column("cashier_setting", Column("withdraws_daily_up_to", NUMBER))


def downgrade() -> None:
    """Takes them back."""
    op.drop_column("cashier_setting", "withdraws_daily_up_to")
    op.drop_column("withdrawal_order", "returned")
