"""Menus and buttons that the caller may use."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from sqlmodel import Session

from contract.problems import Problem
from models.permission import Action, MenuAction, granted
from models.tenant import Portal
from models.texts import Languages, text_in
from models.user import Caller

Json = Any


def get_action_permissions(*, session: Session, caller: Caller, languages: Languages) -> Json:
    """What the caller's roles grant (wlink 8)."""
    ids = granted(session, caller.user_id, caller.portal)
    own = [entry for entry in MenuAction.of_portal(session, caller.portal) if entry.id in ids]
    buttons = (entry for entry in own if entry.action is not Action.ACCESS)
    return {
        "menus": _tree(own, languages),
        "actions": {button.key: _grant(button, languages) for button in buttons},
    }


def get_menu_permissions(*, session: Session, caller: Caller, languages: Languages) -> Json:
    """The same for clients and IBs, and for nobody else (wlink 28)."""
    if caller.portal is Portal.BROKER:
        raise Problem("WRONG_PORTAL")
    return get_action_permissions(session=session, caller=caller, languages=languages)


def list_menu_actions(*, session: Session, caller: Caller, languages: Languages) -> Json:
    """Everything that the portal has, granted or not (wlink 9)."""
    return {"list": _tree(MenuAction.of_portal(session, caller.portal), languages)}


def _tree(entries: Iterable[MenuAction], languages: Languages) -> list[Json]:
    """Groups with their pages with their buttons, in the order of the entries. What hangs under an
    entry that is not there is not shown.
    """
    children: defaultdict[int | None, list[MenuAction]] = defaultdict(list)
    for entry in entries:
        children[entry.parent_id].append(entry)

    def branch(parent_id: int | None) -> list[Json]:
        return [_node(entry, languages, branch) for entry in children[parent_id]]

    return branch(None)


def _node(entry: MenuAction, languages: Languages, branch: Callable[[int], list[Json]]) -> Json:
    return {
        "id": entry.id,
        "parent_id": entry.parent_id or 0,
        "user_type": entry.user_type,
        "key": entry.key,
        "action": entry.action,
        "title": text_in(entry.title, languages),
        "desc": text_in(entry.description, languages),
        "icon": entry.icon,
        "path": entry.path,
        "sort_order": entry.sort_order,
        "status": 1,
        "children": branch(entry.id),
    }


def _grant(button: MenuAction, languages: Languages) -> Json:
    return {
        "methods": {button.action.value: True},
        "path": button.path,
        "title": text_in(button.title, languages),
        "url": button.url,
    }
