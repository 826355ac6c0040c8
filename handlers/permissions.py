"""Menus and buttons that the caller may use."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from sqlmodel import Session

from contract.problems import Problem
from models.permission import Action, MenuAction, granted
from models.tenant import Portal
from models.user import Caller

Json = Any


def get_action_permissions(*, session: Session, caller: Caller, language: str) -> Json:
    """What the caller's roles grant (wlink 8)."""
    ids = granted(session, caller.user_id, caller.portal)
    own = [entry for entry in MenuAction.of_portal(session, caller.portal) if entry.id in ids]
    buttons = (entry for entry in own if entry.action is not Action.ACCESS)
    return {
        "menus": _tree(own, language),
        "actions": {button.key: _grant(button, language) for button in buttons},
    }


def get_menu_permissions(*, session: Session, caller: Caller, language: str) -> Json:
    """The same for clients and IBs, and for nobody else (wlink 28)."""
    if caller.portal is Portal.BROKER:
        raise Problem("WRONG_PORTAL")
    return get_action_permissions(session=session, caller=caller, language=language)


def list_menu_actions(*, session: Session, caller: Caller, language: str) -> Json:
    """Everything that the portal has, granted or not (wlink 9)."""
    return {"list": _tree(MenuAction.of_portal(session, caller.portal), language)}


def _tree(entries: Iterable[MenuAction], language: str) -> list[Json]:
    """Groups with their pages with their buttons, in the order of the entries. What hangs under an
    entry that is not there is not shown.
    """
    children: defaultdict[int | None, list[MenuAction]] = defaultdict(list)
    for entry in entries:
        children[entry.parent_id].append(entry)

    def branch(parent_id: int | None) -> list[Json]:
        return [_node(entry, language, branch) for entry in children[parent_id]]

    return branch(None)


def _node(entry: MenuAction, language: str, branch: Callable[[int], list[Json]]) -> Json:
    return {
        "id": entry.id,
        "parent_id": entry.parent_id or 0,
        "user_type": entry.user_type,
        "key": entry.key,
        "action": entry.action,
        "title": _text(entry.title, language),
        "desc": _text(entry.description, language),
        "icon": entry.icon,
        "path": entry.path,
        "sort_order": entry.sort_order,
        "status": 1,
        "children": branch(entry.id),
    }


def _grant(button: MenuAction, language: str) -> Json:
    return {
        "methods": {button.action.value: True},
        "path": button.path,
        "title": _text(button.title, language),
        "url": button.url,
    }


def _text(texts: dict[str, str], language: str) -> str:
    """In the language; Chinese of any kind rather than English, which is always there."""
    chinese = texts.get("zh-CN") if language.startswith("zh") else None
    return texts.get(language) or chinese or texts["en"]
