"""Withdrawals and transfers that leave the account only when they are approved."""

from alembic import op
from sqlalchemy import Boolean, Column, Integer, false

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_ORDERS = ("withdrawal_order", "transfer_order")


def upgrade() -> None:
    """All that there are leave it at once, until somebody sets it otherwise."""
    op.add_column("cashier_setting", _switch())
    for table in _ORDERS:
        op.add_column(table, _switch())
        op.add_column(
            table, Column("refused_debits", Integer(), nullable=False, server_default="0")
        )


def downgrade() -> None:
    """Takes them back. The version before cannot read orders that have waited to be approved."""
    for table in _ORDERS:
        op.drop_column(table, "refused_debits")
        op.drop_column(table, "debits_on_approval")
    op.drop_column("cashier_setting", "debits_on_approval")


def _switch() -> Column[bool]:
    return Column("debits_on_approval", Boolean(), nullable=False, server_default=false())
