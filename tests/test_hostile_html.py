"""What operators write as HTML comes to the reader's browser without anything that could run."""

from typing import Any

import nh3
import pytest
from pydantic import ValidationError

from backoffice.content import POPUP, TRADING_TOOL, publish
from backoffice.content_forms import PopupForm, TradingToolForm, TradingToolTextForm
from backoffice.messages import MessageForm, send
from contract.errors import RefusedError
from models.tenant import Portal
from tests.hostile_html import BROKEN, HOSTILE, faults
from tests.server import Broker

Json = Any

HARMLESS = (
    '<h2>New</h2><p>From <strong>5</strong> to <em>6</em>:<br>see <a href="https://example.com/'
    '?a=1&amp;b=2" rel="noopener noreferrer">here</a>, 5 &lt; 6.</p><ul><li>资金</li></ul>'
    '<img src="https://cdn.example.com/a.png" alt="A &quot;chart&quot;">'
)


TOOL = {"title": "Tool", "iframe_link": "https://t.example.com/"}


def around(payload: str) -> str:
    return f"<p>Before</p>{payload}"


def messages(broker: Broker, token: str, *contents: str) -> list[str]:
    forms = [MessageForm(title={"en": "News"}, content={"en": content}) for content in contents]
    outbox = broker.server.services.outbox
    numbers = broker.desk(lambda desk: [send(desk, outbox, form) for form in forms])
    broker.server.deliver()
    shown = (
        broker.call("get_client_message", token=token, query={"id": number}) for number in numbers
    )
    return [answer.json()["content"] for answer in shown]


def popups(broker: Broker, token: str, *contents: str) -> list[str]:
    forms = [
        PopupForm(portals=[Portal.CLIENT], title={"en": "Offer"}, content={"en": content})
        for content in contents
    ]
    broker.desk(lambda desk: [publish(desk, POPUP, form) for form in forms])
    shown = broker.call("list_popups", token=token).json()["list"]
    return [popup["content"] for popup in reversed(shown)]


def tool_popups(broker: Broker, token: str, *contents: str) -> list[str]:
    texts = [TradingToolTextForm(**TOOL, popup_content=content) for content in contents]
    forms = [
        TradingToolForm(portals=[Portal.CLIENT], name="Tool", texts={"en": text}) for text in texts
    ]
    numbers = broker.desk(lambda desk: [publish(desk, TRADING_TOOL, form) for form in forms])
    shown = (
        broker.call("get_trading_tool", token=token, query={"column_id": number})
        for number in numbers
    )
    return [answer.json()["popup_content"] for answer in shown]


everywhere = pytest.mark.parametrize("told", [messages, popups, tool_popups])


@pytest.mark.long
@everywhere
def test_nothing_that_could_run_comes_to_the_reader(broker: Broker, told: Any) -> None:
    token = broker.token(broker.user())
    shown = told(broker, token, *map(around, HOSTILE))
    assert len(shown) == len(HOSTILE)
    left = {payload: faults(text) for payload, text in zip(HOSTILE, shown, strict=True)}
    assert {payload: found for payload, found in left.items() if found} == {}
    assert [text for text in shown if not text.startswith("<p>Before</p>")] == []
    assert [nh3.clean(text) for text in shown] == shown, "read again, it stays what it is"


@everywhere
def test_what_is_harmless_stays(broker: Broker, told: Any) -> None:
    assert told(broker, broker.token(broker.user()), HARMLESS) == [HARMLESS]


def test_what_is_written_anew_is_cleaned_as_well(broker: Broker) -> None:
    token, written = broker.token(broker.user()), {"title": {"en": "Offer"}}
    number = broker.publish(POPUP, **written, content={"en": "<p>Before</p>"})
    broker.rewrite(POPUP, number, **written, content={"en": around("<svg onload=alert(1)>")})
    (shown,) = broker.call("list_popups", token=token).json()["list"]
    assert shown["content"] == "<p>Before</p>"


def test_the_watchman_knows_what_is_hostile() -> None:
    whole = [payload for payload in HOSTILE if payload not in BROKEN]
    assert [payload for payload in whole if not faults(around(payload))] == []


def test_a_text_of_which_nothing_is_left_is_none(broker: Broker) -> None:
    with pytest.raises(RefusedError, match="content is missing in en"):
        broker.send(text="<script>alert(1)</script>")
    with pytest.raises(RefusedError, match="content is missing in en"):
        broker.publish(POPUP, title={"en": "x"}, content={"en": "<style>p{}</style>"})


def test_a_text_that_cleaning_makes_too_long_is_refused(broker: Broker) -> None:
    with pytest.raises(ValidationError, match="is longer than 20000 characters"):
        broker.publish(POPUP, title={"en": "x"}, content={"en": "&" * 4001})
    with pytest.raises(ValidationError, match="is longer than 100000 characters"):
        broker.send(text="<" * 25_001)
    assert broker.publish(POPUP, title={"en": "x"}, content={"en": "&" * 4000})
    assert broker.send(text="<" * 25_000)


def test_the_longest_texts_are_told(broker: Broker) -> None:
    token = broker.token(broker.user())
    assert messages(broker, token, "x" * 100_000) == ["x" * 100_000]
    assert popups(broker, token, "&" * 4000) == ["&amp;" * 4000]


@pytest.mark.parametrize("name", ["title", "popup_title"])
def test_titles_of_tool_columns_have_no_tags(broker: Broker, name: str) -> None:
    text = {**TOOL, name: "<b>Tool</b>"}
    with pytest.raises(ValidationError, match="is plain text, without tags"):
        broker.publish(TRADING_TOOL, name="Tool", texts={"en": text})


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "http://t.example"])
def test_a_tool_column_embeds_safe_pages_alone(broker: Broker, address: str) -> None:
    text = {**TOOL, "iframe_link": address}
    with pytest.raises(ValidationError, match="iframe_link"):
        broker.publish(TRADING_TOOL, name="Tool", texts={"en": text})


@pytest.mark.parametrize("title", ["<b>News</b>", "News<script>", "<img src=x onerror=alert(1)>"])
def test_a_message_with_a_tag_in_its_title_is_refused(broker: Broker, title: str) -> None:
    with pytest.raises(ValidationError, match="is plain text, without tags"):
        broker.send(title)
