"""Keeping the figures of accounts fresh: page by page, server by server, whoever comes first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from gateways.trading import Figures, TradingError
from models.boundaries import Boundary, BoundSession
from models.database import Database
from models.trading_server import TradingServer
from trading import snapshots
from trading.ports import Ports

# A page takes no longer, or somebody else begins with it anew.
_LEASE = timedelta(seconds=60)
_log = structlog.get_logger("wlink.trading")


@dataclass(frozen=True)
class Refreshing:
    """`every` is the time between two rounds through the accounts of a server."""

    database: Database
    ports: Ports
    clock: Callable[[], datetime]
    every: timedelta

    def step(self) -> bool:
        """Reads the next accounts anew; false if none are due."""
        now = self.clock()
        if not self.database.read(None, lambda session: TradingServer.is_any_due(session, now)):
            return False
        claimed = self.database.write(None, lambda session: _claimed(session, now))
        if claimed is None:
            return False
        server, accounts = claimed
        found = self._asked(server, [login for _, login in accounts])
        reached = accounts[-1][0] if found is not None and len(accounts) == snapshots.PAGE else 0

        def keep(session: BoundSession) -> None:
            snapshots.keep_page(session, server.id, found or [], now)
            TradingServer.locked(session, server.id).refreshed(reached, now, self.every)

        self.database.write(Boundary(server.tenant_id), keep)
        return True

    def _asked(self, server: TradingServer, logins: list[str]) -> list[Figures] | None:
        """Nothing if the server does not tell: the next round comes soon enough."""
        if not logins:
            return []
        try:
            return self.ports.of(server).accounts(logins)
        except TradingError as error:
            _log.warning("refreshing", server=server.id, fault=type(error).__name__)
            return None


def _claimed(
    session: BoundSession, now: datetime
) -> tuple[TradingServer, Sequence[tuple[int, str]]] | None:
    server = TradingServer.due(session, now, _LEASE)
    if server is None:
        return None
    return server, snapshots.page(session, server.id, server.refreshed_to)
