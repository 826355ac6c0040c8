"""Settings of tenants, and the world's countries, currencies and languages."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Boolean, Column, Integer, String, UniqueConstraint

from migrations.tables import (
    CODE,
    HASH,
    JSON,
    NUMBER,
    URL,
    WORD,
    column,
    drop,
    in_tenant,
)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    "country currency language company_setting captcha_setting portal_setting offer_setting "
    "global_leverage channel"
)

# What an old tenant's settings are, besides what he had.
COMPANY = dict.fromkeys(
    "company_logo_url login_page_logo_url watermark_logo_url email support_phone".split(), ""
)
KEYS = {"recaptcha_android_key": "", "recaptcha_web_key": ""}
PORTAL = {
    "version": "1.0.0",
    "login_background_url": "",
    "login_copy": {"en": ""},
    "login_layout": "centered",
}


def upgrade() -> None:
    """Makes the tables, and the rows without which tenants who are there could not go on."""
    _codes()
    _settings()
    _offers()
    _first_rows()
    with op.batch_alter_table("security_setting") as table:
        table.drop_column("tencent_app_ids")


def downgrade() -> None:
    """Drops them; the app ids of captchas are lost."""
    drop(TABLES)
    ids = Column("tencent_app_ids", JSON, nullable=False, server_default="[]")
    with op.batch_alter_table("security_setting") as table:
        table.add_column(ids)


def _codes() -> None:
    op.create_table(
        "country",
        Column("code", CODE, primary_key=True),
        column("name", JSON),
        column("flag", String(8)),
        column("phone_code", String(8)),
    )
    op.create_table(
        "currency",
        Column("code", CODE, primary_key=True),
        column("name", JSON),
        column("kind", WORD),
        column("decimals", Integer()),
    )
    op.create_table("language", Column("code", CODE, primary_key=True), column("name", HASH))


def _settings() -> None:
    in_tenant(
        "company_setting",
        column("broker_name", JSON),
        *(column(f"{logo}_logo_url", URL) for logo in ("company", "login_page", "watermark")),
        column("email", String(254)),
        column("support_phone", WORD),
        UniqueConstraint("tenant_id"),
    )
    in_tenant(
        "captcha_setting",
        column("recaptcha_android_key", String(128)),
        column("recaptcha_web_key", String(128)),
        *(column(f"tencent_{kind}_app_id", NUMBER) for kind in ("android", "ios", "web")),
        UniqueConstraint("tenant_id"),
    )
    in_tenant(
        "portal_setting",
        column("portal", WORD),
        column("version", WORD),
        column("login_background_url", URL),
        column("login_copy", JSON),
        column("login_layout", WORD),
        UniqueConstraint("tenant_id", "portal"),
    )


def _offers() -> None:
    in_tenant(
        "offer_setting",
        *(column(offered, JSON) for offered in ("languages", "currencies", "countries")),
        UniqueConstraint("tenant_id"),
    )
    in_tenant(
        "global_leverage",
        column("value", Integer()),
        column("is_enabled", Boolean()),
        UniqueConstraint("tenant_id", "value"),
    )
    in_tenant(
        "channel",
        column("name", JSON),
        column("direction", WORD),
        column("method", WORD),
        column("currencies", JSON),
        column("is_enabled", Boolean()),
        column("sort_order", Integer()),
    )


def _first_rows() -> None:
    """What every tenant has from now on, for those who are there already."""
    tenant, security = (
        sa.table(name, *map(sa.column, columns.split()))
        for name, columns in (
            ("tenant", "id name default_language"),
            ("security_setting", "tenant_id"),
        )
    )
    ids = sa.column("tencent_app_ids", JSON)
    both = sa.select(tenant, ids).join_from(
        tenant, security, tenant.c.id == security.c.tenant_id, isouter=True
    )
    for number, name, language, app_ids in op.get_bind().execute(both).all():
        web, android, ios = [*(app_ids or []), 0, 0, 0][:3]
        _insert("company_setting", {**COMPANY, "tenant_id": number, "broker_name": {"en": name}})
        apps = {"web": web, "android": android, "ios": ios}
        ids_of = {f"tencent_{kind}_app_id": app_id for kind, app_id in apps.items()}
        _insert("captcha_setting", {**KEYS, **ids_of, "tenant_id": number})
        languages = list(dict.fromkeys([language, "en", "zh-CN", "zh-TW"]))
        offer = {"languages": languages, "currencies": ["USD"], "countries": []}
        _insert("offer_setting", {**offer, "tenant_id": number})
        for portal in ("broker", "client", "ib"):
            _insert("portal_setting", {**PORTAL, "tenant_id": number, "portal": portal})


def _insert(name: str, row: dict[str, Any]) -> None:
    kinds: dict[type, Any] = {dict: JSON, list: JSON}
    columns = (sa.column(column, kinds.get(type(value))) for column, value in row.items())
    op.execute(sa.table(name, *columns).insert().values(row))
