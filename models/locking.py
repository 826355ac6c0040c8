"""Rows that nobody else changes until the transaction ends."""

from typing import TypeVar

from sqlmodel.sql.expression import SelectOfScalar

Row = TypeVar("Row")


def fresh(found: SelectOfScalar[Row]) -> SelectOfScalar[Row]:
    """The same rows, locked, and as they are by then: what the session has read before is not kept.
    New rows may refer to them meanwhile: their keys do not change. On SQLite the whole database is
    locked by then.
    """
    return found.with_for_update(key_share=True).execution_options(populate_existing=True)
