"""What is kept: one SQLite file, which several processes may use at once."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simulator.refusals import NotServedError

_BUSY_SECONDS = 3
# Amounts are whole numbers of the currency's smallest unit; prices and volumes are texts, which
# unlike SQLite's own numbers lose nothing. Moments are UTC in ISO 8601, so they sort as texts.
_FORM = """
CREATE TABLE IF NOT EXISTS server (
    name TEXT PRIMARY KEY,
    platform TEXT NOT NULL,
    kind TEXT NOT NULL,
    last_login INTEGER NOT NULL,
    last_ticket INTEGER NOT NULL DEFAULT 0,
    faults TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE IF NOT EXISTS account (
    server TEXT NOT NULL REFERENCES server,
    login TEXT NOT NULL,
    opening_key TEXT NOT NULL,
    group_name TEXT NOT NULL,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    leverage INTEGER NOT NULL,
    trade_password TEXT NOT NULL,
    observe_password TEXT NOT NULL,
    is_enabled INTEGER NOT NULL DEFAULT 1,
    balance INTEGER NOT NULL DEFAULT 0,
    credit INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (server, login)
) STRICT;
CREATE INDEX IF NOT EXISTS account_by_key ON account (server, opening_key);
CREATE TABLE IF NOT EXISTS deal (
    server TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    login TEXT NOT NULL,
    kind TEXT NOT NULL,
    amount INTEGER NOT NULL,
    comment TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (server, ticket),
    FOREIGN KEY (server, login) REFERENCES account
) STRICT;
CREATE INDEX IF NOT EXISTS deal_by_comment ON deal (server, login, comment);
CREATE TABLE IF NOT EXISTS trade_order (
    server TEXT NOT NULL,
    ticket INTEGER NOT NULL,
    login TEXT NOT NULL,
    symbol TEXT NOT NULL,
    type TEXT NOT NULL,
    state TEXT NOT NULL,
    volume TEXT NOT NULL,
    open_price TEXT NOT NULL,
    stop_loss TEXT NOT NULL,
    take_profit TEXT NOT NULL,
    swap INTEGER NOT NULL,
    commission INTEGER NOT NULL,
    opened_at TEXT NOT NULL,
    close_price TEXT,
    profit INTEGER,
    closed_at TEXT,
    closing_deal INTEGER,
    PRIMARY KEY (server, ticket),
    FOREIGN KEY (server, login) REFERENCES account
) STRICT;
CREATE INDEX IF NOT EXISTS trade_order_by_account ON trade_order (server, login, state);
CREATE INDEX IF NOT EXISTS trade_order_by_closing ON trade_order (server, closing_deal);
"""


class Storage:
    """Transactions on a file in a folder, made of the statements in `form`. What one has committed
    stays, whoever is killed next. Raises NotServedError if others keep it busy.
    """

    def __init__(self, folder: Path, name: str = "simulator.sqlite", form: str = _FORM) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = folder / name
        self.path.touch(mode=0o600)
        with self.writing() as connection:
            for statement in form.split(";"):
                connection.execute(statement)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """What returns is committed, what raises is undone; one writer at a time."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """All of it as it stands at one moment."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            # A write-ahead log is not safe with several writers before SQLite 3.51.3.
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(begin)
            yield connection
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
            if code & 0xFF == sqlite3.SQLITE_BUSY:
                raise NotServedError(503, "busy") from error
            raise
        finally:
            connection.close()  # which undoes what was not committed
