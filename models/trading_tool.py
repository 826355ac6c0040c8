"""Pages of others that a portal embeds: market analysis, an economic calendar."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, col, select

from contract.problems import Problem
from models.boundaries import InTenant, OfUser
from models.columns import moment, reference, row_id
from models.published import Published
from models.tenant import Portal
from models.upsert import inserted


class TradingTool(Published, table=True):
    """A column of the portal; `name` is what operators call it."""

    __tablename__ = "trading_tool"

    id: int = row_id()
    name: str = Field(max_length=100)

    @classmethod
    def require_shown(cls, session: Session, column_id: int, portal: Portal, now: datetime) -> None:
        """Raises Problem NOT_FOUND for a column that the portal does not show now."""
        own = select(cls).where(cls.id == column_id, *cls._present(now))
        column = session.exec(own).first()
        if column is None or portal not in column.portals:
            raise Problem("NOT_FOUND")


class TradingToolText(InTenant, table=True):
    """A column in one language. The popup, as cleaned HTML, has to be confirmed before the page is
    used; without title and content there is none.
    """

    __tablename__ = "trading_tool_text"
    __table_args__ = (UniqueConstraint("trading_tool_id", "language"),)

    id: int = row_id()
    trading_tool_id: int = reference("trading_tool.id")
    language: str = Field(max_length=20)
    title: str = Field(max_length=200)
    iframe_link: str = Field(max_length=2008)
    popup_title: str = Field(max_length=200)
    popup_content: str = Field(max_length=20000)

    @classmethod
    def by_language(cls, session: Session, column_id: int) -> "dict[str, TradingToolText]":
        """All of a column's texts."""
        found = select(cls).where(cls.trading_tool_id == column_id).order_by(col(cls.id))
        return {text.language: text for text in session.exec(found)}

    @property
    def has_popup(self) -> bool:
        """Whether there is something to confirm."""
        return bool(self.popup_title or self.popup_content)


class TradingToolReading(OfUser, table=True):
    """A user has confirmed the popup of a column."""

    __tablename__ = "trading_tool_reading"
    __table_args__ = (UniqueConstraint("user_id", "trading_tool_id"),)

    id: int = row_id()
    trading_tool_id: int = reference("trading_tool.id")
    read_at: datetime = moment()

    @classmethod
    def is_read(cls, session: Session, user_id: int, column_id: int) -> bool:
        """Whether the user has confirmed it."""
        own = select(cls.id).where(cls.user_id == user_id, cls.trading_tool_id == column_id)
        return session.exec(own).first() is not None

    @classmethod
    def mark(cls, session: Session, user_id: int, column_id: int, now: datetime) -> None:
        """Notes it, unless it is noted already."""
        inserted(session, cls, {"user_id": user_id, "trading_tool_id": column_id}, read_at=now)
