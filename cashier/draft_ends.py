"""What the worker does about deposits that nobody has paid in time, and about payments that nobody
wants any more.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from cashier import drafts
from cashier.payment_ports import PaymentPorts
from cashier.payments import Received, keep
from gateways.outbox import Outbox
from gateways.payments import (
    Notice,
    PaymentPort,
    PaymentRefusedError,
    PaymentState,
    Standing,
)
from models.boundaries import Boundary, BoundSession
from models.channel import Channel
from models.database import Database
from models.deposit_order import DepositOrder, DepositStatus


@dataclass(frozen=True)
class DraftEnds:
    """Each call to a gateway stands between two short transactions."""

    database: Database
    ports: PaymentPorts
    outbox: Outbox
    clock: Callable[[], datetime]

    def end(self, tenant_id: int, order_number: str) -> None:
        """Writes down that a draft's time is over. That of an online payment is asked about first:
        the gateway's notice may have been lost. Raises what keeps that from being known.
        """
        boundary = Boundary(tenant_id)
        order, channel = self._order(boundary, order_number)
        if order.status is not DepositStatus.DRAFTED:
            return
        if order.is_online and self._is_paid(boundary, order, channel):
            return

        def end(session: BoundSession) -> None:
            drafts.end(DepositOrder.locked(session, order_number), self.clock())

        self.database.write(boundary, end)

    def cancel(self, tenant_id: int, order_number: str) -> None:
        """Has the gateway take no money for an order any more; if it has taken it, its notice says
        so. Raises PaymentUnavailableError.
        """
        order, channel = self._order(Boundary(tenant_id), order_number)
        try:
            self.ports.of(channel).cancel(order.gateway_reference)
        except PaymentRefusedError:
            self._is_paid(Boundary(tenant_id), order, channel)

    def _order(self, boundary: Boundary, order_number: str) -> tuple[DepositOrder, Channel]:
        def read(session: BoundSession) -> tuple[DepositOrder, Channel]:
            order = DepositOrder.numbered(session, order_number)
            return order, Channel.present(session, order.channel_id)

        return self.database.read(boundary, read)

    def _is_paid(self, boundary: Boundary, order: DepositOrder, channel: Channel) -> bool:
        """Whether the gateway has the money; then that is kept as its notice would be."""
        port = self.ports.of(channel)
        standing = port.query(order.gateway_reference)
        if standing.state is PaymentState.OPEN:
            _close(port, order)
            standing = port.query(order.gateway_reference)
        if standing.state is not PaymentState.PAID:
            return False
        now = self.clock()
        received = _received(order, standing, now)
        self.database.write(
            boundary, lambda session: keep(session, self.outbox, channel, received, now)
        )
        return True


def _close(port: PaymentPort, order: DepositOrder) -> None:
    """Nobody pays it after this; refused if somebody is just paying."""
    with suppress(PaymentRefusedError):
        port.cancel(order.gateway_reference)


def _received(order: DepositOrder, standing: Standing, now: datetime) -> Received:
    """What was asked, as if it had been told."""
    notice = Notice(
        event_id=f"asked {order.gateway_reference}"[:255],
        order_number=order.order_number,
        reference=order.gateway_reference,
        state=standing.state,
        amount=standing.amount,
        currency=standing.currency,
        at=now,
    )
    return Received(notice, b"")
