"""The trading servers of a simulator, and the numbers that each of them counts up."""

import sqlite3
from zlib import crc32

from simulator.requests import Call, Json

PLATFORMS = ("MT4", "MT5")
KINDS = ("live", "demo")
_LOGINS = 10_000_000


def set_up(call: Call) -> Json:
    """Makes a server, or changes what one is."""
    make(call.connection, call.server, call.word("platform", *PLATFORMS), call.word("kind", *KINDS))
    return about(call)


def make(connection: sqlite3.Connection, name: str, platform: str, kind: str) -> None:
    """Logins of different servers begin with different digits: so nobody takes one for another."""
    connection.execute(
        "INSERT INTO server (name, platform, kind, last_login) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET platform = excluded.platform, kind = excluded.kind",
        (name, platform, kind, _LOGINS * (1 + crc32(name.encode()) % 9)),
    )


def exists(connection: sqlite3.Connection, name: str) -> bool:
    """Whether the server was set up."""
    found = connection.execute("SELECT 1 FROM server WHERE name = ?", (name,))
    return found.fetchone() is not None


def about(call: Call) -> Json:
    """What a server is."""
    found = call.connection.execute(
        "SELECT platform, kind FROM server WHERE name = ?", (call.server,)
    ).fetchone()
    return {"server": call.server, **found, "time": call.at()}


def next_login(call: Call) -> str:
    """A login that nobody has."""
    return str(_next(call, "last_login"))


def next_ticket(call: Call) -> int:
    """A ticket that is higher than all before it."""
    return _next(call, "last_ticket")


def _next(call: Call, column: str) -> int:
    counted = call.connection.execute(
        f"UPDATE server SET {column} = {column} + 1 WHERE name = ? RETURNING {column}",
        (call.server,),
    ).fetchone()
    return int(counted[0])
