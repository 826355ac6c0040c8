"""What stands on accounts, asked of the trading servers between two transactions."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from gateways.trading import BATCH, Figures, TradingPort, TradingUnavailableError
from models.boundaries import BoundSession
from models.database import Transaction
from models.trading_account import TradingAccount
from models.trading_server import TradingServer
from trading import snapshots
from trading.ports import Ports


class Placed(NamedTuple):
    """An account, and the server that it is on."""

    account: TradingAccount
    server: TradingServer


def refreshed(
    transaction: Transaction, ports: Ports, placed: Sequence[Placed], now: datetime
) -> list[TradingAccount]:
    """The accounts as their servers tell them now, in the same order; that is kept as the last
    snapshot. Raises TradingError if a server does not tell.
    """
    by_server = defaultdict(list)
    for account, server in placed:
        by_server[server.id].append((account, server))
    found = {
        server_id: _asked(ports.of(own[0][1]), [account.login for account, _ in own])
        for server_id, own in by_server.items()
    }

    def write(session: BoundSession) -> list[TradingAccount]:
        for server_id in sorted(found):
            snapshots.keep_page(session, server_id, found[server_id], now)
        return [
            TradingAccount.require(session, account.user_id, account.id) for account, _ in placed
        ]

    return transaction.write(write)


def _asked(port: TradingPort, logins: list[str]) -> list[Figures]:
    """Of every account; a server that does not know one is as good as none."""
    found: list[Figures] = []
    for start in range(0, len(logins), BATCH):
        found += port.accounts(logins[start : start + BATCH])
    if len(found) < len(set(logins)):
        raise TradingUnavailableError("an account is not known there")
    return found
