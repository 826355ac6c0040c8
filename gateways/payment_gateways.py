"""From a payment gateway's address to a port: Stripe, or the stand-in in here."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Lock

import httpx2

from gateways.exchange import client_for, is_address
from gateways.payment_line import PaymentLine
from gateways.payments import PaymentPort
from gateways.stripe import Stripe
from simulator.answering import Answer, Delivery
from simulator.refusals import NotServedError
from simulator.stand_in import Asked, StandIn

_CONNECT_SECONDS = 2.0
_TOTAL_SECONDS = 10.0
_EMBEDDED = "http://stand-in"


@dataclass
class PaymentGateways:
    """Ports to payment gateways. The stand-in keeps what it is told in `folder`, and its pages are
    at `public_address`.
    """

    folder: Path
    clock: Callable[[], datetime]
    public_address: str
    connect_seconds: float = _CONNECT_SECONDS
    total_seconds: float = _TOTAL_SECONDS
    _ports: dict[tuple[str, str, str, str], Stripe] = field(default_factory=dict, repr=False)
    _stand_in: StandIn | None = None
    _lock: Lock = field(default_factory=Lock)

    def port(self, address: str, key: str, webhook_secret: str, channel: str) -> PaymentPort:
        """That of a channel at the gateway; or, with no address, at the stand-in. Always the same
        port for the same channel, so that it remembers what has failed; good for several threads.
        Raises ValueError for an address that is none.
        """
        if address and not is_address(address):
            raise ValueError("a payment gateway has no such address")
        wanted = (address, key, webhook_secret, channel)
        with self._lock:
            if wanted not in self._ports:
                line = self._line(address, key, channel)
                self._ports[wanted] = Stripe(line, webhook_secret, channel)
            return self._ports[wanted]

    @property
    def stand_in(self) -> StandIn:
        """The embedded one, made when it is first asked for."""
        with self._lock:
            if self._stand_in is None:
                self._stand_in = StandIn(self.folder, self.public_address)
            return self._stand_in

    def close(self) -> None:
        """Closes every connection."""
        with self._lock:
            for port in self._ports.values():
                port.line.client.close()
            self._ports.clear()

    def _line(self, address: str, key: str, channel: str) -> PaymentLine:
        waits = httpx2.Timeout(self.total_seconds, connect=self.connect_seconds)
        transport = None if address else StandInTransport(self, channel)
        client = client_for(address or _EMBEDDED, f"Bearer {key}", waits, transport)
        return PaymentLine(client, self.clock, self.connect_seconds, self.total_seconds)


@dataclass
class StandInTransport(httpx2.BaseTransport):
    """Hands requests to the stand-in in this process, as the channel's; a fault of its looks like
    one of the network's.
    """

    gateways: PaymentGateways
    channel: str

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """See httpx2."""
        key = request.headers.get("Idempotency-Key", "")
        asked = Asked(self.channel, request.method, request.url.path, request.read(), key)
        try:
            return _response(self.gateways.stand_in.answer(asked, self.gateways.clock()))
        except (sqlite3.Error, OSError, NotServedError) as error:
            raise httpx2.ReadError(type(error).__name__) from error


def _response(answer: Answer) -> httpx2.Response:
    if answer.delivery is Delivery.HANGS:
        raise httpx2.ReadTimeout("the stand-in hangs")
    if answer.delivery is Delivery.LOST:
        raise httpx2.RemoteProtocolError("the stand-in has lost the answer")
    return httpx2.Response(answer.status, stream=httpx2.ByteStream(answer.body))
