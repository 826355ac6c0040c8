"""Advertisements and popups: wlink 10 to 12."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlmodel import select

from backoffice import content
from backoffice.content import PLACEMENT, POPUP, Kind
from backoffice.fields import Form
from models.popup import PopupDismissal
from models.tenant import Portal
from models.user import User
from tests.server import Broker, problem

Json = Any

IMAGE = "https://cdn.example.com/a.png"
LISTS = {PLACEMENT.name: "list_placements", POPUP.name: "list_popups"}
both = pytest.mark.parametrize("kind", [PLACEMENT, POPUP], ids=lambda kind: kind.name)


def form(kind: Kind, title: str = "Offer", **changed: Json) -> Form:
    """What an operator writes, for clients unless told otherwise."""
    rest = {"image_url": {"en": IMAGE}} if kind is PLACEMENT else {"content": {"en": "<p>Hi</p>"}}
    return kind.form(**{"portals": [Portal.CLIENT], "title": {"en": title}, **rest, **changed})


def publish(broker: Broker, kind: Kind, title: str = "Offer", **changed: Json) -> int:
    return broker.desk(lambda desk: content.publish(desk, kind, form(kind, title, **changed)))


def popup(broker: Broker, title: str = "Offer", **changed: Json) -> int:
    return publish(broker, POPUP, title, **changed)


def shown(broker: Broker, token: str, kind: Kind = POPUP, portal: str = "client") -> list[Json]:
    answer = broker.call(LISTS[kind.name], token=token, portal=portal)
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["list"]
    return found


def ids(broker: Broker, token: str, portal: str = "client") -> list[int]:
    """Those of the popups that are shown."""
    return [each["id"] for each in shown(broker, token, POPUP, portal)]


def dismiss(broker: Broker, token: str, *numbers: int, portal: str = "client") -> None:
    answer = broker.call("dismiss_popups", {"ids": list(numbers)}, token=token, portal=portal)
    assert (answer.status_code, answer.json()) == (200, {}), answer.text


def remembered(broker: Broker) -> list[tuple[int, int]]:
    """Who has dismissed what."""
    dismissed = select(PopupDismissal.user_id, PopupDismissal.popup_id)
    read = broker.server.services.database.read
    return sorted(read(broker.boundary, lambda session: session.exec(dismissed).all()))


def test_a_placement_has_a_picture_and_may_lead_somewhere(broker: Broker) -> None:
    token = broker.token(broker.user())
    link = "https://www.example.com/offer?from=portal"
    linked = publish(broker, PLACEMENT, "Linked", redirect_url={"en": link})
    plain = publish(broker, PLACEMENT, "Plain")
    assert shown(broker, token, PLACEMENT) == [
        {"id": plain, "title": "Plain", "image_url": IMAGE, "redirect_url": ""},
        {"id": linked, "title": "Linked", "image_url": IMAGE, "redirect_url": link},
    ]


@pytest.mark.parametrize("name", ["image_url", "redirect_url"])
@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:image/svg+xml,<svg onload=alert(1)>",
        "http://cdn.example.com/a.png",
        "//cdn.example.com/a.png",
        "https://cdn.example.com/a.png\nx",
        " https:// cdn.example.com",
        'https://cdn.example.com/"onerror="alert(1)',
    ],
)
def test_an_address_that_is_not_safe_is_refused(broker: Broker, name: str, address: str) -> None:
    with pytest.raises(ValidationError, match=name):
        publish(broker, PLACEMENT, "Offer", **{name: {"en": address}})


def test_a_popup_tells_whether_it_may_be_closed(broker: Broker) -> None:
    token = broker.token(broker.user())
    usual, lasting = popup(broker, title="Usual"), popup(broker, title="Lasts", allow_close=False)
    rest = {"content": "<p>Hi</p>", "is_enabled": True}
    assert shown(broker, token) == [
        {"id": lasting, "title": "Lasts", "allow_close": False, **rest},
        {"id": usual, "title": "Usual", "allow_close": True, **rest},
    ]


@both
def test_the_newest_comes_first_and_stays_there_when_others_are_changed(
    broker: Broker, kind: Kind
) -> None:
    token = broker.token(broker.user())
    forms = [form(kind, title) for title in ("first", "at the same moment")]
    first, _ = broker.desk(lambda desk: [content.publish(desk, kind, each) for each in forms])
    broker.server.clock.forward(minutes=1)
    publish(broker, kind, "last", starts_at=broker.server.clock() - timedelta(days=30))
    broker.server.clock.forward(minutes=1)
    broker.desk(lambda desk: content.change(desk, kind, first, form(kind, "changed")))
    titles = [each["title"] for each in shown(broker, token, kind)]
    assert titles == ["last", "at the same moment", "changed"]


@both
def test_what_is_for_the_broker_s_own_people_is_shown_to_them_alone(
    broker: Broker, kind: Kind
) -> None:
    number = publish(broker, kind, portals=[Portal.BROKER])
    own = broker.token(broker.user("op@example.com", Portal.BROKER))
    assert [each["id"] for each in shown(broker, own, kind)] == [number]
    assert shown(broker, broker.token(broker.user()), kind) == []


@both
def test_the_portal_is_that_of_the_caller_whatever_host_he_asks(broker: Broker, kind: Kind) -> None:
    number = publish(broker, kind, portals=[Portal.IB])
    ib = broker.token(broker.user(portal=Portal.IB))
    assert [each["id"] for each in shown(broker, ib, kind, portal="client")] == [number]


@both
def test_a_language_that_is_no_header_is_refused(broker: Broker, kind: Kind) -> None:
    token = broker.token(broker.user())
    headers = {"X-Language": "x" * 65}
    answer = broker.call(LISTS[kind.name], token=token, headers=headers)
    assert problem(answer) == (400, "VALIDATION_ERROR")
    assert answer.json()["errors"] == [{"pointer": "/header/X-Language", "rule": "maxLength"}]


def test_a_dismissed_popup_stays_away_from_who_dismissed_it(broker: Broker) -> None:
    mei, lin = broker.user(), broker.user("lin@example.com")
    token, other = broker.token(mei), broker.token(lin)
    first, second, third = (popup(broker) for _ in range(3))
    dismiss(broker, token, second)
    assert ids(broker, token) == [third, first]
    assert ids(broker, other) == [third, second, first]
    dismiss(broker, other, first, third)
    assert ids(broker, token) == [third, first]
    assert ids(broker, other) == [second]
    assert ids(broker, broker.token(mei)) == [third, first], "in another session, too"


def test_who_dismisses_a_popup_twice_has_dismissed_it_once(broker: Broker) -> None:
    user = broker.user()
    token, number = broker.token(user), popup(broker)
    dismiss(broker, token, number, number)
    dismiss(broker, token, number)
    assert ids(broker, token) == []
    assert remembered(broker) == [(user.id, number)]


def test_an_ib_dismisses_for_himself_though_he_is_a_client_as_well(broker: Broker) -> None:
    number = popup(broker, portals=[Portal.CLIENT, Portal.IB])
    client = broker.token(broker.user())
    ib = broker.token(broker.user(portal=Portal.IB))
    dismiss(broker, ib, number, portal="ib")
    assert ids(broker, ib, "ib") == []
    assert ids(broker, client) == [number]


def unseen(broker: Broker) -> dict[str, int]:
    """Popups that a client cannot see now, for every reason that there is."""
    other, now = broker.server.broker(), broker.server.clock()
    withdrawn = popup(broker)
    broker.withdraw(POPUP, withdrawn)
    return {
        "none": 9007199254740991,
        "another broker's": popup(other),
        "another broker's that lasts": popup(other, allow_close=False),
        "another portal's": popup(broker, portals=[Portal.IB]),
        "withdrawn": withdrawn,
        "to come": popup(broker, starts_at=now + timedelta(hours=1), allow_close=False),
        "over": popup(broker, ends_at=now),
    }


def test_what_the_caller_cannot_see_is_passed_over_and_not_remembered(broker: Broker) -> None:
    user = broker.user()
    token, number, invisible = broker.token(user), popup(broker), unseen(broker)
    dismiss(broker, token, number, *invisible.values())
    assert remembered(broker) == [(user.id, number)]
    broker.server.clock.forward(hours=1)
    assert ids(broker, token) == [invisible["to come"]]


def test_a_popup_that_must_not_be_closed_is_refused_and_nothing_is_remembered(
    broker: Broker,
) -> None:
    token = broker.token(broker.user())
    first, lasting, last = popup(broker), popup(broker, allow_close=False), popup(broker)
    for wanted in ([lasting], [first, lasting, last]):
        answer = broker.call("dismiss_popups", {"ids": wanted}, token=token)
        assert problem(answer) == (409, "POPUP_NOT_CLOSABLE")
    assert remembered(broker) == []
    assert ids(broker, token) == [last, lasting, first]
    dismiss(broker, token, first, last)
    assert ids(broker, token) == [lasting]


def test_a_popup_that_may_be_closed_from_now_on_can_be_dismissed(broker: Broker) -> None:
    token, number = broker.token(broker.user()), popup(broker, allow_close=False)
    broker.desk(lambda desk: content.change(desk, POPUP, number, form(POPUP)))
    dismiss(broker, token, number)
    assert ids(broker, token) == []


def test_a_dismissed_popup_does_not_come_back_when_it_is_written_anew(broker: Broker) -> None:
    token, number = broker.token(broker.user()), popup(broker)
    dismiss(broker, token, number)
    broker.desk(lambda desk: content.change(desk, POPUP, number, form(POPUP, "New")))
    assert ids(broker, token) == []


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"/body/ids": "required"}),
        ({"ids": []}, {"/body/ids": "minItems"}),
        ({"ids": 1}, {"/body/ids": "type"}),
        ({"ids": [1] * 201}, {"/body/ids": "maxItems"}),
        (
            {"ids": [0, 1, "2", 9007199254740992], "all": True},
            {
                "/body/ids/0": "minimum",
                "/body/ids/2": "type",
                "/body/ids/3": "maximum",
                "/body/all": "additionalProperties",
            },
        ),
    ],
)
def test_every_id_that_is_none_is_named(broker: Broker, body: Json, errors: dict[str, str]) -> None:
    answer = broker.call("dismiss_popups", body, token=broker.token(broker.user()))
    assert problem(answer) == (400, "VALIDATION_ERROR")
    assert {each["pointer"]: each["rule"] for each in answer.json()["errors"]} == errors


def test_two_hundred_popups_are_dismissed_at_once(broker: Broker) -> None:
    user: User = broker.user()
    token, numbers = broker.token(user), [popup(broker) for _ in range(3)]
    dismiss(broker, token, *numbers, *range(10**9, 10**9 + 197))
    assert ids(broker, token) == []
    assert remembered(broker) == [(user.id, number) for number in numbers]
