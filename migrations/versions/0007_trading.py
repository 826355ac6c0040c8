"""Trading servers, types of accounts, accounts and what clients apply for."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, UniqueConstraint, text

from migrations.refusals import refuse
from migrations.tables import (
    CODE,
    JSON,
    MOMENT,
    NUMBER,
    URL,
    WORD,
    column,
    drop,
    in_tenant,
    reference,
)

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = (
    "state_change trading_setting client_profile trading_server account_type trading_account "
    "account_application leverage_application trading_operation"
)
KEY = String(31)
NAME = String(64)
REMARK = String(500)


def upgrade() -> None:
    """Makes the tables; every broker gets the usual setting, every client a profile."""
    _history()
    _settings()
    _offers()
    _accounts()
    _applications()
    _operations()
    op.execute(
        "INSERT INTO trading_setting (tenant_id, has_demo, most_demo_accounts, most_demo_deposit,"
        " most_demo_deposits, opens_at_once, changes_leverage_at_once)"
        " SELECT id, true, 5, 10000, 100000, false, false FROM tenant"
    )
    op.execute(
        "INSERT INTO client_profile (tenant_id, user_id, apply_status)"
        " SELECT tenant_id, id, 'filling' FROM \"user\" WHERE user_type = 'client'"
    )


def downgrade() -> None:
    """Drops them."""
    drop(TABLES)


def _history() -> None:
    in_tenant(
        "state_change",
        column("record", String(32)),
        column("record_id", NUMBER),
        column("machine", String(32)),
        column("was", String(32)),
        column("became", String(32)),
        column("at", MOMENT),
        Index("ix_state_change_record", "record", "record_id", "machine"),
    )
    refuse("state_change", "UPDATE", "DELETE")


def _settings() -> None:
    in_tenant(
        "trading_setting",
        column("has_demo", Boolean()),
        column("most_demo_accounts", Integer()),
        column("most_demo_deposit", Integer()),
        column("most_demo_deposits", Integer()),
        column("opens_at_once", Boolean()),
        column("changes_leverage_at_once", Boolean()),
        UniqueConstraint("tenant_id"),
    )
    in_tenant(
        "client_profile",
        reference("user"),
        column("apply_status", WORD),
        Column("kyc_approved_at", MOMENT),
        UniqueConstraint("user_id"),
    )


def _offers() -> None:
    in_tenant(
        "trading_server",
        column("name", NAME),
        column("platform", WORD),
        column("is_demo", Boolean()),
        column("address", URL),
        column("token", LargeBinary()),
        column("is_enabled", Boolean()),
        Column("refresh_at", MOMENT),
        column("refreshed_to", NUMBER),
        column("created_at", MOMENT),
        column("updated_at", MOMENT),
        UniqueConstraint("tenant_id", "name"),
    )
    in_tenant(
        "account_type",
        column("name", NAME),
        _on("server_id", "trading_server", index=True),
        column("group_name", NAME),
        column("currency", CODE),
        column("leverages", JSON),
        column("starting_balance", Integer()),
        column("most_per_user", Integer()),
        column("is_enabled", Boolean()),
        column("sort_order", Integer()),
        column("created_at", MOMENT),
        column("updated_at", MOMENT),
    )


def _accounts() -> None:
    has_login = text("login <> ''")
    in_tenant(
        "trading_account",
        reference("user"),
        column("moved_at", MOMENT),
        _on("server_id", "trading_server", index=True),
        reference("account_type"),
        column("login", String(12)),
        column("currency", CODE),
        column("leverage", Integer()),
        column("is_demo", Boolean()),
        column("funding_type", WORD),
        column("status", WORD),
        *(column(name, NUMBER) for name in ("balance", "credit", "equity", "free_margin")),
        Column("snapshot_at", MOMENT),
        Index(
            "uq_trading_account_login",
            *("server_id", "login"),
            unique=True,
            sqlite_where=has_login,
            postgresql_where=has_login,
        ),
    )


def _applications() -> None:
    is_open = text("status IN ('pending', 'auditing')")
    _application(
        "account_application",
        column("provision_state", WORD),
        Column("passwords", LargeBinary()),
    )
    _application(
        "leverage_application",
        column("apply_state", WORD),
        column("before", Integer()),
        column("wanted", Integer()),
        column("client_remark", REMARK),
        Index(
            "uq_leverage_application_open",
            "trading_account_id",
            unique=True,
            sqlite_where=is_open,
            postgresql_where=is_open,
        ),
    )


def _application(name: str, *further: sa.schema.SchemaItem) -> None:
    in_tenant(
        name,
        reference("user"),
        column("moved_at", MOMENT),
        reference("trading_account"),
        column("status", WORD),
        *further,
        Column("operation_key", KEY, nullable=False, index=True),
        Column("auditor_id", NUMBER, sa.ForeignKey("user.id")),
        column("remark", REMARK),
        column("created_at", MOMENT),
    )


def _operations() -> None:
    in_tenant(
        "trading_operation",
        column("moved_at", MOMENT),
        column("key", KEY),
        column("kind", WORD),
        _on("trading_account_id", "trading_account", index=False),
        Column("amount", NUMBER),
        Column("leverage", Integer()),
        Column("passwords", LargeBinary()),
        column("state", WORD),
        column("looks", Integer()),
        Column("looked_from", MOMENT),
        Column("ticket", NUMBER),
        column("refusal", Integer()),
        column("outbox_key", String(64)),
        column("created_at", MOMENT),
        UniqueConstraint("tenant_id", "key"),
        Index("ix_trading_operation_account", "trading_account_id", "state"),
    )


def _on(name: str, table: str, *, index: bool) -> Column[int]:
    return Column(name, NUMBER, sa.ForeignKey(f"{table}.id"), nullable=False, index=index)
