"""Tenants, users, sessions, codes, permissions, the outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Boolean, Column, Integer, LargeBinary, String, UniqueConstraint

from migrations.tables import (
    CODE,
    EMAIL,
    HASH,
    JSON,
    MOMENT,
    NAME,
    NETWORK_ADDRESS,
    NUMBER,
    WORD,
    column,
    drop,
    in_tenant,
    reference,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "tenant tenant_domain security_setting user login_session login_failure reset_token "
    "verification_code rate_counter menu_action role role_grant user_role partner audit_log "
    "outbox inbox_mail used_ticket"
)


def upgrade() -> None:
    """Makes every table of the foundation."""
    _tenants()
    _users()
    _secrets()
    _counters()
    _permissions()
    _effects()


def downgrade() -> None:
    """Drops them."""
    drop(TABLES)


def _tenants() -> None:
    op.create_table(
        "tenant",
        Column("id", NUMBER, primary_key=True),
        column("code", String(32), unique=True),
        column("name", NAME),
        column("default_language", CODE),
        column("timezone", String(64)),
        column("serves_unknown_hosts", Boolean()),
    )
    in_tenant(
        "tenant_domain",
        column("host", String(253), unique=True),
        column("portal", WORD),
        column("is_main", Boolean()),
    )
    in_tenant(
        "security_setting",
        column("required_password_strength", WORD),
        column("email_verification_scenarios", JSON),
        column("re_captcha_enabled", Boolean()),
        column("tencent_captcha_enabled", Boolean()),
        column("tencent_app_ids", JSON),
        column("session_idle_seconds", Integer()),
        column("session_seconds", Integer()),
        column("reveals_registered", Boolean()),
        UniqueConstraint("tenant_id"),
    )


def _users() -> None:
    in_tenant(
        "user",
        column("user_type", WORD),
        column("email", EMAIL),
        column("password_hash", String(200)),
        column("password_changed_at", MOMENT),
        column("first_name", NAME),
        column("last_name", NAME),
        column("full_name", String(200)),
        column("language", CODE),
        column("status", WORD),
        Column("email_verified_at", MOMENT),
        Column("last_login_at", MOMENT),
        UniqueConstraint("tenant_id", "user_type", "email"),
    )


def _secrets() -> None:
    in_tenant(
        "login_session",
        reference("user"),
        column("token_hash", HASH, unique=True),
        column("created_at", MOMENT),
        column("last_seen_at", MOMENT),
        column("expires_at", MOMENT),
        column("idle_seconds", Integer()),
        Column("revoked_at", MOMENT),
    )
    in_tenant(
        "reset_token",
        reference("user"),
        column("token_hash", HASH, unique=True),
        column("expires_at", MOMENT),
        Column("used_at", MOMENT),
    )
    in_tenant(
        "verification_code",
        column("portal", WORD),
        column("scene", WORD),
        column("email", EMAIL),
        column("seal", HASH),
        column("tries", Integer()),
        column("expires_at", MOMENT),
        column("can_resend_at", MOMENT),
        Column("used_at", MOMENT),
        UniqueConstraint("tenant_id", "portal", "scene", "email"),
    )


def _counters() -> None:
    in_tenant(
        "login_failure",
        column("portal", WORD),
        column("email", EMAIL),
        column("address", NETWORK_ADDRESS),
        column("failures", Integer()),
        column("since", MOMENT),
        Column("locked_until", MOMENT),
        UniqueConstraint("tenant_id", "portal", "email", "address"),
    )
    in_tenant(
        "rate_counter",
        column("name", NAME),
        column("caller", EMAIL),
        column("times", Integer()),
        column("since", MOMENT),
        UniqueConstraint("tenant_id", "name", "caller"),
    )


def _permissions() -> None:
    in_tenant(
        "menu_action",
        Column("parent_id", NUMBER, sa.ForeignKey("menu_action.id"), index=True),
        column("user_type", WORD),
        column("key", String(64)),
        column("action", WORD),
        column("title", JSON),
        column("description", JSON),
        column("icon", String(64)),
        column("path", String(255)),
        column("url", String(255)),
        column("sort_order", Integer()),
        column("is_enabled", Boolean()),
        UniqueConstraint("tenant_id", "user_type", "key"),
    )
    in_tenant(
        "role",
        column("user_type", WORD),
        column("name", String(64)),
        column("is_default", Boolean()),
        UniqueConstraint("tenant_id", "user_type", "name"),
    )
    in_tenant(
        "role_grant",
        reference("role"),
        reference("menu_action"),
        UniqueConstraint("role_id", "menu_action_id"),
    )
    in_tenant(
        "user_role",
        reference("user"),
        reference("role"),
        UniqueConstraint("user_id", "role_id"),
    )
    in_tenant(
        "partner",
        column("name", NAME),
        column("token_hash", HASH, unique=True),
        column("is_enabled", Boolean()),
    )


def _effects() -> None:
    in_tenant(
        "audit_log",
        Column("actor_id", NUMBER, sa.ForeignKey("user.id"), nullable=False, index=True),
        column("deed", WORD),
        column("address", NETWORK_ADDRESS),
        column("at", MOMENT),
    )
    in_tenant(
        "outbox",
        column("kind", WORD),
        column("key", HASH, unique=True),
        column("content", LargeBinary()),
        column("state", WORD),
        column("tries", Integer()),
        column("created_at", MOMENT),
        column("due_at", MOMENT),
        column("expires_at", MOMENT),
        Column("claimed_until", MOMENT),
        column("fault", String(200)),
    )
    op.create_index("ix_outbox_waiting", "outbox", ["state", "due_at"])
    in_tenant(
        "inbox_mail",
        column("key", HASH, unique=True),
        column("sent_at", MOMENT),
        column("recipient", EMAIL),
        column("subject", String(200)),
        column("text", LargeBinary()),
    )
    in_tenant(
        "used_ticket",
        column("ticket_hash", HASH, unique=True),
        column("used_at", MOMENT),
    )
