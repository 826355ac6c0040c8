"""Reading what is read all the time: queries that are compiled once and go to the driver as they
are. They are written with the tables like any other query, and stay within the boundary like any
other; what they leave out is the four fifths of the time that SQLAlchemy takes to find out each
time what it was told the time before.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Dialect, Select
from sqlalchemy.engine import Compiled
from sqlalchemy.engine.interfaces import DBAPIConnection

from models.boundaries import OWNER, TENANT, Boundary, confined

Json = Any
_Process = Callable[[Json], Json] | None


class _Prepared(NamedTuple):
    """What the driver gets: the text, its values in their order or by their names, and how what
    it gives becomes what the columns say.
    """

    text: str
    values: Mapping[str, Json]
    order: list[str] | None
    processes: Sequence[_Process]


class Query:
    """A query of columns. What is asked for stands in it as bindparam("name")."""

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self._statement = statement
        self._prepared: dict[tuple[str, bool], _Prepared] = {}

    def prepared(self, dialect: Dialect, owned: bool) -> _Prepared:
        """For a kind of database, and for somebody who is logged in or not."""
        key = dialect.name, owned
        if key not in self._prepared:
            self._prepared[key] = self._prepare(dialect, owned)
        return self._prepared[key]

    def _prepare(self, dialect: Dialect, owned: bool) -> _Prepared:
        compiled = confined(self._statement, owned=owned).compile(dialect=dialect)
        columns = self._statement.selected_columns
        processes = [
            column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns
        ]
        return _Prepared(str(compiled), compiled.params, _order(compiled), processes)


def _order(compiled: Compiled) -> list[str] | None:
    order: list[str] | None = getattr(compiled, "positiontup", None)
    return order


class Reading:
    """What a caller may see, asked for query by query."""

    def __init__(self, connection: DBAPIConnection, dialect: Dialect, boundary: Boundary) -> None:
        self._connection = connection
        self._dialect = dialect
        self._within = {TENANT: boundary.tenant_id, OWNER: boundary.owner_id}
        self._owned = boundary.owner_id is not None

    def rows(self, query: Query, **asked: Json) -> list[tuple[Json, ...]]:
        """All rows. What is asked for are numbers and texts, no enumerations or moments."""
        text, values, order, processes = query.prepared(self._dialect, self._owned)
        filled = {**values, **asked, **self._within}
        given: Json = [filled[name] for name in order] if order is not None else filled
        cursor = self._connection.cursor()
        try:
            cursor.execute(text, given)
            found = cursor.fetchall()
        finally:
            cursor.close()
        return [
            tuple(
                process(value) if process else value
                for process, value in zip(processes, row, strict=True)
            )
            for row in found
        ]
