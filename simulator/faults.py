"""Faults on purpose: what a trading server far away may do to whoever calls it."""

import json
import sqlite3
from enum import StrEnum
from hashlib import blake2b

from simulator.refusals import WRONG_PARAMETERS, NotServedError, Refusal
from simulator.requests import Call, Json
from simulator.storage import Storage


class Fault(StrEnum):
    """`hang`, `refuse` and `error` leave the server as it is; the others come after the request was
    carried out. `none` lets a request through, in a list of those that are to come.
    """

    REFUSE = "refuse"
    HANG = "hang"
    HANG_APPLIED = "hang_applied"
    LOSE = "lose"
    TWICE = "twice"
    ERROR = "error"
    NONE = "none"


BEFORE = frozenset({Fault.REFUSE, Fault.HANG, Fault.ERROR})


_NAMES = frozenset({"next", "share", "kinds", "seed", "actions"})


def set_faults(call: Call) -> Json:
    """`next` is a list of faults for the next requests. After those, a `share` of the requests (0
    to 1) suffers one of `kinds`, chosen by `seed`. `actions` says which requests are meant: all
    that are no control, if it is left out.
    """
    if not _is_sound(call.body):
        raise Refusal(WRONG_PARAMETERS)
    _keep(call.connection, call.server, call.body)
    return call.body


def faults(call: Call) -> Json:
    """What is set, and what is left of the list."""
    return _kept(call.connection, call.server)


def drawn(storage: Storage, server: str, action: str) -> Fault:
    """What is to happen to this request. It is written down that it has been chosen: a simulator
    that is killed does not choose it again. Raises NotServedError if there is no such server.
    """
    with storage.reading() as connection:
        if not _concern(_kept(connection, server), action):
            return Fault.NONE
    with storage.writing() as connection:
        wanted = _kept(connection, server)
        if not _concern(wanted, action):
            return Fault.NONE
        chosen = _chosen(wanted, server)
        _keep(connection, server, wanted)
    return chosen


def _is_sound(wanted: Json) -> bool:
    lists = [wanted.get(name, []) for name in ("next", "kinds", "actions")]
    if not wanted.keys() <= _NAMES or not all(isinstance(each, list) for each in lists):
        return False
    coming, kinds, _ = lists
    share = wanted.get("share", 0)
    is_share = type(share) in (int, float) and 0 <= share <= 1
    return is_share and (bool(kinds) or not share) and {*coming, *kinds} <= set(Fault)


def _concern(wanted: Json, action: str) -> bool:
    is_any = bool(wanted.get("next") or wanted.get("share"))
    return is_any and ("actions" not in wanted or action in wanted["actions"])


def _chosen(wanted: Json, server: str) -> Fault:
    """Takes it out of what is wanted."""
    if wanted.get("next"):
        return Fault(wanted["next"].pop(0))
    wanted["drawn"] = wanted.get("drawn", 0) + 1
    text = f"{wanted.get('seed', 0)} {server} {wanted['drawn']}"
    digest = blake2b(text.encode(), digest_size=8).digest()
    chance, which = divmod(int.from_bytes(digest), 2**32)
    if chance >= wanted["share"] * 2**32:
        return Fault.NONE
    return Fault(wanted["kinds"][which % len(wanted["kinds"])])


def _kept(connection: sqlite3.Connection, server: str) -> Json:
    found = connection.execute("SELECT faults FROM server WHERE name = ?", (server,)).fetchone()
    if found is None:
        raise NotServedError(404, "unknown_server")
    return json.loads(found["faults"] or "{}")


def _keep(connection: sqlite3.Connection, server: str, wanted: Json) -> None:
    text = json.dumps(wanted)
    connection.execute("UPDATE server SET faults = ? WHERE name = ?", (text, server))
