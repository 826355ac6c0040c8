"""Reading one's messages, as a client and as an IB: wlink 35 to 39 and 99 to 103."""

from datetime import timedelta
from typing import Any

import pytest

from models.tenant import Portal
from tests.mailboxes import Mailbox, sent
from tests.server import Broker, problem

Json = Any


@pytest.fixture(params=[Portal.CLIENT, Portal.IB])
def mailbox(broker: Broker, request: pytest.FixtureRequest) -> Mailbox:
    return Mailbox.of(broker, "mei.lin@example.com", request.param)


@pytest.fixture
def other(mailbox: Mailbox) -> Mailbox:
    """Somebody else in the same portal."""
    return Mailbox.of(mailbox.broker, "lin@example.com", mailbox.user.user_type)


def test_who_has_no_messages_sees_none(mailbox: Mailbox) -> None:
    assert mailbox.state() == ({}, 0, 0)


def test_a_message_is_told_in_the_time_of_the_broker(broker: Broker, mailbox: Mailbox) -> None:
    broker.configure("tenant", timezone="Asia/Shanghai")
    moment = broker.server.clock()
    at = f"{moment + timedelta(hours=8):%Y-%m-%d %H:%M:%S}"
    number = broker.send("Maintenance", "<p>From <b>5</b> to 6.</p>")
    broker.server.clock.forward(minutes=10)
    broker.server.deliver()
    rest = {"id": number, "title": "Maintenance", "sender": "Admin", "created_at": at}
    assert mailbox.page() == ([{**rest, "is_read": False}], 1)
    answer = mailbox.call("get", id=number)
    assert answer.json() == {**rest, "content": "<p>From <b>5</b> to 6.</p>"}
    broker.configure("tenant", timezone="America/Sao_Paulo")
    ((moved,), _) = mailbox.page()
    assert moved["created_at"] == f"{moment - timedelta(hours=3):%Y-%m-%d %H:%M:%S}"


def test_looking_at_a_message_does_not_mark_it(broker: Broker, mailbox: Mailbox) -> None:
    number = sent(broker)
    assert mailbox.call("get", id=number).status_code == 200
    assert mailbox.state() == ({number: False}, 1, 1)


def test_a_message_is_read_once_and_for_all(broker: Broker, mailbox: Mailbox) -> None:
    first, second = sent(broker), sent(broker)
    for _ in range(3):
        mailbox.do("read", first)
        assert mailbox.state() == ({second: False, first: True}, 2, 1)
    assert mailbox.call("get", id=first).status_code == 200


def test_a_hidden_message_is_gone_everywhere_and_for_good(broker: Broker, mailbox: Mailbox) -> None:
    first, second = sent(broker), sent(broker)
    for _ in range(3):
        mailbox.do("hide", first)
        assert mailbox.state() == ({second: False}, 1, 1)
        assert problem(mailbox.call("get", id=first)) == (404, "NOT_FOUND")
        assert problem(mailbox.call("read", {"id": first})) == (404, "NOT_FOUND")


def test_who_reads_and_then_hides_is_counted_right(broker: Broker, mailbox: Mailbox) -> None:
    first, second = sent(broker), sent(broker)
    mailbox.do("read", first)
    mailbox.do("hide", first)
    assert mailbox.state() == ({second: False}, 1, 1)
    mailbox.do("hide", second)
    assert mailbox.state() == ({}, 0, 0)


def test_who_hides_and_then_reads_is_counted_right(broker: Broker, mailbox: Mailbox) -> None:
    first, second = sent(broker), sent(broker)
    mailbox.do("hide", first)
    assert problem(mailbox.call("read", {"id": first})) == (404, "NOT_FOUND")
    assert mailbox.state() == ({second: False}, 1, 1)
    mailbox.do("read", second)
    assert mailbox.state() == ({second: True}, 1, 0)


def test_two_users_do_not_see_each_other_s_marks(
    broker: Broker, mailbox: Mailbox, other: Mailbox
) -> None:
    first, second = sent(broker), sent(broker)
    mailbox.do("read", first)
    mailbox.do("hide", second)
    assert mailbox.state() == ({first: True}, 1, 0)
    assert other.state() == ({first: False, second: False}, 2, 2)
    other.do("read", second)
    assert mailbox.state() == ({first: True}, 1, 0)
    assert other.state() == ({first: False, second: True}, 2, 1)


def test_a_user_s_sessions_share_his_messages(broker: Broker, mailbox: Mailbox) -> None:
    number = sent(broker)
    mailbox.do("read", number)
    elsewhere = Mailbox(broker, mailbox.user, broker.token(mailbox.user))
    assert elsewhere.state() == ({number: True}, 1, 0)


def foreign(broker: Broker, mailbox: Mailbox) -> dict[str, int]:
    """Messages that are not the user's, for every reason that there is."""
    elsewhere = broker.server.broker()
    Mailbox.of(elsewhere, mailbox.user.email, mailbox.user.user_type)
    twin = Portal.IB if mailbox.user.user_type is Portal.CLIENT else Portal.CLIENT
    Mailbox.of(broker, mailbox.user.email, twin)
    somebody = Mailbox.of(broker, "somebody@example.com", mailbox.user.user_type)
    found = {
        "none": 9007199254740991,
        "somebody else's": sent(broker, users=[somebody.user.email]),
        "another broker's": sent(elsewhere),
        "of the same person in the other portal": sent(broker, portals=[twin]),
    }
    return {**found, "not delivered yet": broker.send()}


def test_what_is_not_one_s_own_is_not_found(broker: Broker, mailbox: Mailbox) -> None:
    for reason, number in foreign(broker, mailbox).items():
        answers = [
            mailbox.call("get", id=number),
            mailbox.call("read", {"id": number}),
            mailbox.call("hide", {"id": number}),
        ]
        assert [problem(answer) for answer in answers] == [(404, "NOT_FOUND")] * 3, reason
    assert mailbox.state() == ({}, 0, 0)
    broker.server.deliver()


def test_what_somebody_tries_in_vain_does_not_change_what_the_owner_sees(
    broker: Broker, mailbox: Mailbox, other: Mailbox
) -> None:
    number = sent(broker, users=[mailbox.user.email])
    for name in ("read", "hide"):
        assert problem(other.call(name, {"id": number})) == (404, "NOT_FOUND")
    assert mailbox.state() == ({number: False}, 1, 1)


def test_the_newest_comes_first_page_by_page(broker: Broker, mailbox: Mailbox) -> None:
    numbers = []
    for _ in range(5):
        numbers.append(broker.send())
        broker.server.clock.forward(minutes=1)
    broker.server.deliver()
    newest = numbers[::-1]
    assert mailbox.ids() == newest
    pages = [mailbox.ids(page, 2) for page in (1, 2, 3, 4)]
    assert pages == [newest[:2], newest[2:4], newest[4:], []]
    assert {mailbox.page(page, 2)[1] for page in (1, 3, 4)} == {5}
    assert mailbox.page(1_000_000, 200) == ([], 5)
    mailbox.do("hide", newest[1])
    pages = [mailbox.ids(page, 2) for page in (1, 2, 3)]
    assert pages == [[newest[0], newest[2]], newest[3:], []]
    assert mailbox.page(2, 2)[1] == 4


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ({}, {"/query/page": "required", "/query/size": "required"}),
        ({"page": 0, "size": 201}, {"/query/page": "minimum", "/query/size": "maximum"}),
        ({"page": 1_000_001, "size": 0}, {"/query/page": "maximum", "/query/size": "minimum"}),
        ({"page": "x", "size": "1e1"}, {"/query/page": "type", "/query/size": "type"}),
    ],
)
def test_every_number_of_a_page_that_is_wrong_is_named(
    mailbox: Mailbox, query: dict[str, Json], errors: dict[str, str]
) -> None:
    answer = mailbox.call("list", **query)
    assert problem(answer) == (400, "VALIDATION_ERROR")
    assert {each["pointer"]: each["rule"] for each in answer.json()["errors"]} == errors


@pytest.mark.parametrize(
    ("sent", "rule"),
    [({}, "required"), ({"id": 0}, "minimum"), ({"id": 2**53}, "maximum"), ({"id": "x"}, "type")],
)
def test_an_id_that_is_none_is_named(mailbox: Mailbox, sent: Json, rule: str) -> None:
    answer = mailbox.call("get", **sent)
    assert problem(answer) == (400, "VALIDATION_ERROR")
    assert answer.json()["errors"] == [{"pointer": "/query/id", "rule": rule}]
    for name in ("read", "hide"):
        answer = mailbox.call(name, sent)
        assert problem(answer) == (400, "VALIDATION_ERROR")
        assert answer.json()["errors"] == [{"pointer": "/body/id", "rule": rule}]


@pytest.mark.parametrize("name", ["read", "hide"])
def test_a_message_is_marked_by_its_id_alone(mailbox: Mailbox, name: str) -> None:
    answer = mailbox.call(name, {"ids": [1], "all": True})
    assert problem(answer) == (400, "VALIDATION_ERROR")
    told = {each["pointer"]: each["rule"] for each in answer.json()["errors"]}
    assert told == {
        "/body/id": "required",
        "/body/ids": "additionalProperties",
        "/body/all": "additionalProperties",
    }
