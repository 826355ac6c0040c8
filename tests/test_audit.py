"""The audit log: a chain in which nothing is changed, missing or slipped in unseen."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from backoffice import settings
from backoffice.desk import Desk
from contract.problems import Problem
from gateways.audit_log import AuditLog
from gateways.secret_box import SecretBox
from models.audit_entry import AuditEntry, Deed
from models.boundaries import BoundSession
from tests.server import PASSWORD, Broker

Json = Any

DEEDS = 7


@pytest.fixture
def chain(broker: Broker) -> Broker:
    """A tenant with seven entries, each of another moment."""
    for number in range(1, DEEDS + 1):
        broker.desk(partial(note, number))
    return broker


def note(number: int, desk: Desk) -> None:
    desk.note(Deed.SETTING_CHANGED, f"s{number}", number, {"to": number})


def faults(broker: Broker, audit: AuditLog | None = None) -> list[str]:
    log = audit or broker.server.services.audit
    return broker.server.services.database.read(
        broker.boundary, lambda session: list(log.faults(session))
    )


def entries(broker: Broker) -> list[AuditEntry]:
    in_order = select(AuditEntry).order_by(col(AuditEntry.number))
    return broker.server.services.database.read(
        broker.boundary, lambda session: list(session.exec(in_order))
    )


def tamper(broker: Broker, statement: str, **values: Json) -> None:
    """As somebody does it who can write to the database."""
    with broker.server.services.database.engine.begin() as connection:
        told = {"tenant": broker.tenant_id, **values}
        assert connection.execute(text(statement), told).rowcount


def test_what_operators_and_users_do_is_one_sound_chain(broker: Broker) -> None:
    user = broker.user()
    broker.login(user)
    broker.desk(lambda desk: settings.change(desk, "company", {"support_phone": "+86 21"}))
    login, change = entries(broker)
    assert (login.number, login.deed, login.actor_id) == (1, Deed.LOGGED_IN, user.id)
    assert (change.number, change.actor_id, change.address) == (2, None, "console test")
    assert (change.subject, change.before, change.after) == (
        "company",
        {"support_phone": ""},
        {"support_phone": "+86 21"},
    )
    assert faults(broker) == []


def test_a_tenant_without_entries_is_sound(broker: Broker) -> None:
    assert faults(broker) == []


@pytest.mark.parametrize(
    "change",
    [
        "deed = 'logged_in'",
        "subject = 'other'",
        "address = '203.0.113.9'",
        "number = 99",
        "before = '4000'",
        "after = 'null'",
        "seal = (SELECT seal FROM audit_log WHERE number = 3 AND tenant_id = :tenant)",
        "actor_id = :user",
        "at = :moment",
    ],
)
@pytest.mark.parametrize("number", [1, 4, DEEDS])
def test_an_entry_that_is_edited_is_found(chain: Broker, number: int, change: str) -> None:
    values: dict[str, Json] = {"number": number}
    if ":user" in change:
        values["user"] = chain.user().id
    if ":moment" in change:
        values["moment"] = chain.server.clock().replace(tzinfo=None) + timedelta(days=1)
    where = "tenant_id = :tenant AND number = :number"
    tamper(chain, f"UPDATE audit_log SET {change} WHERE {where}", **values)
    assert faults(chain)


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (1, "entry 1 is missing"),
        (4, "entry 4 is missing"),
        (DEEDS, f"entry {DEEDS} is missing"),
    ],
)
def test_an_entry_that_is_removed_is_found(chain: Broker, number: int, told: str) -> None:
    where = "tenant_id = :tenant AND number = :number"
    tamper(chain, f"DELETE FROM audit_log WHERE {where}", number=number)
    assert faults(chain)[0] == told


def test_the_end_is_missed_even_if_the_head_is_set_back(chain: Broker) -> None:
    last = entries(chain)[-2]
    tamper(chain, "DELETE FROM audit_log WHERE tenant_id = :tenant AND number = 7")
    tamper(
        chain,
        "UPDATE audit_head SET number = 6, seal = :seal WHERE tenant_id = :tenant",
        seal=last.seal[::-1],
    )
    assert faults(chain) == ["the last entry should be 6, with another seal"]


def test_all_of_them_removed_are_missed(chain: Broker) -> None:
    tamper(chain, "DELETE FROM audit_log WHERE tenant_id = :tenant")
    assert faults(chain) == [f"entries 1 to {DEEDS} are missing"]


def test_an_entry_that_is_slipped_in_is_found(chain: Broker) -> None:
    columns = "tenant_id, deed, subject, before, after, address, at"
    tamper(
        chain,
        f"INSERT INTO audit_log (number, seal, {columns})"
        f" SELECT 8, seal, {columns} FROM audit_log WHERE tenant_id = :tenant AND number = 7",
    )
    assert faults(chain) == [
        "entry 8 was changed",
        "the last entry should be 7, with another seal",
    ]


def test_two_entries_that_change_places_are_found(chain: Broker) -> None:
    for old, new in ((3, 33), (4, 3), (33, 4)):
        where = "tenant_id = :tenant AND number = :old"
        tamper(chain, f"UPDATE audit_log SET number = :new WHERE {where}", old=old, new=new)
    assert faults(chain)[:2] == ["entry 3 was changed", "entry 4 was changed"]


def test_an_entry_of_another_history_is_found(chain: Broker) -> None:
    """Somebody puts back an old copy of the log, lets it go on, and then puts in what had stood in
    the place of an entry before: an entry that was sealed here, under this very number.
    """
    last = entries(chain)[-1]
    tamper(chain, "DELETE FROM audit_log WHERE tenant_id = :tenant AND number = 7")
    tamper(
        chain,
        "UPDATE audit_head SET number = 6, seal = :seal WHERE tenant_id = :tenant",
        seal=entries(chain)[-1].seal,
    )
    for number in (70, 80):
        chain.desk(partial(note, number))
    assert faults(chain) == []
    tamper(
        chain,
        "UPDATE audit_log SET subject = :subject, before = :before, after = :after, at = :at,"
        " seal = :seal WHERE tenant_id = :tenant AND number = 7",
        subject=last.subject,
        before="7",
        after='{"to": 7}',
        at=last.at.replace(tzinfo=None),
        seal=last.seal,
    )
    assert faults(chain) == ["entry 8 was changed"]


def test_nobody_without_the_server_s_secret_can_make_a_sound_chain(chain: Broker) -> None:
    stranger = AuditLog(SecretBox(b"another secret of forty characters......"))
    assert len(faults(chain, stranger)) == DEEDS


def test_a_deed_that_was_undone_is_not_in_the_chain(chain: Broker) -> None:
    def fail(desk: Desk) -> None:
        desk.note(Deed.SETTING_CHANGED, "undone")
        raise Problem("NOT_FOUND")

    with pytest.raises(Problem):
        chain.desk(fail)
    assert len(entries(chain)) == DEEDS
    assert faults(chain) == []


def test_each_tenant_has_a_chain_of_its_own(chain: Broker) -> None:
    other = chain.server.broker()
    other.desk(lambda desk: desk.note(Deed.SETTING_CHANGED, "theirs"))
    assert [entry.number for entry in entries(other)] == [1]
    tamper(chain, "DELETE FROM audit_log WHERE tenant_id = :tenant AND number = 2")
    assert faults(other) == []
    assert faults(chain) != []


def test_many_deeds_at_once_make_one_chain_without_a_gap(broker: Broker) -> None:
    parts = broker.server.services

    def write(number: int) -> None:
        def work(session: BoundSession) -> None:
            note(number, Desk(session, parts.audit, parts.clock(), "console test"))

        parts.database.write(broker.boundary, work)

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(write, range(60)))
    assert sorted(entry.before for entry in entries(broker)) == list(range(60))
    assert [entry.number for entry in entries(broker)] == list(range(1, 61))
    assert faults(broker) == []


def test_a_long_chain_is_read_in_parts(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateways.audit_log._CHUNK", 3)

    def write(desk: Desk) -> None:
        for number in range(10):
            note(number, desk)

    broker.desk(write)
    assert faults(broker) == []
    assert len(entries(broker)) == 10


def test_no_password_stands_in_the_log(broker: Broker) -> None:
    broker.login(broker.user())
    assert PASSWORD not in str(entries(broker))
