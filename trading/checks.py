"""What must always hold between operations, their states and the ledger."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, func, literal
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from ledger.trigger_checks import triggers_guard
from ledger.violations import Check
from models.ledger_transaction import LedgerTransaction
from models.machines import Moving, StateChange
from models.outbox_entry import EntryState, OutboxEntry
from models.tables import moving
from models.trading_operation import (
    REFUSED,
    SET_ASIDE,
    UNFINISHED,
    OperationState,
    TradingOperation,
)


def edges_are_allowed(session: Session) -> Iterator[str]:
    """I6: every edge that was ever taken is one of its machine's."""
    machines = {
        (table.__tablename__, name): machine
        for table in moving()
        for name, machine in table.MACHINES.items()
    }
    change = StateChange
    taken = select(change.record, change.machine, change.was, change.became).distinct()
    for record, machine, was, became in session.exec(taken):
        known = machines.get((record, machine))
        if known is None or not known.allows(was, became):
            yield f"{record}.{machine} went from {was} to {became}"


def states_follow_each_other(session: Session) -> Iterator[str]:
    """I6: no edge begins where the one before has not ended, and the first one of a record begins
    where such a record may start.
    """
    change: Any = StateChange
    before = func.lag(change.became).over(
        partition_by=[change.record, change.record_id, change.machine], order_by=change.id
    )
    following = sa.select(
        change.record, change.record_id, change.machine, change.was, before.label("before")
    ).subquery()
    first = sa.tuple_(following.c.record, following.c.machine, following.c.was)
    starts = [
        (table.__tablename__, name, start.value)
        for table in moving()
        for name, machine in table.MACHINES.items()
        for start in machine.starts
    ]
    broken = sa.select(following).where(
        (following.c.was != following.c.before)
        | (following.c.before.is_(None) & first.not_in(starts))
    )
    for row in session.execute(broken):
        yield f"{row.record} {row.record_id}: {row.machine} left {row.was}, which it was not in"


def states_are_those_of_the_history(session: Session) -> Iterator[str]:
    """I6: a record is where its last edge has led, or where it may start."""
    for table in moving():
        for machine in table.MACHINES:
            for number, found in session.execute(_strays(table, machine)):
                name = f"{table.__tablename__} {number}"
                yield f"{name}: {machine} is {found}, where no edge has led"


@cache
def _strays(table: type[Moving], machine: str) -> Select[tuple[int, str]]:
    """Ids and states of such records; the query takes longer to write than to ask."""
    row: Any = table
    change = aliased(StateChange)
    same = (change.record == table.__tablename__, change.machine == machine)
    last = (
        select(change.became)
        .where(*same, change.record_id == row.id)
        .order_by(col(change.id).desc())
        .limit(1)
        .scalar_subquery()
    )
    state = getattr(table, machine)
    starts = table.MACHINES[machine].starts
    astray = (last.is_not(None) & (cast(state, String) != last)) | (
        last.is_(None) & state.not_in(starts)
    )
    return sa.select(row.id, state).where(astray)


def triggers_guard_the_history(session: Session) -> Iterator[str]:
    """I5 for the edges: nobody rewrites them."""
    return triggers_guard(session, {"state_change": ("update", "delete")})


def money_is_posted_once(session: Session) -> Iterator[str]:
    """I7: confirmed operations have posted their money, refused ones have given it back or keep it
    set aside until they are given up, and what is on its way is held.
    """
    table = TradingOperation
    key = col(table.key)
    wanted = {
        "is held": (literal(True), key + " hold"),
        "is posted": (col(table.state) == OperationState.CONFIRMED, key + " post"),
        "is given back": (_is_given_back(), key + " void"),
    }
    for what, (due, name) in wanted.items():
        there = exists().where(
            col(LedgerTransaction.key) == name,
            col(LedgerTransaction.tenant_id) == table.tenant_id,
        )
        wrong = select(table.key, table.state).where(col(table.amount).is_not(None), due != there)
        for found, state in session.exec(wrong):
            yield f"operation {found} is {state}, and whether its money {what} disagrees"


def _is_given_back() -> ColumnElement[bool]:
    table = TradingOperation
    kept = and_(col(table.state) == OperationState.REJECTED, col(table.kind).in_(SET_ASIDE))
    return and_(col(table.state).in_(REFUSED), ~kept)


def somebody_sees_to_it(session: Session) -> Iterator[str]:
    """I8: what is to be done at a trading server waits in the outbox."""
    waits = exists().where(
        col(OutboxEntry.key) == TradingOperation.outbox_key,
        col(OutboxEntry.state) == EntryState.WAITING,
    )
    forgotten = select(TradingOperation.key).where(
        col(TradingOperation.state).in_(UNFINISHED), ~waits
    )
    for key in session.exec(forgotten):
        yield f"operation {key} is not finished, and nobody sees to it"


CHECKS: tuple[Check, ...] = (
    edges_are_allowed,
    states_follow_each_other,
    states_are_those_of_the_history,
    triggers_guard_the_history,
    money_is_posted_once,
    somebody_sees_to_it,
)
