"""Advertisements and popups."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col

from contract.problems import Problem
from models.placement import Placement
from models.popup import Popup, PopupDismissal
from models.texts import Languages, text_in
from models.user import Caller

Json = Any


def list_placements(
    *, session: Session, caller: Caller, now: datetime, languages: Languages
) -> Json:
    """The advertisements of the caller's portal, the newest first (wlink 10)."""
    newest = (col(Placement.created_at).desc(), col(Placement.id).desc())
    shown = Placement.shown(session, caller.portal, now, *newest)
    return {"list": [_placement(each, languages) for each in shown]}


def _placement(placement: Placement, languages: Languages) -> Json:
    return {
        "id": placement.id,
        "title": text_in(placement.title, languages),
        "image_url": text_in(placement.image_url, languages),
        "redirect_url": text_in(placement.redirect_url, languages),
    }


def list_popups(*, session: Session, caller: Caller, now: datetime, languages: Languages) -> Json:
    """The popups of the caller's portal that he has not dismissed, the newest first (wlink 12)."""
    dismissed = PopupDismissal.dismissed(session, caller.user_id)
    shown = [each for each in _popups(session, caller, now) if each.id not in dismissed]
    return {"list": [_popup(each, languages) for each in shown]}


def dismiss_popups(ids: list[int], *, session: Session, caller: Caller, now: datetime) -> Json:
    """Keeps popups away from the caller (wlink 11). What he cannot see anyway is passed over."""
    popups = [each for each in _popups(session, caller, now) if each.id in ids]
    if not all(popup.allow_close for popup in popups):
        raise Problem("POPUP_NOT_CLOSABLE")
    PopupDismissal.dismiss(session, caller.user_id, [popup.id for popup in popups], now)
    return {}


def _popups(session: Session, caller: Caller, now: datetime) -> list[Popup]:
    newest = (col(Popup.created_at).desc(), col(Popup.id).desc())
    return Popup.shown(session, caller.portal, now, *newest)


def _popup(popup: Popup, languages: Languages) -> Json:
    return {
        "id": popup.id,
        "title": text_in(popup.title, languages),
        "content": text_in(popup.content, languages),
        "allow_close": popup.allow_close,
        "is_enabled": popup.is_enabled,
    }
