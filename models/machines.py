"""State machines: which state may follow which, and a history that says which did."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Index, event, inspect
from sqlalchemy.orm import ORMExecuteState, UOWTransaction, object_session
from sqlmodel import Field

from models.boundaries import BoundSession, InTenant
from models.columns import Number, moment, row_id


class StateConflictError(Exception):
    """A record is in a state that does not allow what was wanted; `state` is the one it is in."""

    def __init__(self, state: StrEnum) -> None:
        super().__init__(f"it is {state}")
        self.state = state


class ForbiddenEdgeError(Exception):
    """A state was about to be written that may not follow: a fault of ours."""


@dataclass(frozen=True)
class Machine:
    """A record starts in one of `starts`; each state may be followed by those that `edges` name."""

    starts: frozenset[StrEnum]
    edges: Mapping[str, frozenset[StrEnum]]

    def allows(self, was: str, becomes: str) -> bool:
        """Whether there is such an edge."""
        return becomes in self.edges.get(was, frozenset())


class StateChange(InTenant, table=True):
    """One edge that a record has taken. Only ever added to: triggers see to it."""

    __tablename__ = "state_change"
    __table_args__ = (Index("ix_state_change_record", "record", "record_id", "machine"),)

    id: int = row_id()
    record: str = Field(max_length=32)
    record_id: int = Field(sa_type=Number)
    machine: str = Field(max_length=32)
    was: str = Field(max_length=32)
    became: str = Field(max_length=32)
    at: datetime = moment()


class Moving(InTenant):
    """A record with state machines. Every change of theirs is written down in the transaction that
    makes it, and one that has no edge stops that transaction, whoever assigns it; so does an UPDATE
    of many rows, which nobody could write down.
    """

    MACHINES: ClassVar[Mapping[str, Machine]] = {}

    moved_at: datetime = moment()

    def move(self, machine: str, becomes: StrEnum, now: datetime) -> None:
        """Raises StateConflictError."""
        was: StrEnum = getattr(self, machine)
        if not self.MACHINES[machine].allows(was, becomes):
            raise StateConflictError(was)
        session = object_session(self)
        if session:
            session.flush()  # each edge is written down, also of several in one transaction
        setattr(self, machine, becomes)
        self.moved_at = now


def _write_down(session: Any, context: UOWTransaction, instances: Any) -> None:
    for row in list(session.new):
        if isinstance(row, Moving):
            _require_start(row)
    for row in list(session.dirty):
        if isinstance(row, Moving):
            session.add_all(_changes(row))


def _require_start(row: Moving) -> None:
    for name, machine in row.MACHINES.items():
        if getattr(row, name) not in machine.starts:
            raise ForbiddenEdgeError(f"{type(row).__name__}.{name} starts as {getattr(row, name)}")


def _changes(row: Any) -> Iterator[StateChange]:
    for name, machine in row.MACHINES.items():
        history = inspect(row).attrs[name].history
        if not history.has_changes():
            continue
        became = history.added[0]
        # Nothing is known of the state before if it was not read.
        was = history.deleted[0] if history.deleted else None
        if was is None or not machine.allows(was, became):
            raise ForbiddenEdgeError(f"{type(row).__name__}.{name} from {was} to {became}")
        yield StateChange(
            tenant_id=row.tenant_id,
            record=row.__tablename__,
            record_id=row.id,
            machine=name,
            was=was,
            became=became,
            at=row.moved_at,
        )


def _one_by_one(state: ORMExecuteState) -> None:
    mapper = state.bind_mapper
    if state.is_update and mapper is not None and issubclass(mapper.class_, Moving):
        raise ForbiddenEdgeError(f"rows of {mapper.class_.__name__} are changed one by one")


event.listen(BoundSession, "before_flush", _write_down)
event.listen(BoundSession, "do_orm_execute", _one_by_one)
