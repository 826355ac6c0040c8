"""Each check of operations and states finds what it is there for, and nothing else."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from backoffice import applications
from models.boundaries import Boundary, BoundSession
from models.trading_operation import Kind, TradingOperation
from simulator.faults import Fault
from tests.server import Server
from tests.trading import DEMO, Floor, told
from trading.checks import CHECKS

Json = Any
Statement = tuple[str, dict[str, Json]]

MONEY, HISTORY = "money_is_posted_once", "states_are_those_of_the_history"
NOW = datetime(2026, 1, 15, tzinfo=UTC).replace(tzinfo=None)


@pytest.fixture(scope="module")
def busy(server: Server) -> Floor:
    """A broker with everything that there can be: done, refused, in doubt, and on its way. Told
    once: whatever a test does to it is undone.
    """
    floor = Floor(server.broker())
    floor.open_live()
    floor.reject(applications.ACCOUNT, floor.apply())
    floor.apply()
    floor.disable(floor.open_demo())
    number = floor.open_demo()
    told(floor.call("change_leverage", {"id": number, "leverage": 200, "remark": ""}))
    for fault in (Fault.NONE, Fault.REFUSE, Fault.LOSE):
        floor.suffers(DEMO, fault, actions=["balance_operation"])
        top_up(floor, number)
        server.deliver()
    top_up(floor, number)
    states = [each.state for each in floor.operations() if each.kind is Kind.TOP_UP]
    assert states == ["confirmed", "rejected", "unknown", "new"]
    return floor


def top_up(floor: Floor, number: int) -> None:
    body = {"trading_account_id": number, "amount": "5"}
    told(floor.call("deposit_to_demo_account", body))


def violations(floor: Floor, *statements: Statement) -> dict[str, list[str]]:
    """By check: what is found once somebody has written to the database past every guard. Whoever
    looks at all brokers together finds it, too.
    """
    own = found_in(floor, floor.broker.boundary, statements)
    everywhere = found_in(floor, None, statements)
    for check, lines in own.items():
        assert set(lines) <= set(everywhere[check])
    return own


def found_in(
    floor: Floor, boundary: Boundary | None, statements: tuple[Statement, ...]
) -> dict[str, list[str]]:
    engine = floor.broker.server.services.database.engine
    with BoundSession(engine, boundary) as session:
        drop_guards(session)
        for statement, values in statements:
            known = {"tenant": floor.broker.tenant_id, **values}
            used = {name: known[name] for name in text(statement).compile().params}
            changed: Any = session.connection().execute(text(statement), used)
            assert changed.rowcount == 1, statement
        found = {check.__name__: list(check(session)) for check in CHECKS}
        session.rollback()
    return {check: lines for check, lines in found.items() if lines}


def drop_guards(session: BoundSession) -> None:
    """The triggers that keep the ledger from being rewritten; until the transaction is undone."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        return
    named = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'ledger_%'"
    for name in connection.exec_driver_sql(named).scalars().all():
        connection.exec_driver_sql(f"DROP TRIGGER {name}")


def operation(floor: Floor, kind: Kind, state: str) -> TradingOperation:
    found = (each for each in floor.operations() if (each.kind, each.state) == (kind, state))
    return next(found)


def edge(floor: Floor, **changed: Json) -> Statement:
    """One more line in the history of the first account, which is open."""
    line = {
        "record": "trading_account",
        "number": floor.accounts()[0].id,
        "machine": "status",
        "was": "open",
        "became": "disabled",
        "at": NOW,
    }
    return (
        "INSERT INTO state_change (tenant_id, record, record_id, machine, was, became, at)"
        " VALUES (:tenant, :record, :number, :machine, :was, :became, :at)",
        line | changed,
    )


def test_whatever_brokers_and_clients_do_is_sound(busy: Floor) -> None:
    assert violations(busy) == {}


def test_an_edge_that_there_is_not_is_found(busy: Floor) -> None:
    number = busy.accounts()[0].id
    assert violations(busy, edge(busy, became="archived")) == {
        "edges_are_allowed": ["trading_account.status went from open to archived"],
        HISTORY: [f"trading_account {number}: status is open, where no edge has led"],
    }


@pytest.mark.parametrize("unknown", [{"record": "nothing"}, {"machine": "nothing"}])
def test_an_edge_of_a_machine_that_there_is_not_is_found(busy: Floor, unknown: Json) -> None:
    line = {"record": "trading_account", "machine": "status"} | unknown
    found = violations(busy, edge(busy, **unknown))
    assert found["edges_are_allowed"] == [
        f"{line['record']}.{line['machine']} went from open to disabled"
    ]


def test_an_edge_that_does_not_begin_where_the_last_has_ended_is_found(busy: Floor) -> None:
    number = busy.accounts()[0].id
    assert violations(busy, edge(busy, was="opening", became="open")) == {
        "states_follow_each_other": [
            f"trading_account {number}: status left opening, which it was not in"
        ]
    }


def test_a_first_edge_that_does_not_begin_where_a_record_may_start_is_found(busy: Floor) -> None:
    waiting = busy.accounts()[2]
    assert (waiting.status, waiting.login) == ("opening", "")
    state = "UPDATE trading_account SET status = 'disabled' WHERE id = :number"
    found = violations(busy, edge(busy, number=waiting.id), (state, {"number": waiting.id}))
    assert found == {
        "states_follow_each_other": [
            f"trading_account {waiting.id}: status left open, which it was not in"
        ]
    }


@pytest.mark.parametrize(
    ("table", "column", "state"),
    [
        ("trading_account", "status", "disabled"),
        ("account_application", "status", "pending"),
        ("account_application", "provision_state", "opening"),
        ("leverage_application", "apply_state", "apply_failed"),
        ("trading_operation", "state", "unknown"),
    ],
)
def test_a_state_that_was_changed_past_the_history_is_found(
    busy: Floor, table: str, column: str, state: str
) -> None:
    first = f"(SELECT min(id) FROM {table} WHERE tenant_id = :tenant)"
    change = f"UPDATE {table} SET {column} = :state WHERE id = {first}"
    (line,) = violations(busy, (change, {"state": state}))[HISTORY]
    assert line.startswith(f"{table} ")
    assert line.endswith(f": {column} is {state}, where no edge has led")


def test_a_record_that_is_where_none_may_start_without_an_edge_is_found(busy: Floor) -> None:
    number = busy.accounts()[2].id
    change = "UPDATE trading_account SET status = 'open' WHERE id = :number"
    assert violations(busy, (change, {"number": number})) == {
        HISTORY: [f"trading_account {number}: status is open, where no edge has led"]
    }


def renamed(key: str, becomes: str) -> Statement:
    """A transaction of the ledger's is there under another name."""
    return (
        "UPDATE ledger_transaction SET key = :becomes WHERE tenant_id = :tenant AND key = :key",
        {"key": key, "becomes": becomes},
    )


def misfit(key: str, state: str, what: str) -> str:
    return f"operation {key} is {state}, and whether its money {what} disagrees"


@pytest.mark.parametrize(
    ("state", "missing", "what"),
    [
        ("confirmed", "post", "is posted"),
        ("rejected", "void", "is given back"),
        ("new", "hold", "is held"),
        ("unknown", "hold", "is held"),
    ],
)
def test_money_that_was_not_moved_as_the_state_says_is_found(
    busy: Floor, state: str, missing: str, what: str
) -> None:
    key = operation(busy, Kind.TOP_UP, state).key
    assert violations(busy, renamed(f"{key} {missing}", "elsewhere")) == {
        MONEY: [misfit(key, state, what)]
    }


@pytest.mark.parametrize(
    ("state", "extra", "what"),
    [
        ("unknown", "post", "is posted"),
        ("rejected", "post", "is posted"),
        ("new", "void", "is given back"),
        ("confirmed", "void", "is given back"),
    ],
)
def test_money_that_was_moved_and_should_not_have_been_is_found(
    busy: Floor, state: str, extra: str, what: str
) -> None:
    key = operation(busy, Kind.TOP_UP, state).key
    other = operation(busy, Kind.STARTING_BALANCE, "confirmed").key
    found = violations(busy, renamed(f"{other} post", f"{key} {extra}"))
    assert found.keys() == {MONEY}
    assert set(found[MONEY]) == {misfit(other, "confirmed", "is posted"), misfit(key, state, what)}


@pytest.mark.parametrize("state", ["done", "dead", "expired"])
def test_what_nobody_sees_to_is_found(busy: Floor, state: str) -> None:
    forgotten = operation(busy, Kind.TOP_UP, "unknown")
    ended = "UPDATE outbox SET state = :state WHERE key = :key"
    values = {"state": state, "key": forgotten.outbox_key}
    assert violations(busy, (ended, values)) == {
        "somebody_sees_to_it": [f"operation {forgotten.key} is not finished, and nobody sees to it"]
    }


def test_what_was_never_handed_to_anybody_is_found(busy: Floor) -> None:
    forgotten = operation(busy, Kind.TOP_UP, "new")
    removed = ("DELETE FROM outbox WHERE key = :key", {"key": forgotten.outbox_key})
    assert list(violations(busy, removed)) == ["somebody_sees_to_it"]
