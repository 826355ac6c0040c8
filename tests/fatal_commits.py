"""A `wlink` process that is killed at a commit: the sharpest moment, which a kill from outside
hardly ever meets.
"""

import os
import re
import signal
from itertools import count
from typing import Any, cast

from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

BEFORE, AFTER = "before", "after"
_MONEY = re.compile(
    r"INSERT INTO (ledger_transaction|deposit_order|withdrawal_order|transfer_order)\b"
)
_MARK = "moves money"


def doomed(moment: str, number: int) -> str:
    """What a process runs first that is to be killed `before` or `after` the database has committed
    its so-manieth transaction that moves money.
    """
    return f"from tests.fatal_commits import doom; doom({moment!r}, {number})"


def doom(moment: str, number: int) -> None:
    """Called within the process."""
    numbers, commit = count(1), cast(Any, DefaultDialect).do_commit

    def begin(connection: Any) -> None:
        connection.info.pop(_MARK, None)

    def look(connection: Any, _: Any, statement: str, *__: Any) -> None:
        if _MONEY.match(statement):
            connection.info[_MARK] = True

    def do_commit(dialect: Any, connection: Any) -> None:
        is_fatal = connection.info.pop(_MARK, False) and next(numbers) == number
        if is_fatal and moment == BEFORE:
            _die()
        commit(dialect, connection)
        if is_fatal:
            _die()

    event.listen(Engine, "begin", begin)
    event.listen(Engine, "before_cursor_execute", look)
    DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]  # where both databases commit


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
