"""In which language the broker's texts are told: X-Language, else Accept-Language, else the
broker's own, else any.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from backoffice.content import DOWNLOAD_TOOL, PLACEMENT, POPUP, TRADING_TOOL
from models.tenant import Portal
from tests.server import Broker

Json = Any
Texts = dict[str, str]

OFFERED = ["en", "zh-CN", "zh-TW", "vi"]
LINK = "https://tool.example.com/"


@dataclass(frozen=True)
class Place:
    """Where texts are read, and how an operator writes them there."""

    name: str
    write: Callable[[Broker, Texts], int]
    operation: str
    fields: tuple[str, ...]

    def read(self, broker: Broker, token: str, number: int, headers: dict[str, str]) -> set[str]:
        """What all the fields hold, the markup taken off."""
        query = {
            "get_client_message": {"id": number},
            "get_trading_tool": {"column_id": number},
            "list_client_messages": {"page": 1, "size": 20},
        }.get(self.operation)
        answer = broker.call(self.operation, token=token, headers=headers, query=query)
        assert answer.status_code == 200, answer.text
        shown = answer.json()
        if "list" in shown:
            (shown,) = shown["list"]
        return {shown[name].removeprefix("<p>").removesuffix("</p>") for name in self.fields}


def links(texts: Texts) -> Texts:
    return {language: f"{LINK}{text}" for language, text in texts.items()}


def html(texts: Texts) -> Texts:
    return {language: f"<p>{text}</p>" for language, text in texts.items()}


def placement(broker: Broker, texts: Texts) -> int:
    return broker.publish(PLACEMENT, title=texts, image_url=links(texts), redirect_url=links(texts))


def popup(broker: Broker, texts: Texts) -> int:
    return broker.publish(POPUP, title=texts, content=html(texts))


def download(broker: Broker, texts: Texts) -> int:
    return broker.publish(DOWNLOAD_TOOL, name=texts, description=texts)


def column(broker: Broker, texts: Texts) -> int:
    written = {
        tag: {"title": text, "iframe_link": LINK, "popup_title": text, "popup_content": text}
        for tag, text in texts.items()
    }
    return broker.publish(TRADING_TOOL, name="Calendar", texts=written)


def message(broker: Broker, texts: Texts) -> int:
    number = broker.send_form(title=texts, content=html(texts), portals=[Portal.CLIENT])
    broker.server.deliver()
    return number


PLACES = (
    Place("placement", placement, "list_placements", ("title",)),
    Place("popup", popup, "list_popups", ("title", "content")),
    Place("download", download, "list_client_download_tools", ("name", "description")),
    Place("column", column, "get_trading_tool", ("title", "popup_title", "popup_content")),
    Place("message", message, "get_client_message", ("title", "content")),
    Place("messages", message, "list_client_messages", ("title",)),
)
everywhere = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)


def told(
    broker: Broker, place: Place, texts: Texts, *asked: tuple[str | None, str | None]
) -> list[str]:
    """What is read with each pair of X-Language and Accept-Language."""
    token, number = broker.token(broker.user()), place.write(broker, texts)
    found = []
    for wanted, accepted in asked:
        headers = {"X-Language": wanted or "", "Accept-Language": accepted or ""}
        (text,) = place.read(broker, token, number, headers)
        found.append(text)
    return found


@pytest.fixture
def speaking(broker: Broker) -> Broker:
    """A broker of four languages."""
    broker.configure("offer", languages=OFFERED)
    return broker


@everywhere
def test_the_language_that_is_asked_for_comes_first(speaking: Broker, place: Place) -> None:
    texts = {"vi": "Chao", "en": "Hello", "zh-CN": "你好"}
    asked = {
        ("zh-CN", "vi, en"): "你好",
        ("vi", None): "Chao",
        ("EN", "zh-CN"): "Hello",
        ("zh_CN", None): "你好",
        ("en-GB", "vi"): "Hello",
        ("fr", "zh-CN"): "你好",
        (None, "zh-CN;q=0.4, vi;q=0.9, fr"): "Chao",
        (None, "vi;q=0, zh-CN;q=0.1"): "你好",
        ("fr", "de, *;q=0.1"): "Hello",
        (None, None): "Hello",
    }
    assert told(speaking, place, texts, *asked) == list(asked.values())


@everywhere
def test_chinese_of_the_other_script_is_nearer_than_another_language(
    speaking: Broker, place: Place
) -> None:
    texts = {"en": "Hello", "zh-CN": "你好"}
    asked = [("zh-TW", "en"), ("zh-Hant-HK", None), ("zh", None), (None, "zh-TW, en;q=0.9")]
    assert told(speaking, place, texts, *asked) == ["你好"] * 4


@everywhere
@pytest.mark.parametrize("first", ["zh-CN", "zh-TW"])
def test_who_reads_one_chinese_script_is_not_given_the_other(
    speaking: Broker, place: Place, first: str
) -> None:
    texts = {"en": "Hello", first: "", "zh-CN": "繁体", "zh-TW": "繁體"}
    asked = {
        ("zh-TW", None): "繁體",
        ("zh-HK", None): "繁體",
        ("zh-Hant", None): "繁體",
        (None, "zh-Hant-TW, en"): "繁體",
        ("zh-CN", None): "繁体",
        ("zh", None): "繁体",
        ("zh-Hans-SG", None): "繁体",
        ("zh-Hans-HK", None): "繁体",
    }
    assert told(speaking, place, texts, *asked) == list(asked.values())


@everywhere
def test_who_asks_for_nothing_that_there_is_reads_the_broker_s_own_language(
    speaking: Broker, place: Place
) -> None:
    speaking.configure("tenant", default_language="vi")
    texts = {"en": "Hello", "vi": "Chao", "zh-CN": "你好"}
    assert told(speaking, place, texts, ("fr", "de"), (None, None)) == ["Chao"] * 2


@everywhere
def test_any_language_is_better_than_none(speaking: Broker, place: Place) -> None:
    token, number = speaking.token(speaking.user()), place.write(speaking, {"en": "Hello"})
    speaking.configure("tenant", default_language="vi")
    for wanted in ("vi", "fr", ""):
        shown = place.read(speaking, token, number, {"X-Language": wanted})
        assert shown == {"Hello"}, wanted


def test_each_text_falls_back_by_itself(speaking: Broker) -> None:
    token = speaking.token(speaking.user())
    speaking.publish(
        PLACEMENT,
        title={"en": "Hello", "zh-CN": "你好", "vi": ""},
        image_url={"en": f"{LINK}en.png", "vi": f"{LINK}vi.png"},
    )
    for wanted, title, picture in (("zh-CN", "你好", "en"), ("vi", "Hello", "vi")):
        headers = {"X-Language": wanted}
        (shown,) = speaking.call("list_placements", token=token, headers=headers).json()["list"]
        assert (shown["title"], shown["image_url"]) == (title, f"{LINK}{picture}.png")


def test_the_language_of_a_tool_column_is_that_of_its_texts(speaking: Broker) -> None:
    token = speaking.token(speaking.user())
    number = column(speaking, {"en": "Hello", "zh-CN": "你好"})
    for wanted, language in (("zh-TW", "zh-CN"), ("fr", "en")):
        headers, query = {"X-Language": wanted}, {"column_id": number}
        answer = speaking.call("get_trading_tool", token=token, headers=headers, query=query)
        assert answer.json()["language"] == language
