"""Rows that are there once, whoever comes first."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, select

from models.locking import fresh

Row = TypeVar("Row", bound=SQLModel)


def inserted(session: Session, table: type[Row], key: dict[str, Any], **values: Any) -> bool:
    """Inserts a row unless there is one with this key already. Says whether it was inserted."""
    insert = postgresql.insert if _is_postgresql(session) else sqlite.insert
    statement = insert(table).values(**key, **values).on_conflict_do_nothing()
    return session.execute(statement.returning(literal(1))).first() is not None


def made(session: Session, table: type[Row], **values: Any) -> Row | None:
    """The new row, unless there is one already with one of its keys."""
    insert = postgresql.insert if _is_postgresql(session) else sqlite.insert
    statement = insert(table).values(**values).on_conflict_do_nothing()
    return session.scalars(statement.returning(table)).first()


def inserted_all(session: Session, table: type[Row], rows: Sequence[dict[str, Any]]) -> None:
    """The same for many rows that belong to no tenant."""
    insert = postgresql.insert if _is_postgresql(session) else sqlite.insert
    if rows:
        session.execute(insert(table).values(rows).on_conflict_do_nothing())


def locked(session: Session, table: type[Row], key: dict[str, Any], **values: Any) -> Row:
    """The row with this key, made with these values if there was none; nobody else changes it
    until the transaction ends.
    """
    found = fresh(select(table).filter_by(**key))
    while True:
        inserted(session, table, key, **values)
        row = session.exec(found).first()
        if row:  # else somebody has removed it in between
            return row


def _is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
