"""Programs to download, and pages of others inside the portal: wlink 42 to 45 and 106."""

from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response
from pydantic import ValidationError
from sqlmodel import select

from backoffice.content import DOWNLOAD_TOOL, TRADING_TOOL
from models.tenant import Portal
from models.trading_tool import TradingToolReading
from tests.server import Broker, problem

Json = Any

LINK = "https://tool.example.com/calendar"
POPUP = {"popup_title": "Risk", "popup_content": "<p>Read this.</p>"}


def downloads(broker: Broker, token: str, portal: str = "client") -> list[Json]:
    answer = broker.call(f"list_{portal}_download_tools", token=token, portal=portal)
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["list"]
    assert answer.json()["total"] == len(found)
    return found


@pytest.mark.parametrize("portal", [Portal.CLIENT, Portal.IB])
def test_a_program_is_told_with_all_its_addresses(broker: Broker, portal: Portal) -> None:
    token = broker.token(broker.user(portal=portal))
    assert downloads(broker, token, portal) == []
    broker.configure("tenant", timezone="Asia/Shanghai")
    addresses = {
        f"{name}_url": f"https://dl.example.com/{name}"
        for name in (
            *("icon", "logo", "android_download", "ios_download", "macos_download"),
            "windows_download",
        )
    }
    written = {"name": {"en": "Terminal"}, "description": {"en": "For all\nsystems"}}
    made = broker.server.clock() + timedelta(hours=8)
    number = broker.publish(DOWNLOAD_TOOL, portals=[portal], **written, **addresses)
    shown = {"id": number, "name": "Terminal", "description": "For all\nsystems", **addresses}
    at = f"{made:%Y-%m-%d %H:%M:%S}"
    assert downloads(broker, token, portal) == [{**shown, "created_at": at, "updated_at": at}]
    broker.server.clock.forward(hours=3)
    later = f"{broker.server.clock() + timedelta(hours=8):%Y-%m-%d %H:%M:%S}"
    broker.rewrite(DOWNLOAD_TOOL, number, portals=[portal], name={"en": "Terminal"})
    bare = {**shown, "description": "", **dict.fromkeys(addresses, "")}
    assert downloads(broker, token, portal) == [{**bare, "created_at": at, "updated_at": later}]


def test_programs_come_in_the_order_of_the_operator(broker: Broker) -> None:
    token = broker.token(broker.user())
    for name, place in (("last", 1_000_000), ("second", 5), ("first", 0), ("third", 5)):
        broker.publish(DOWNLOAD_TOOL, name={"en": name}, sort_order=place)
    names = [each["name"] for each in downloads(broker, token)]
    assert names == ["first", "second", "third", "last"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": {"en": "x" * 101}},
        {"name": {"en": ""}},
        {"description": {"en": "<b>bold</b>"}},
        {"ios_download_url": "itms-apps://dl.example.com"},
        {"windows_download_url": "http://dl.example.com/setup.exe"},
        {"icon_url": "data:image/png;base64,AAAA"},
        {"sort_order": -1},
    ],
)
def test_a_program_that_is_written_wrongly_is_refused(broker: Broker, wrong: Json) -> None:
    (name,) = wrong
    with pytest.raises(ValidationError, match=name):
        broker.publish(DOWNLOAD_TOOL, **{"name": {"en": "Terminal"}, **wrong})


def column(broker: Broker, *portals: Portal, **text: Json) -> int:
    """A tool column in English, with a popup and for clients unless told otherwise."""
    texts = {"en": {"title": "Calendar", "iframe_link": LINK, **POPUP, **text}}
    shown_in = portals or (Portal.CLIENT,)
    return broker.publish(TRADING_TOOL, portals=shown_in, name="Calendar", texts=texts)


def get(broker: Broker, token: str, number: Json, language: str = "en") -> Response:
    query, headers = {"column_id": number}, {"X-Language": language}
    return broker.call("get_trading_tool", token=token, query=query, headers=headers)


def is_read(broker: Broker, token: str, number: int, language: str = "en") -> bool:
    """As the check says; the column itself must say the same."""
    query, headers = {"column_id": number}, {"X-Language": language}
    answer = broker.call("check_trading_tool_popup_read", token=token, query=query, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"is_read": get(broker, token, number, language).json()["is_read"]}
    result: bool = answer.json()["is_read"]
    return result


def mark(broker: Broker, token: str, number: int) -> None:
    answer = broker.call("mark_trading_tool_popup_read", {"column_id": number}, token=token)
    assert (answer.status_code, answer.json()) == (200, {}), answer.text


def readings(broker: Broker) -> list[tuple[int, int]]:
    """Who has confirmed what."""
    read = select(TradingToolReading.user_id, TradingToolReading.trading_tool_id)
    found = broker.server.services.database.read(
        broker.boundary, lambda session: session.exec(read).all()
    )
    return sorted(found)


def test_a_tool_column_is_told_in_the_language_of_the_reader(broker: Broker) -> None:
    token = broker.token(broker.user())
    texts = {
        "en": {"title": "Calendar", "iframe_link": LINK, **POPUP},
        "zh-CN": {"title": "日历", "iframe_link": f"{LINK}?zh"},
    }
    number = broker.publish(TRADING_TOOL, name="Calendar", texts=texts)
    english, chinese = (get(broker, token, number, each).json() for each in ("en", "zh-CN"))
    assert english.pop("id") != chinese.pop("id"), "each language is a text of its own"
    assert english == {
        "column_id": number,
        "language": "en",
        "title": "Calendar",
        "iframe_link": LINK,
        "is_read": False,
        **POPUP,
    }
    assert chinese == {
        "column_id": number,
        "language": "zh-CN",
        "title": "日历",
        "iframe_link": f"{LINK}?zh",
        "is_read": True,
        "popup_title": "",
        "popup_content": "",
    }


def test_a_text_keeps_its_id_when_it_is_written_anew_and_goes_when_it_is_left_out(
    broker: Broker,
) -> None:
    token = broker.token(broker.user())
    texts = {tag: {"title": tag, "iframe_link": LINK} for tag in ("en", "zh-CN")}
    number = broker.publish(TRADING_TOOL, name="Calendar", texts=texts)
    before = get(broker, token, number).json()
    broker.rewrite(
        TRADING_TOOL, number, name="x", texts={"en": {"title": "New", "iframe_link": LINK}}
    )
    assert get(broker, token, number).json() == {**before, "title": "New"}
    assert get(broker, token, number, "zh-CN").json()["language"] == "en"


def test_a_popup_is_confirmed_by_each_reader_for_himself(broker: Broker) -> None:
    mei, lin = broker.user(), broker.user("lin@example.com")
    token, other = broker.token(mei), broker.token(lin)
    number, second = column(broker), column(broker)
    assert not is_read(broker, token, number)
    for _ in range(3):
        mark(broker, token, number)
        assert is_read(broker, token, number)
    assert not is_read(broker, token, second)
    assert not is_read(broker, other, number)
    assert readings(broker) == [(mei.id, number)]
    mark(broker, other, second)
    assert [is_read(broker, other, each) for each in (number, second)] == [False, True]
    assert is_read(broker, broker.token(mei), number), "in another session, too"


def test_looking_at_a_tool_column_confirms_nothing(broker: Broker) -> None:
    token, number = broker.token(broker.user()), column(broker)
    get(broker, token, number)
    assert not is_read(broker, token, number)
    assert readings(broker) == []


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ({"popup_title": "", "popup_content": ""}, True),
        ({"popup_title": "Risk", "popup_content": ""}, False),
        ({"popup_title": "", "popup_content": "<p>Risk</p>"}, False),
        ({"popup_title": "", "popup_content": "<script>alert(1)</script>"}, True),
    ],
)
def test_where_there_is_no_popup_there_is_nothing_to_confirm(
    broker: Broker, text: dict[str, str], read: bool
) -> None:
    token, number = broker.token(broker.user()), column(broker, **text)
    assert is_read(broker, token, number) is read
    mark(broker, token, number)
    assert is_read(broker, token, number)


def test_a_confirmed_popup_stays_confirmed_in_every_language(broker: Broker) -> None:
    token = broker.token(broker.user())
    texts = {tag: {"title": tag, "iframe_link": LINK, **POPUP} for tag in ("en", "zh-CN")}
    number = broker.publish(TRADING_TOOL, name="Calendar", texts=texts)
    mark(broker, token, number)
    assert [is_read(broker, token, number, tag) for tag in ("en", "zh-CN", "fr")] == [True] * 3


def unseen(broker: Broker) -> dict[str, int]:
    """Columns that a client cannot see now, for every reason that there is."""
    other, now = broker.server.broker(), broker.server.clock()
    withdrawn = column(broker)
    broker.withdraw(TRADING_TOOL, withdrawn)
    texts = {"en": {"title": "Calendar", "iframe_link": LINK, **POPUP}}
    windows = {
        "to come": {"starts_at": now + timedelta(days=1)},
        "over": {"ends_at": now},
    }
    return {
        "none": 9007199254740991,
        "another broker's": column(other),
        "another portal's": column(broker, Portal.IB, Portal.BROKER),
        "withdrawn": withdrawn,
        **{
            name: broker.publish(TRADING_TOOL, name="x", texts=texts, **window)
            for name, window in windows.items()
        },
    }


def test_a_column_that_the_portal_does_not_show_is_not_found(broker: Broker) -> None:
    token = broker.token(broker.user())
    for reason, number in unseen(broker).items():
        sent = {"column_id": number}
        answers = [
            broker.call("get_trading_tool", token=token, query=sent),
            broker.call("check_trading_tool_popup_read", token=token, query=sent),
            broker.call("mark_trading_tool_popup_read", sent, token=token),
        ]
        assert [problem(answer) for answer in answers] == [(404, "NOT_FOUND")] * 3, reason
    assert readings(broker) == []


@pytest.mark.parametrize(
    ("sent", "rule"),
    [
        ({}, "required"),
        ({"column_id": 0}, "minimum"),
        ({"column_id": 2**53}, "maximum"),
        ({"column_id": "one"}, "type"),
    ],
)
def test_a_column_id_that_is_none_is_named(broker: Broker, sent: Json, rule: str) -> None:
    token = broker.token(broker.user())
    for name in ("get_trading_tool", "check_trading_tool_popup_read"):
        answer = broker.call(name, token=token, query=sent)
        assert problem(answer) == (400, "VALIDATION_ERROR")
        assert answer.json()["errors"] == [{"pointer": "/query/column_id", "rule": rule}]
    answer = broker.call("mark_trading_tool_popup_read", sent, token=token)
    assert problem(answer) == (400, "VALIDATION_ERROR")
    assert answer.json()["errors"] == [{"pointer": "/body/column_id", "rule": rule}]
