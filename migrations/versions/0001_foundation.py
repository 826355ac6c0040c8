"""Tenants, users, sessions, codes, permissions, the outbox."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Boolean, Column, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.schema import SchemaItem

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
WORD = String(32)
HASH = String(64)
NETWORK_ADDRESS = String(45)
EMAIL = String(254)
LANGUAGE = String(20)
NAME = String(100)

TABLES = (
    "tenant tenant_domain security_setting user login_session login_failure reset_token "
    "verification_code rate_counter menu_action role role_grant user_role partner audit_log "
    "outbox inbox_mail used_ticket"
).split()


def upgrade() -> None:
    """Makes every table of the foundation."""
    _tenants()
    _users()
    _secrets()
    _counters()
    _permissions()
    _effects()


def downgrade() -> None:
    """Drops them, those that refer to others first."""
    for name in reversed(TABLES):
        op.drop_table(name)


def _tenants() -> None:
    op.create_table(
        "tenant",
        Column("id", NUMBER, primary_key=True),
        _column("code", String(32), unique=True),
        _column("name", NAME),
        _column("default_language", LANGUAGE),
        _column("timezone", String(64)),
        _column("serves_unknown_hosts", Boolean()),
    )
    _in_tenant(
        "tenant_domain",
        _column("host", String(253), unique=True),
        _column("portal", WORD),
        _column("is_main", Boolean()),
    )
    _in_tenant(
        "security_setting",
        _column("required_password_strength", WORD),
        _column("email_verification_scenarios", sa.JSON()),
        _column("re_captcha_enabled", Boolean()),
        _column("tencent_captcha_enabled", Boolean()),
        _column("tencent_app_ids", sa.JSON()),
        _column("session_idle_seconds", Integer()),
        _column("session_seconds", Integer()),
        _column("reveals_registered", Boolean()),
        UniqueConstraint("tenant_id"),
    )


def _users() -> None:
    _in_tenant(
        "user",
        _column("user_type", WORD),
        _column("email", EMAIL),
        _column("password_hash", String(200)),
        _column("password_changed_at", MOMENT),
        _column("first_name", NAME),
        _column("last_name", NAME),
        _column("full_name", String(200)),
        _column("language", LANGUAGE),
        _column("status", WORD),
        Column("email_verified_at", MOMENT),
        Column("last_login_at", MOMENT),
        UniqueConstraint("tenant_id", "user_type", "email"),
    )


def _secrets() -> None:
    _in_tenant(
        "login_session",
        _reference("user"),
        _column("token_hash", HASH, unique=True),
        _column("created_at", MOMENT),
        _column("last_seen_at", MOMENT),
        _column("expires_at", MOMENT),
        _column("idle_seconds", Integer()),
        Column("revoked_at", MOMENT),
    )
    _in_tenant(
        "reset_token",
        _reference("user"),
        _column("token_hash", HASH, unique=True),
        _column("expires_at", MOMENT),
        Column("used_at", MOMENT),
    )
    _in_tenant(
        "verification_code",
        _column("portal", WORD),
        _column("scene", WORD),
        _column("email", EMAIL),
        _column("seal", HASH),
        _column("tries", Integer()),
        _column("expires_at", MOMENT),
        _column("can_resend_at", MOMENT),
        Column("used_at", MOMENT),
        UniqueConstraint("tenant_id", "portal", "scene", "email"),
    )


def _counters() -> None:
    _in_tenant(
        "login_failure",
        _column("portal", WORD),
        _column("email", EMAIL),
        _column("address", NETWORK_ADDRESS),
        _column("failures", Integer()),
        _column("since", MOMENT),
        Column("locked_until", MOMENT),
        UniqueConstraint("tenant_id", "portal", "email", "address"),
    )
    _in_tenant(
        "rate_counter",
        _column("name", NAME),
        _column("caller", EMAIL),
        _column("times", Integer()),
        _column("since", MOMENT),
        UniqueConstraint("tenant_id", "name", "caller"),
    )


def _permissions() -> None:
    _in_tenant(
        "menu_action",
        Column("parent_id", NUMBER, sa.ForeignKey("menu_action.id"), index=True),
        _column("user_type", WORD),
        _column("key", String(64)),
        _column("action", WORD),
        _column("title", sa.JSON()),
        _column("description", sa.JSON()),
        _column("icon", String(64)),
        _column("path", String(255)),
        _column("url", String(255)),
        _column("sort_order", Integer()),
        _column("is_enabled", Boolean()),
        UniqueConstraint("tenant_id", "user_type", "key"),
    )
    _in_tenant(
        "role",
        _column("user_type", WORD),
        _column("name", String(64)),
        _column("is_default", Boolean()),
        UniqueConstraint("tenant_id", "user_type", "name"),
    )
    _in_tenant(
        "role_grant",
        _reference("role"),
        _reference("menu_action"),
        UniqueConstraint("role_id", "menu_action_id"),
    )
    _in_tenant(
        "user_role",
        _reference("user"),
        _reference("role"),
        UniqueConstraint("user_id", "role_id"),
    )
    _in_tenant(
        "partner",
        _column("name", NAME),
        _column("token_hash", HASH, unique=True),
        _column("is_enabled", Boolean()),
    )


def _effects() -> None:
    _in_tenant(
        "audit_log",
        Column("actor_id", NUMBER, sa.ForeignKey("user.id"), nullable=False, index=True),
        _column("deed", WORD),
        _column("address", NETWORK_ADDRESS),
        _column("at", MOMENT),
    )
    _in_tenant(
        "outbox",
        _column("kind", WORD),
        _column("key", HASH, unique=True),
        _column("content", LargeBinary()),
        _column("state", WORD),
        _column("tries", Integer()),
        _column("created_at", MOMENT),
        _column("due_at", MOMENT),
        _column("expires_at", MOMENT),
        Column("claimed_until", MOMENT),
        _column("fault", String(200)),
    )
    op.create_index("ix_outbox_waiting", "outbox", ["state", "due_at"])
    _in_tenant(
        "inbox_mail",
        _column("key", HASH, unique=True),
        _column("sent_at", MOMENT),
        _column("recipient", EMAIL),
        _column("subject", String(200)),
        _column("text", LargeBinary()),
    )
    _in_tenant(
        "used_ticket",
        _column("ticket_hash", HASH, unique=True),
        _column("used_at", MOMENT),
    )


def _in_tenant(name: str, *parts: SchemaItem) -> None:
    """A table whose rows belong to a tenant."""
    tenant = Column("tenant_id", NUMBER, sa.ForeignKey("tenant.id"), nullable=False)
    op.create_table(name, Column("id", NUMBER, primary_key=True), tenant, *parts)


def _column(name: str, kind: sa.types.TypeEngine[Any], *, unique: bool = False) -> Column[Any]:
    """A column that always has a value."""
    return Column(name, kind, nullable=False, unique=unique)


def _reference(table: str) -> Column[int]:
    """The number of a row in another table, which is often looked up by it."""
    return Column(f"{table}_id", NUMBER, sa.ForeignKey(f"{table}.id"), nullable=False, index=True)
