"""Menus and buttons: wlink 8, 9 and 28."""

from typing import Any

import pytest
from sqlmodel import select

from models.permission import MenuAction, Role, RoleGrant, UserRole
from models.tenant import Portal
from models.user import User
from tests.server import Broker, problem

Json = Any

MINE = ("get_action_permissions", "get_menu_permissions")


def keys(tree: list[Json]) -> list[str]:
    return [key for node in tree for key in (node["key"], *keys(node["children"]))]


def give(broker: Broker, user: User, *granted: str) -> None:
    """A role of the user's own, with just these entries."""

    def write(session: Any) -> None:
        role = Role(user_type=user.user_type, name="own")
        session.add(role)
        session.flush()
        session.add(UserRole(user_id=user.id, role_id=role.id))
        for key in granted:
            action = session.exec(select(MenuAction).where(MenuAction.key == key)).one()
            session.add(RoleGrant(role_id=role.id, menu_action_id=action.id))

    broker.server.services.database.write(broker.boundary, write)


@pytest.mark.parametrize("name", MINE)
def test_who_has_no_role_has_the_usual_permissions_of_his_portal(broker: Broker, name: str) -> None:
    answer = broker.call(name, token=broker.login(broker.user())).json()
    assert keys(answer["menus"])[:3] == ["funds", "deposits", "deposit.create"]
    assert answer["actions"]["deposit.create"] == {
        "methods": {"POST": True},
        "path": "/funds/deposits/new",
        "title": "New deposit",
        "url": "/v1/client/trading/deposit/draft/create",
    }
    ib = broker.login(broker.user(portal=Portal.IB))
    answer = broker.call(name, token=ib, portal="ib").json()
    assert list(answer["actions"]) == ["client.read", "rebate.export"]
    assert {node["user_type"] for node in answer["menus"]} == {"ib"}


@pytest.mark.parametrize("name", MINE)
def test_a_role_of_one_s_own_replaces_the_usual_ones(broker: Broker, name: str) -> None:
    user = broker.user()
    give(broker, user, "funds", "deposits", "deposit.export", "account.create")
    answer = broker.call(name, token=broker.login(user)).json()
    assert keys(answer["menus"]) == ["funds", "deposits", "deposit.export"]
    assert set(answer["actions"]) == {"deposit.export", "account.create"}


def test_the_whole_tree_does_not_look_at_grants(broker: Broker) -> None:
    user = broker.user()
    give(broker, user, "funds")
    tree = broker.call("list_menu_actions", token=broker.login(user)).json()["list"]
    assert keys(tree) == [
        *["funds", "deposits", "deposit.create", "deposit.export"],
        *["withdrawals", "withdrawal.create", "transfers", "transfer.create"],
        *["trading", "accounts", "account.create"],
    ]
    parents = {node["parent_id"] for node in tree}
    assert parents == {0}
    assert tree[0]["children"][0]["parent_id"] == tree[0]["id"]


def test_what_is_switched_off_is_gone_with_all_below_it(broker: Broker) -> None:
    def switch_off(session: Any) -> None:
        session.exec(select(MenuAction).where(MenuAction.key == "funds")).one().is_enabled = False

    broker.server.services.database.write(broker.boundary, switch_off)
    token = broker.login(broker.user())
    tree = broker.call("list_menu_actions", token=token).json()["list"]
    assert keys(tree) == ["trading", "accounts", "account.create"]


@pytest.mark.parametrize(
    ("language", "title"), [("zh-CN", "资金"), ("en", "Funds"), ("zh-TW", "资金")]
)
def test_titles_are_in_the_language_of_the_caller(
    broker: Broker, language: str, title: str
) -> None:
    token = broker.login(broker.user())
    headers = {"X-Language": language}
    tree = broker.call("list_menu_actions", token=token, headers=headers).json()["list"]
    assert tree[0]["title"] == title


def test_the_broker_s_own_people_have_no_portal_s_permissions(broker: Broker) -> None:
    token = broker.token(broker.user(portal=Portal.BROKER))
    assert problem(broker.call("get_menu_permissions", token=token)) == (403, "WRONG_PORTAL")
    assert broker.call("get_action_permissions", token=token).json() == {"actions": {}, "menus": []}
