"""Programs to download, and pages of others inside the portal."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col

from contract.problems import Problem
from handlers.times import tenant_time
from models.download_tool import DownloadTool
from models.tenant import Site
from models.texts import Languages, in_language, text_in
from models.trading_tool import TradingTool, TradingToolReading, TradingToolText
from models.user import Caller

Json = Any

_AS_KEPT = {
    *("id", "icon_url", "logo_url", "android_download_url", "ios_download_url"),
    *("macos_download_url", "windows_download_url"),
}


def list_client_download_tools(
    *, session: Session, caller: Caller, site: Site, now: datetime, languages: Languages
) -> Json:
    """The programs of the caller's portal in display order (wlink 42)."""
    order = (col(DownloadTool.sort_order).asc(), col(DownloadTool.id).asc())
    shown = DownloadTool.shown(session, caller.portal, now, *order)
    return {
        "list": [_download(tool, site.zone, languages) for tool in shown],
        "total": len(shown),
    }


# The same for IBs (wlink 106).
list_ib_download_tools = list_client_download_tools


def _download(tool: DownloadTool, zone: str, languages: Languages) -> Json:
    return {
        **tool.model_dump(include=_AS_KEPT),
        "name": text_in(tool.name, languages),
        "description": text_in(tool.description, languages),
        "created_at": tenant_time(tool.created_at, zone),
        "updated_at": tenant_time(tool.updated_at, zone),
    }


def get_trading_tool(
    column_id: int, *, session: Session, caller: Caller, now: datetime, languages: Languages
) -> Json:
    """A column in the caller's language (wlink 43)."""
    column = _column(session, column_id, caller, now, languages)
    shown = column.model_dump(exclude={"tenant_id", "trading_tool_id"})
    is_read = _is_read(session, caller, column)
    return {**shown, "column_id": column_id, "is_read": is_read}


def check_trading_tool_popup_read(
    column_id: int, *, session: Session, caller: Caller, now: datetime, languages: Languages
) -> Json:
    """Whether the caller has nothing to confirm any more (wlink 44)."""
    column = _column(session, column_id, caller, now, languages)
    return {"is_read": _is_read(session, caller, column)}


def mark_trading_tool_popup_read(
    column_id: int, *, session: Session, caller: Caller, now: datetime
) -> Json:
    """The caller has confirmed the popup (wlink 45)."""
    TradingTool.require_shown(session, column_id, caller.portal, now)
    TradingToolReading.mark(session, caller.user_id, column_id, now)
    return {}


def _column(
    session: Session, column_id: int, caller: Caller, now: datetime, languages: Languages
) -> TradingToolText:
    """Raises Problem NOT_FOUND."""
    TradingTool.require_shown(session, column_id, caller.portal, now)
    column = in_language(TradingToolText.by_language(session, column_id), languages)
    if column is None:
        raise Problem("NOT_FOUND")
    return column


def _is_read(session: Session, caller: Caller, column: TradingToolText) -> bool:
    if not column.has_popup:
        return True
    return TradingToolReading.is_read(session, caller.user_id, column.trading_tool_id)
