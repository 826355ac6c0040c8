"""The trading servers of a broker, as they are reached."""

from dataclasses import dataclass

from gateways.secret_box import SecretBox
from gateways.trading import TradingPort
from gateways.trading_servers import TradingServers
from models.trading_server import TradingServer

_PURPOSE = "token of a trading server's bridge"


@dataclass(frozen=True)
class Ports:
    """Knows the tokens of bridges."""

    box: SecretBox
    servers: TradingServers

    def of(self, server: TradingServer) -> TradingPort:
        """The way to a server."""
        token = self.box.opened(_PURPOSE, server.token).decode() if server.token else ""
        # The simulator in here is for all brokers of this installation.
        name = server.name if server.address else f"{server.tenant_id}.{server.name}"
        kind = "demo" if server.is_demo else "live"
        return self.servers.port(server.address, token, name, server.platform, kind)

    def sealed(self, token: str) -> bytes:
        """A token as a server keeps it."""
        return self.box.sealed(_PURPOSE, token.encode())
