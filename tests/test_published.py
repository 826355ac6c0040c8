"""What all content of the portals has in common: where it is seen, from when until when, and what
becomes of it when an operator changes his mind.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from backoffice.content import DOWNLOAD_TOOL, PLACEMENT, POPUP, TRADING_TOOL, Kind
from contract.errors import RefusedError
from models.tenant import Portal
from tests.server import Broker, problem

Json = Any

CLIENT, IB = Portal.CLIENT, Portal.IB
IMAGE = "https://cdn.example.com/a.png"


@dataclass(frozen=True)
class Content:
    """A kind of content: what an operator writes, and how a portal asks for it."""

    kind: Kind
    written: Callable[[str], Json]
    operation: str

    def is_seen(self, broker: Broker, token: str, number: int, portal: str = "client") -> bool:
        """Whether the portal shows it."""
        name = self.operation.format(portal=portal)
        if self.kind is TRADING_TOOL:
            answer = broker.call(name, token=token, portal=portal, query={"column_id": number})
            assert answer.status_code == 200 or problem(answer) == (404, "NOT_FOUND")
            return answer.status_code == 200
        answer = broker.call(name, token=token, portal=portal)
        assert answer.status_code == 200, answer.text
        return number in [each["id"] for each in answer.json()["list"]]


CONTENTS = (
    Content(
        PLACEMENT,
        lambda title: {"title": {"en": title}, "image_url": {"en": IMAGE}},
        "list_placements",
    ),
    Content(
        POPUP, lambda title: {"title": {"en": title}, "content": {"en": "<p>x</p>"}}, "list_popups"
    ),
    Content(DOWNLOAD_TOOL, lambda title: {"name": {"en": title}}, "list_{portal}_download_tools"),
    Content(
        TRADING_TOOL,
        lambda title: {
            "name": "Calendar",
            "texts": {"en": {"title": title, "iframe_link": "https://tool.example.com/"}},
        },
        "get_trading_tool",
    ),
)
every_content = pytest.mark.parametrize("content", CONTENTS, ids=lambda each: each.kind.name)
for_both_portals = pytest.mark.parametrize(
    "content", [c for c in CONTENTS if c.kind is not TRADING_TOOL], ids=lambda each: each.kind.name
)


@every_content
def test_nothing_is_seen_before_its_start_or_from_its_end_on(
    broker: Broker, content: Content
) -> None:
    token, now = broker.token(broker.user()), broker.server.clock()
    start, end = now + timedelta(hours=1), now + timedelta(hours=3)
    number = broker.publish(content.kind, starts_at=start, ends_at=end, **content.written("x"))
    seen = []
    for hours in (0, 1, 1, 1):
        broker.server.clock.forward(hours=hours)
        seen.append(content.is_seen(broker, token, number))
    assert seen == [False, True, True, False]


@every_content
def test_content_may_have_a_start_or_an_end_alone(broker: Broker, content: Content) -> None:
    token, soon = broker.token(broker.user()), broker.server.clock() + timedelta(minutes=1)
    starting = broker.publish(content.kind, starts_at=soon, **content.written("x"))
    ending = broker.publish(content.kind, ends_at=soon, **content.written("x"))
    seen = [content.is_seen(broker, token, number) for number in (starting, ending)]
    broker.server.clock.forward(minutes=1)
    seen += [content.is_seen(broker, token, number) for number in (starting, ending)]
    assert seen == [False, True, True, False]


@for_both_portals
def test_each_portal_shows_its_own(broker: Broker, content: Content) -> None:
    tokens = {portal: broker.token(broker.user(portal=portal)) for portal in (CLIENT, IB)}
    numbers = {
        portals: broker.publish(content.kind, portals=portals, **content.written("x"))
        for portals in ((CLIENT,), (IB,), (IB, CLIENT), (Portal.BROKER,))
    }
    for portal, token in tokens.items():
        for portals, number in numbers.items():
            told = content.is_seen(broker, token, number, portal)
            assert told is (portal in portals), (portal, portals)


@every_content
def test_what_is_withdrawn_is_gone_until_it_is_written_anew(
    broker: Broker, content: Content
) -> None:
    token = broker.token(broker.user())
    number, other = (broker.publish(content.kind, **content.written("x")) for _ in range(2))
    broker.withdraw(content.kind, number)
    assert not content.is_seen(broker, token, number)
    assert content.is_seen(broker, token, other)
    broker.rewrite(content.kind, number, **content.written("y"))
    assert content.is_seen(broker, token, number)


@every_content
def test_what_is_written_anew_follows_its_new_portals_and_times(
    broker: Broker, content: Content
) -> None:
    token, now = broker.token(broker.user()), broker.server.clock()
    number = broker.publish(content.kind, ends_at=now, **content.written("x"))
    assert not content.is_seen(broker, token, number)
    broker.rewrite(content.kind, number, **content.written("x"))
    assert content.is_seen(broker, token, number), "without an end it stays"
    broker.rewrite(content.kind, number, portals=["ib"], **content.written("x"))
    assert not content.is_seen(broker, token, number)


@every_content
def test_content_of_one_broker_is_not_another_s(broker: Broker, content: Content) -> None:
    other = broker.server.broker()
    token = other.token(other.user())
    number = broker.publish(content.kind, **content.written("x"))
    assert content.is_seen(broker, broker.token(broker.user()), number)
    assert not content.is_seen(other, token, number)
    with pytest.raises(RefusedError, match=f"there is no {content.kind.name} {number}"):
        other.withdraw(content.kind, number)
    with pytest.raises(RefusedError, match=f"there is no {content.kind.name} {number}"):
        other.rewrite(content.kind, number, **content.written("mine"))


@every_content
def test_content_that_ends_before_it_starts_is_refused(broker: Broker, content: Content) -> None:
    now = broker.server.clock()
    for end in (now, now - timedelta(seconds=1)):
        with pytest.raises(ValidationError, match="ends_at must be later than starts_at"):
            broker.publish(content.kind, starts_at=now, ends_at=end, **content.written("x"))


@every_content
@pytest.mark.parametrize("portals", [[], ["admin"], ["client", "lwork"]])
def test_content_is_for_portals_that_there_are(
    broker: Broker, content: Content, portals: list[str]
) -> None:
    with pytest.raises(ValidationError, match="portals"):
        broker.publish(content.kind, portals=portals, **content.written("x"))


@every_content
def test_a_title_with_a_tag_is_refused(broker: Broker, content: Content) -> None:
    for title in ("<b>Offer</b>", "Offer</p>", "<!-- -->", "<?php", "a<script", "<svg/onload=x>"):
        with pytest.raises(ValidationError, match="is plain text, without tags"):
            broker.publish(content.kind, **content.written(title))
    assert broker.publish(content.kind, **content.written("1 < 2 & 3 > 2 <3"))


@every_content
def test_content_is_written_in_the_language_of_the_broker_at_least(
    broker: Broker, content: Content
) -> None:
    broker.configure("tenant", default_language="zh-CN")
    with pytest.raises(RefusedError, match="is missing in zh-CN, the broker's default language"):
        broker.publish(content.kind, **content.written("x"))


@every_content
def test_content_in_no_language_at_all_is_refused(broker: Broker, content: Content) -> None:
    written = content.written("x")
    for name in (name for name, value in written.items() if isinstance(value, dict)):
        with pytest.raises((ValidationError, RefusedError), match=name):
            broker.publish(content.kind, **{**written, name: {}})


def test_content_in_a_language_that_is_not_offered_is_refused(broker: Broker) -> None:
    titles = {"en": "Offer", "vi": "Ưu đãi"}
    with pytest.raises(RefusedError, match="title is in vi, which the broker does not offer"):
        broker.publish(PLACEMENT, title=titles, image_url={"en": IMAGE})
    broker.configure("offer", languages=["en", "vi"])
    assert broker.publish(PLACEMENT, title=titles, image_url={"en": IMAGE})
