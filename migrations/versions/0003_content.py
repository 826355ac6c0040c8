"""What portals show: placements, popups, tools, messages."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Boolean, Column, Integer, String, UniqueConstraint, text
from sqlalchemy.schema import SchemaItem

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

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = (
    "placement popup popup_dismissal download_tool trading_tool trading_tool_text "
    "trading_tool_reading message message_recipient message_box"
)


def upgrade() -> None:
    """Makes the tables, and a box for the messages of every user who is there."""
    _published()
    _tools()
    _messages()
    op.execute(
        "INSERT INTO message_box (tenant_id, user_id, total, unread)"
        ' SELECT tenant_id, id, 0, 0 FROM "user"'
    )


def downgrade() -> None:
    """Drops them."""
    drop(TABLES)


def _published() -> None:
    texts = ("title", "image_url", "redirect_url")
    _content("placement", *(column(name, JSON) for name in texts))
    _content(
        "popup", column("title", JSON), column("content", JSON), column("allow_close", Boolean())
    )
    _mark("popup_dismissal", "popup", "dismissed_at")


def _tools() -> None:
    downloads = (f"{system}_download_url" for system in ("android", "ios", "macos", "windows"))
    _content(
        "download_tool",
        column("name", JSON),
        column("description", JSON),
        *(column(name, URL) for name in ("icon_url", "logo_url", *downloads)),
        column("sort_order", Integer()),
    )
    _content("trading_tool", column("name", String(100)))
    in_tenant(
        "trading_tool_text",
        reference("trading_tool"),
        column("language", CODE),
        column("title", String(200)),
        column("iframe_link", URL),
        column("popup_title", String(200)),
        column("popup_content", String(20000)),
        UniqueConstraint("trading_tool_id", "language"),
    )
    _mark("trading_tool_reading", "trading_tool", "read_at")


def _messages() -> None:
    in_tenant(
        "message",
        column("title", JSON),
        column("content", JSON),
        column("audience", WORD),
        column("portals", JSON),
        Column("role_id", NUMBER, sa.ForeignKey("role.id")),
        column("named", JSON),
        column("sent_at", MOMENT),
        column("reached", NUMBER),
        column("last", NUMBER),
        column("recipients", Integer()),
        Column("delivered_at", MOMENT),
    )
    in_tenant(
        "message_recipient",
        Column("user_id", NUMBER, sa.ForeignKey("user.id"), nullable=False),
        reference("message"),
        Column("read_at", MOMENT),
        Column("hidden_at", MOMENT),
        UniqueConstraint("user_id", "message_id"),
    )
    shown = text("hidden_at IS NULL")
    op.create_index(
        "ix_message_recipient_shown",
        "message_recipient",
        ["user_id", "message_id"],
        sqlite_where=shown,
        postgresql_where=shown,
    )
    in_tenant(
        "message_box",
        reference("user"),
        column("total", Integer()),
        column("unread", Integer()),
        UniqueConstraint("user_id"),
    )


def _content(name: str, *parts: SchemaItem) -> None:
    """What operators publish for some of the portals."""
    in_tenant(
        name,
        column("portals", JSON),
        column("is_enabled", Boolean()),
        Column("starts_at", MOMENT),
        Column("ends_at", MOMENT),
        column("created_at", MOMENT),
        column("updated_at", MOMENT),
        *parts,
    )


def _mark(name: str, table: str, moment: str) -> None:
    """What a user has done with something, once."""
    own = UniqueConstraint("user_id", f"{table}_id")
    in_tenant(name, reference("user"), reference(table), column(moment, MOMENT), own)
