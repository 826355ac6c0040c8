"""Whose rows a session may see and write. The one place where the tenant and the owner are added
to every query and every new row; nobody else needs to think of them.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Engine,
    Insert,
    Select,
    bindparam,
    column,
    event,
)
from sqlalchemy.orm import (
    LoaderCriteriaOption,
    ORMExecuteState,
    UOWTransaction,
    with_loader_criteria,
)
from sqlmodel import Field, Session, SQLModel, col

from models.columns import Number, reference

# Under these names a boundary is bound to a query that is compiled before it is known whose it is.
TENANT, OWNER = "boundary_tenant", "boundary_owner"
Bound = int | BindParameter[int]


class ForeignRowError(Exception):
    """A row of another tenant or owner was about to be written: a fault of ours."""


class _OfTenant:
    """Finds the tables: SQLAlchemy asks this class first, which is none, and then each one."""

    @classmethod
    def in_tenant(cls, number: Bound) -> ColumnElement[bool]:
        """Rows of a tenant."""
        return column("tenant_id", Number) == number

    @classmethod
    def in_tenant_to_come(cls) -> ColumnElement[bool]:
        """The same for a tenant who is bound later."""
        return cls.in_tenant(bindparam(TENANT, type_=Number))


class _OfUser:
    @classmethod
    def of_user(cls, number: Bound) -> ColumnElement[bool]:
        """Rows of a user."""
        return column("user_id", Number) == number

    @classmethod
    def of_user_to_come(cls) -> ColumnElement[bool]:
        """The same for a user who is bound later."""
        return cls.of_user(bindparam(OWNER, type_=Number))


class InTenant(SQLModel, _OfTenant):
    """A table whose rows belong to a tenant each."""

    tenant_id: int = Field(default=None, foreign_key="tenant.id", sa_type=Number)

    @classmethod
    def in_tenant(cls, number: Bound) -> ColumnElement[bool]:
        """Rows of a tenant."""
        return col(cls.tenant_id) == number


class OfUser(InTenant, _OfUser):
    """A table whose rows belong to a user of a tenant each."""

    user_id: int = reference("user.id")

    @classmethod
    def of_user(cls, number: Bound) -> ColumnElement[bool]:
        """Rows of a user."""
        return col(cls.user_id) == number


@dataclass(frozen=True)
class Boundary:
    """One tenant, and in it one user if somebody is logged in."""

    tenant_id: int
    owner_id: int | None = None


class BoundSession(Session):
    """A session that sees the rows within its boundary; without one, those of every tenant: only
    for what serves all of them, such as the worker.
    """

    def __init__(self, bind: Engine, boundary: Boundary | None) -> None:
        super().__init__(bind, expire_on_commit=False)
        self.boundary = boundary
        self.criteria = _criteria(boundary) if boundary else ()


def _confine(state: ORMExecuteState) -> None:
    session: Any = state.session
    boundary: Boundary | None = session.boundary
    if boundary is None:
        return
    if isinstance(state.statement, Insert):
        state.statement = state.statement.values(**_owners(_table_class(state), boundary))
        return
    state.statement = state.statement.options(*session.criteria)


def _owners(table: type, boundary: Boundary) -> dict[str, int]:
    """The columns of a new row that say whose it is."""
    owners = {"tenant_id": boundary.tenant_id} if issubclass(table, InTenant) else {}
    if issubclass(table, OfUser) and boundary.owner_id is not None:
        owners["user_id"] = boundary.owner_id
    return owners


@lru_cache(1000)
def _criteria(boundary: Boundary) -> tuple[LoaderCriteriaOption, ...]:
    tenant = _within(boundary.tenant_id)
    return (tenant, _owned_by(boundary.owner_id)) if boundary.owner_id else (tenant,)


def _within(tenant_id: int) -> LoaderCriteriaOption:
    return with_loader_criteria(
        _OfTenant, lambda table: table.in_tenant(tenant_id), include_aliases=True
    )


def _owned_by(owner_id: int) -> LoaderCriteriaOption:
    return with_loader_criteria(
        _OfUser, lambda table: table.of_user(owner_id), include_aliases=True
    )


def confined(statement: Select[*tuple[Any, ...]], *, owned: bool) -> Select[*tuple[Any, ...]]:
    """A query that stays within the boundary which is bound to it later, as TENANT and, if it is
    for somebody who is logged in, as OWNER.
    """
    within = with_loader_criteria(
        _OfTenant,
        lambda table: table.in_tenant_to_come(),
        include_aliases=True,
    )
    if not owned:
        return statement.options(within)
    owned_by = with_loader_criteria(
        _OfUser, lambda table: table.of_user_to_come(), include_aliases=True
    )
    return statement.options(within, owned_by)


def _fill_in(session: Any, context: UOWTransaction, instances: Any) -> None:
    boundary: Boundary | None = session.boundary
    if boundary is None:
        return
    for row in (*session.new, *session.dirty):
        for name, number in _owners(type(row), boundary).items():
            _belongs(row, name, number)


def _belongs(row: InTenant, column: str, number: int) -> None:
    if getattr(row, column, None) is None:
        setattr(row, column, number)
    if getattr(row, column) != number:
        raise ForeignRowError(f"{type(row).__name__}.{column}")


def _table_class(state: ORMExecuteState) -> type:
    if state.bind_mapper is None:
        raise ForeignRowError("rows are written through their classes")
    return state.bind_mapper.class_


event.listen(BoundSession, "do_orm_execute", _confine)
event.listen(BoundSession, "before_flush", _fill_in)
