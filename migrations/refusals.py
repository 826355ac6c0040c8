"""Triggers that refuse to change what was written."""

from collections.abc import Iterator

from alembic import op

_FUNCTION = "refuse_to_rewrite"


def refuse(table: str, *verbs: str) -> None:
    """Has the database refuse UPDATE or DELETE of a table, and what would come to the same."""
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in (_for_postgresql if is_postgresql else _for_sqlite)(table, verbs):
        op.execute(statement)


def make_function() -> None:
    """What the triggers call on PostgreSQL."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$"
            " BEGIN RAISE EXCEPTION '% of % is refused', TG_OP, TG_TABLE_NAME"
            " USING ERRCODE = 'restrict_violation'; END $$"
        )


def drop_function() -> None:
    """Once no trigger is left that calls it."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION {_FUNCTION}")


def _for_postgresql(table: str, verbs: tuple[str, ...]) -> Iterator[str]:
    for verb in (*verbs, "TRUNCATE"):
        each = "STATEMENT" if verb == "TRUNCATE" else "ROW"
        yield (
            f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table}"
            f" FOR EACH {each} EXECUTE FUNCTION {_FUNCTION}()"
        )


def _for_sqlite(table: str, verbs: tuple[str, ...]) -> Iterator[str]:
    """A row that is replaced on SQLite is deleted without its triggers being asked."""
    for verb in verbs:
        yield (
            f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{verb} of {table} is refused'); END"
        )
    yield (
        f"CREATE TRIGGER {table}_refuses_replace BEFORE INSERT ON {table}"
        f" WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"
        f" BEGIN SELECT RAISE(ABORT, 'REPLACE of {table} is refused'); END"
    )
