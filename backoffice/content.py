"""Publishing what portals show: placements, popups, programs to download, tool columns; and in the
same way what a broker offers besides.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from backoffice.content_forms import (
    DownloadToolForm,
    PlacementForm,
    PopupForm,
    TradingToolForm,
    TradingToolTextForm,
)
from backoffice.desk import Desk
from backoffice.fields import Form
from backoffice.languages import require_languages
from contract.errors import RefusedError
from models.audit_entry import Deed
from models.download_tool import DownloadTool
from models.locking import fresh
from models.placement import Placement
from models.popup import Popup
from models.trading_tool import TradingTool, TradingToolText

Json = Any


def _anything(desk: Desk, form: Any, number: int | None) -> None:
    """What is right by itself is right."""


@dataclass(frozen=True)
class Kind:
    """A kind of content: where it is kept, and what an operator writes. `require_sound` raises
    RefusedError where a form does not fit the rest; the number is that of the row it is for.
    """

    name: str
    table: type[Any]
    form: type[Form]
    require_sound: Callable[[Desk, Any, int | None], None] = _anything


PLACEMENT = Kind("placement", Placement, PlacementForm)
POPUP = Kind("popup", Popup, PopupForm)
DOWNLOAD_TOOL = Kind("tool", DownloadTool, DownloadToolForm)
TRADING_TOOL = Kind("tool-column", TradingTool, TradingToolForm)
KINDS = (PLACEMENT, POPUP, DOWNLOAD_TOOL, TRADING_TOOL)


def publish(desk: Desk, kind: Kind, form: Form) -> int:
    """Shows it from now on, or from its own start on. Returns its id. Raises RefusedError."""
    _require_languages(desk, form)
    kind.require_sound(desk, form, None)
    row: Any = kind.table(**_columns(form), created_at=desk.now, updated_at=desk.now)
    desk.session.add(row)
    desk.session.flush()
    _write_texts(desk, row.id, form)
    desk.note(Deed.CONTENT_PUBLISHED, f"{kind.name} {row.id}", after=form.as_json())
    number: int = row.id
    return number


def change(desk: Desk, kind: Kind, number: int, form: Form) -> None:
    """Puts this in the place of what is there, and shows it. Raises RefusedError."""
    _require_languages(desk, form)
    kind.require_sound(desk, form, number)
    row = _locked(desk, kind, number)
    before = written(desk, kind, row).as_json()
    for name, value in {**_columns(form), "is_enabled": True, "updated_at": desk.now}.items():
        setattr(row, name, value)
    _write_texts(desk, number, form)
    desk.note(Deed.CONTENT_CHANGED, f"{kind.name} {number}", before, form.as_json())


def withdraw(desk: Desk, kind: Kind, number: int) -> None:
    """Nobody sees it any more. Raises RefusedError."""
    row = _locked(desk, kind, number)
    before = {"is_enabled": row.is_enabled}
    row.is_enabled, row.updated_at = False, desk.now
    desk.note(Deed.CONTENT_WITHDRAWN, f"{kind.name} {number}", before, {"is_enabled": False})


def everything(desk: Desk, kind: Kind) -> list[tuple[Any, Form]]:
    """All of a kind, shown or not, with what was written; the newest first."""
    table: Any = kind.table
    rows = desk.session.exec(select(table).order_by(col(table.id).desc()))
    return [(row, written(desk, kind, row)) for row in rows.all()]


def written(desk: Desk, kind: Kind, row: Any) -> Form:
    """What an operator has written into a row."""
    if kind is not TRADING_TOOL:
        return kind.form.of(row)
    by_language = TradingToolText.by_language(desk.session, row.id)
    texts = {tag: TradingToolTextForm.of(text) for tag, text in by_language.items()}
    return kind.form.of(row, texts=texts)


def _columns(form: Form) -> dict[str, Json]:
    return form.model_dump(exclude={"texts"})


def _locked(desk: Desk, kind: Kind, number: int) -> Any:
    table: Any = kind.table
    row = desk.session.exec(fresh(select(table).where(table.id == number))).first()
    if row is None:
        raise RefusedError(f"there is no {kind.name} {number}")
    return row


def _require_languages(desk: Desk, form: Form) -> None:
    """What may be left out may also be there in no language at all."""
    fields = type(form).model_fields
    by_language = {
        name: value
        for name, value in form
        if isinstance(value, Mapping) and (value or fields[name].is_required())
    }
    require_languages(desk, by_language)


def _write_texts(desk: Desk, number: int, form: Form) -> None:
    """Of a tool column, whose texts are rows of their own and keep their ids."""
    if not isinstance(form, TradingToolForm):
        return
    known = TradingToolText.by_language(desk.session, number)
    for language, text in form.texts.items():
        row = known.pop(language, None) or TradingToolText(
            trading_tool_id=number, language=language, **text.model_dump()
        )
        for name, value in text:
            setattr(row, name, value)
        desk.session.add(row)
    for left in known.values():
        desk.session.delete(left)
