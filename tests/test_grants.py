"""Buttons keep away whoever has not been granted one: every operation that lists FORBIDDEN."""

from typing import Any

import pytest
from sqlmodel import select

from backoffice.desk import Desk
from backoffice.roles import create_role, give_role, take_role
from contract.documents import merged
from contract.operations import operations
from handlers.planned import PLANNED
from models.permission import Action, MenuAction
from models.tenant import Portal
from models.user import User
from tests.server import Broker
from tests.test_authorisation import BODIES, QUERIES

Json = Any

OPERATIONS = operations(merged().document)
REFUSABLE = sorted(
    name
    for name, operation in OPERATIONS.items()
    if name not in PLANNED and "FORBIDDEN" in operation.problems
)
NAME = "list_client_messages"


def add_button(broker: Broker, name: str, portal: Portal, **changed: Json) -> None:
    """A button for an operation, with the operation's own name as its key."""
    operation = OPERATIONS[name]
    button = MenuAction(
        user_type=portal,
        key=name,
        action=Action(operation.method),
        title={"en": "A button"},
        description={"en": "A button"},
        icon="plus",
        path="/button",
        url=operation.path,
        sort_order=1,
        **changed,
    )
    broker.server.services.database.write(broker.boundary, lambda session: session.add(button))
    broker.server.clock.forward(seconds=1)


def remove_buttons(broker: Broker, name: str) -> None:
    """The usual menus have buttons for some of the operations."""
    operation = OPERATIONS[name]
    usual = select(MenuAction).where(MenuAction.url == operation.path)

    def write(session: Any) -> None:
        for button in session.exec(usual).all():
            button.is_enabled = False

    broker.server.services.database.write(broker.boundary, write)
    broker.server.clock.forward(seconds=1)


def with_role(broker: Broker, user: User, *grants: str) -> str:
    """Gives him a role of his own; returns a token."""

    def write(desk: Desk) -> None:
        create_role(desk, user.user_type, "own", grants)
        give_role(desk, user.user_type, user.email, "own")

    broker.desk(write)
    return broker.token(user)


def portal_of(name: str) -> Portal:
    return Portal.IB if "ib" in OPERATIONS[name].schemes else Portal.CLIENT


def call(broker: Broker, name: str, token: str) -> tuple[int, str]:
    answer = broker.call(
        *(name, BODIES.get(name)),
        token=token,
        portal=portal_of(name),
        query=QUERIES.get(name),
    )
    return answer.status_code, answer.json().get("code", "")


@pytest.mark.parametrize("name", REFUSABLE)
def test_who_has_not_been_granted_the_button_is_refused(broker: Broker, name: str) -> None:
    remove_buttons(broker, name)
    token = with_role(broker, broker.user(portal=portal_of(name)))
    before = call(broker, name, token)
    assert before[1] != "FORBIDDEN"
    add_button(broker, name, portal_of(name))
    assert call(broker, name, token) == (403, "FORBIDDEN")


def test_who_has_been_granted_the_button_may_call(broker: Broker) -> None:
    add_button(broker, NAME, Portal.CLIENT)
    token = with_role(broker, broker.user(), NAME)
    assert call(broker, NAME, token) == (200, "")


def test_one_of_several_buttons_is_enough(broker: Broker) -> None:
    add_button(broker, NAME, Portal.CLIENT)
    token = with_role(broker, broker.user(), NAME)

    def another(session: Any) -> None:
        first = session.exec(select(MenuAction).where(MenuAction.key == NAME)).one()
        session.add(MenuAction(**{**first.model_dump(), "id": None, "key": "another"}))

    broker.server.services.database.write(broker.boundary, another)
    broker.server.clock.forward(seconds=1)
    assert call(broker, NAME, token) == (200, "")


@pytest.mark.parametrize(
    "changed",
    [{"is_enabled": False}, {"action": Action.POST}, {"user_type": Portal.IB}],
    ids=["switched off", "another method", "another portal"],
)
def test_a_button_that_is_not_for_the_call_keeps_nobody_away(
    broker: Broker, changed: dict[str, Json]
) -> None:
    token = with_role(broker, broker.user())
    add_button(broker, NAME, Portal.CLIENT)
    assert call(broker, NAME, token) == (403, "FORBIDDEN")

    def change(session: Any) -> None:
        button = session.exec(select(MenuAction).where(MenuAction.key == NAME)).one()
        for field, value in changed.items():
            setattr(button, field, value)

    broker.server.services.database.write(broker.boundary, change)
    broker.server.clock.forward(seconds=1)
    assert call(broker, NAME, token) == (200, "")


def test_a_button_of_another_tenant_keeps_nobody_away(broker: Broker) -> None:
    add_button(broker.server.broker(), NAME, Portal.CLIENT)
    assert call(broker, NAME, with_role(broker, broker.user())) == (200, "")


def test_a_role_that_is_taken_away_is_gone_at_once(broker: Broker) -> None:
    add_button(broker, NAME, Portal.CLIENT)
    user = broker.user()
    token = with_role(broker, user, NAME)
    assert call(broker, NAME, token) == (200, "")
    broker.desk(lambda desk: take_role(desk, user.user_type, user.email, "own"))
    assert call(broker, NAME, token) == (403, "FORBIDDEN"), "the usual role has no such grant"
