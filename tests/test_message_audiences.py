"""Whom a message is for: all of some portals, those who have a role, or those on a list."""

from typing import Any

import pytest
from sqlmodel import select

from backoffice.roles import create_role, give_role
from contract.errors import RefusedError
from models.audit_entry import AuditEntry, Deed
from models.message_recipient import MessageRecipient
from models.tenant import Portal
from models.user import User, UserStatus
from tests.server import Broker

Json = Any

CLIENT, IB = Portal.CLIENT, Portal.IB


def has(broker: Broker, user: User) -> list[str]:
    """The titles that a user sees, the newest first."""
    token, portal = broker.token(user), user.user_type
    query = {"page": 1, "size": 200}
    answer = broker.call(f"list_{portal}_messages", token=token, portal=portal, query=query)
    assert answer.status_code == 200, answer.text
    titles = [each["title"] for each in answer.json()["list"]]
    assert answer.json()["total"] == len(titles)
    unread = broker.call(f"count_unread_{portal}_messages", token=token, portal=portal)
    assert unread.json() == {"count": len(titles)}
    return titles


def test_a_message_to_all_reaches_everybody_in_its_portals(broker: Broker) -> None:
    client, ib = broker.user(), broker.user(portal=IB)
    operator = broker.user("op@example.com", Portal.BROKER)
    broker.send("to both")
    broker.send("to clients", portals=[CLIENT])
    broker.send("to IBs", portals=[IB])
    broker.server.deliver()
    assert has(broker, client) == ["to clients", "to both"]
    assert has(broker, ib) == ["to IBs", "to both"]
    found = select(MessageRecipient).where(MessageRecipient.user_id == operator.id)
    read = broker.server.services.database.read
    assert read(broker.boundary, lambda session: session.exec(found).all()) == []


def test_a_message_stays_with_its_broker(broker: Broker) -> None:
    other = broker.server.broker()
    own, foreign = broker.user(), other.user()
    last = broker.user("last@example.com")
    broker.send("ours")
    other.send("theirs")
    broker.server.deliver()
    assert [has(broker, own), has(broker, last)] == [["ours"], ["ours"]]
    assert has(other, foreign) == ["theirs"]


def test_a_message_to_a_role_reaches_those_who_have_it(broker: Broker) -> None:
    plain, gold = broker.user(), broker.user("gold@example.com")
    ib = broker.user("gold@example.com", IB)
    broker.desk(lambda desk: create_role(desk, CLIENT, "gold", ["funds"]))
    broker.desk(lambda desk: give_role(desk, CLIENT, gold.email, "gold"))
    broker.send("gold only", role="gold")
    broker.server.deliver()
    assert [has(broker, user) for user in (plain, gold, ib)] == [[], ["gold only"], []]


def test_the_usual_role_is_had_by_those_who_have_none_of_their_own(broker: Broker) -> None:
    plain, gold, both = (broker.user(f"{name}@example.com") for name in ("plain", "gold", "both"))
    ib = broker.user(portal=IB)
    broker.desk(lambda desk: create_role(desk, CLIENT, "gold", ["funds"]))
    broker.desk(lambda desk: create_role(desk, IB, "gold", []))
    broker.desk(lambda desk: give_role(desk, CLIENT, gold.email, "gold"))
    broker.desk(lambda desk: give_role(desk, CLIENT, both.email, "gold"))
    broker.desk(lambda desk: give_role(desk, CLIENT, both.email, "default"))
    broker.send("usual", role="default", portals=[CLIENT])
    broker.server.deliver()
    told = [has(broker, user) for user in (plain, gold, both, ib)]
    assert told == [["usual"], [], ["usual"], []]


def test_a_message_to_a_list_reaches_those_who_are_on_it(broker: Broker) -> None:
    mei, lin, ib = broker.user(), broker.user("lin@example.com"), broker.user(portal=IB)
    broker.send("both Meis", users=["Mei.Lin@Example.com", "mei.lin@example.com"])
    broker.send("the IB", users=["mei.lin@example.com"], portals=[IB])
    broker.send("clients", users=["mei.lin@example.com", "lin@example.com"], portals=[CLIENT])
    broker.server.deliver()
    assert has(broker, mei) == ["clients", "both Meis"]
    assert has(broker, lin) == ["clients"]
    assert has(broker, ib) == ["the IB", "both Meis"]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({"role": "platinum"}, "there is no role platinum"),
        ({"role": "default"}, "name one portal: more than one has a role default"),
        ({"users": ["nobody@example.com"]}, "has the address nobody@example.com"),
        ({"users": ["mei.lin@example.com"], "portals": [IB]}, "no user of ib has the address"),
        (
            {"users": ["mei.lin@example.com"], "role": "default", "portals": [CLIENT]},
            "not to both",
        ),
    ],
)
def test_a_message_to_nobody_known_is_refused_and_does_not_go_out(
    broker: Broker, written: dict[str, Json], told: str
) -> None:
    user = broker.user()
    with pytest.raises(RefusedError, match=told):
        broker.send(**written)
    broker.server.deliver()
    assert has(broker, user) == []


def test_a_message_without_its_texts_is_refused(broker: Broker) -> None:
    texts = {"title": {"en": "News"}, "content": {"en": "<p>x</p>"}}
    for name in texts:
        for wrong in ({}, {"en": ""}, {"zh-CN": "x"}):
            with pytest.raises(RefusedError, match=f"{name} is missing in en"):
                broker.send_form(**{**texts, name: wrong})
    with pytest.raises(RefusedError, match="title is in vi, which the broker does not offer"):
        broker.send_form(title={"en": "News", "vi": "Tin"}, content={"en": "x"})


def test_a_message_is_written_down_in_the_log_with_its_audience(broker: Broker) -> None:
    broker.user()
    number = broker.send("News", users=["mei.lin@example.com"], portals=[CLIENT])
    deed = select(AuditEntry).where(AuditEntry.deed == Deed.MESSAGE_SENT)
    entry = broker.server.services.database.read(
        broker.boundary, lambda session: session.exec(deed).one()
    )
    assert (entry.subject, entry.address) == (f"message {number}", "console test")
    assert (entry.after["users"], entry.after["portals"]) == (["mei.lin@example.com"], ["client"])


def test_who_is_disabled_finds_it_when_he_is_let_in_again(broker: Broker) -> None:
    user = broker.user()
    broker.change(user, status=UserStatus.DISABLED)
    broker.send("meanwhile")
    broker.server.deliver()
    broker.change(user, status=UserStatus.ENABLED)
    assert has(broker, user) == ["meanwhile"]
