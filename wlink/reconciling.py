"""Comparing our movements with those of the trading servers, at the console."""

from collections.abc import Iterator

from sqlmodel import col, select

from gateways.trading import TradingError
from models.boundaries import Boundary, BoundSession
from models.database import Transaction
from models.tenant import Tenant
from models.trading_server import TradingServer
from trading.reconciliation import Found, Reconciliation
from wlink.readiness import ready
from wlink.services import Services


def compared(tenant: str) -> Iterator[tuple[str, int]]:
    """A line for each difference, and one for each server that is in use, with how many faults they
    stand for. A server that does not answer is a fault. `tenant` is a broker's code, or empty for
    all of them.
    """
    with ready() as parts:
        for code, server in parts.database.read(None, lambda session: _servers(session, tenant)):
            yield from _compared(parts, code, server)


def _compared(parts: Services, code: str, server: TradingServer) -> Iterator[tuple[str, int]]:
    transaction = Transaction(parts.database, Boundary(server.tenant_id))
    where, faults = f"{code}  {server.name}", 0
    try:
        for found in Reconciliation(transaction, server, parts.ports.of(server)).differences():
            faults += 1
            yield f"{where}  {_told(found)}", 1
    except TradingError as error:
        yield f"{where}  does not answer ({type(error).__name__})", 1
        return
    yield f"{where}  {faults or 'no'} differences", 0


def _told(found: Found) -> str:
    ticket = f"  deal {found.ticket}" if found.ticket is not None else ""
    return f"{found.difference}  account {found.login}  {found.key or 'without a comment'}{ticket}"


def _servers(session: BoundSession, tenant: str) -> list[tuple[str, TradingServer]]:
    enabled = (
        select(Tenant.code, TradingServer)
        .join(TradingServer, col(TradingServer.tenant_id) == Tenant.id)
        .where(col(TradingServer.is_enabled))
        .order_by(col(Tenant.code), col(TradingServer.id))
    )
    return [row for row in session.exec(enabled).all() if tenant in ("", row[0])]
