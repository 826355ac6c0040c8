"""Whether the database still refuses to rewrite the books."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import text
from sqlmodel import Session

# By table: the names of the triggers begin with it.
_REFUSED = {
    "ledger_account": ("delete",),
    "ledger_transaction": ("update", "delete"),
    "ledger_entry": ("update", "delete"),
}
# What only one of the databases has a way to do past the others.
_OWN = {"postgresql": "truncate", "sqlite": "replace"}
_AT_WORK = {
    "postgresql": (
        "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
        " JOIN pg_proc ON pg_proc.oid = tgfoid"
        " WHERE pg_table_is_visible(pg_class.oid) AND tgenabled IN ('O', 'A')"
        " AND starts_with(tgname, relname) AND strpos(prosrc, 'RAISE EXCEPTION') > 0"
    ),
    "sqlite": (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        " AND instr(name, tbl_name) = 1 AND instr(sql, 'RAISE(ABORT') > 0"
    ),
}


def triggers_guard_the_ledger(session: Session) -> Iterator[str]:
    """I5: each is there, on its table, and not switched off. The same for all tenants."""
    return triggers_guard(session, _REFUSED)


def triggers_guard(session: Session, refused: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The same for any tables, and what the database must refuse to do in them."""
    database = session.get_bind().dialect.name
    at_work = set(session.connection().scalars(text(_AT_WORK[database])))
    for table, verbs in refused.items():
        for verb in (*verbs, _OWN[database]):
            if f"{table}_refuses_{verb}" not in at_work:
                yield f"the database does not refuse to {verb} in {table}"
