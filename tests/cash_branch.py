"""A broker whose clients have accounts with money, at two servers on one database; and what servers
outside are asked.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from httpx2 import Client, Response
from sqlmodel import select
from starlette.testclient import TestClient

from backoffice.clients import approve_client
from ledger.verification import verify
from models.boundaries import BoundSession
from models.deposit_order import DepositOrder
from models.ledger_account import LedgerAccount
from models.payment_event import PaymentEvent
from models.transfer_order import TransferOrder
from models.user import User
from models.withdrawal_order import WithdrawalOrder
from simulator.answering import Answer, Delivery, Request, Simulator
from simulator.faults import Fault
from simulator.payment_signatures import signed
from simulator.stand_in import Asked, StandIn
from tests.cashier import CHECKS, Till
from tests.reference_money import FEES
from tests.server import ADDRESS, Server
from tests.trading import LIVE, Floor
from trading.checks import states_are_those_of_the_history
from wlink.app import create_app
from wlink.services import Services, services

Json = Any
# The slowest one, about the histories that nobody can rewrite: it finds as much at the end.
QUICK_CHECKS = [check for check in CHECKS if check is not states_are_those_of_the_history]


class App(NamedTuple):
    """One of several on a database."""

    parts: Services
    http: Client


@dataclass
class Outside:
    """What trading servers and payment gateways were asked since it was read last."""

    trading: list[tuple[Request, Answer]] = field(default_factory=list)
    payments: list[tuple[Asked, Answer]] = field(default_factory=list)

    def listen(self, patch: pytest.MonkeyPatch) -> None:
        answer, checkout = Simulator.answer, StandIn.answer

        def answered(simulator: Simulator, request: Request, now: datetime) -> Answer:
            self.trading.append((request, answer(simulator, request, now)))
            return self.trading[-1][1]

        def checked_out(stand_in: StandIn, asked: Asked, now: datetime) -> Answer:
            self.payments.append((asked, checkout(stand_in, asked, now)))
            return self.payments[-1][1]

        patch.setattr(Simulator, "answer", answered)
        patch.setattr(StandIn, "answer", checked_out)

    def read(self) -> tuple[list[tuple[Request, Answer]], list[tuple[Asked, Answer]]]:
        heard = self.trading, self.payments
        self.trading, self.payments = [], []
        return heard


@contextmanager
def apps_on(server: Server) -> Iterator[list[App]]:
    """The server, and another one beside it."""
    parts = fresh(server)
    http = TestClient(create_app(parts, check_answers=True), client=(ADDRESS, 50000))
    with http:
        yield [App(server.services, server.http), App(parts, http)]
    close(parts)


def percent(channel: str) -> Json:
    """The fee of a channel, as its form has it."""
    return {
        "fee_type": "percent",
        "fee_value": str(Decimal(FEES[channel].numerator * 100) / FEES[channel].denominator),
    }


def fresh(server: Server) -> Services:
    """As after a restart: nothing is remembered but what is written down."""
    return services(server.services.settings, server.clock)


def close(parts: Services) -> None:
    parts.database.close()
    parts.ports.servers.close()
    parts.payments.gateways.close()


class Branch:
    """Each client has as many accounts as `accounts` says."""

    def __init__(self, server: Server, apps: list[App], accounts: list[int]) -> None:
        self.apps, self.clock = apps, server.clock
        self.app = apps[0]
        parts = fresh(server)
        self.till = Till(Floor(Server(parts, server.clock, self.app.http).broker()))
        self.broker, self.floor = self.till.broker, self.till.floor
        self.channels = {"offline": self.till.offline, "card": self.till.card}
        self.till.costs(self.till.offline, **percent("offline"))
        self.till.costs(self.till.card, **percent("card"), currencies=["JPY"])
        self.till.costs(self.till.bank, **percent("bank"))
        self.till.rate("USD", "JPY", "151.37")
        self.till.rate("USD", "CNY", "7.1234")
        self.clients = [self._client(number) for number in range(len(accounts))]
        self.tokens = [self.broker.token(user) for user in self.clients]
        self.owners: dict[int, int] = {}
        for client, many in enumerate(accounts):
            for _ in range(many):
                self.owners[self.floor.open_live(self.clients[client])] = client
        self.logins = {row.login: row.id for row in self.floor.accounts()}

    def _client(self, number: int) -> User:
        user = self.broker.user(f"client{number}@example.com")
        self.broker.desk(lambda desk: approve_client(desk, user.email))
        return user

    @property
    def parts(self) -> Services:
        return self.broker.server.services

    @property
    def stand_in(self) -> StandIn:
        return self.parts.payments.gateways.stand_in

    def restart(self) -> None:
        """Clients reach the other server, and the worker has begun anew."""
        close(self.parts)
        self.app = self.apps[1 - self.apps.index(self.app)]
        server = self.broker.server
        self.broker.server = Server(fresh(server), server.clock, self.app.http)

    def log_in(self) -> None:
        """Sessions do not last for ever."""
        self.tokens = [self.broker.token(user) for user in self.clients]

    def call(self, client: int, name: str, body: Json = None, key: str = "") -> Response:
        headers = {"Idempotency-Key": key} if key else None
        paged = {"page": 1, "size": 100}
        return self.broker.call(
            name,
            body,
            token=self.tokens[client],
            headers=headers,
            query=paged if name.startswith(("list", "count")) else None,
        )

    def fail(self, *coming: Fault, actions: list[str]) -> None:
        """Faults of the trading server, for its next actions of these names."""
        self.floor.suffers(LIVE, *coming, actions=actions)

    def tell(self, body: bytes) -> None:
        """A gateway's notice of a payment by card arrives."""
        channel = self.till.card
        secret = self.parts.payments.stand_in_secret(channel)
        headers = {"stripe-signature": signed(body, secret, self.clock())}
        path = f"/webhooks/payments/{channel}"
        answer = self.app.http.post(path, content=body, headers=headers)
        assert answer.status_code == 200, answer.text

    def violations(self, checks: Json = QUICK_CHECKS) -> list[str]:
        return self.parts.database.read(
            self.broker.boundary, lambda session: list(verify(session, checks))
        )

    def kept(self) -> tuple[Json, Json, Json]:
        """Orders with their states, the ledger, and what has become of payments."""
        return self.parts.database.read(self.broker.boundary, _kept)


def _kept(session: BoundSession) -> tuple[Json, Json, Json]:
    orders = {
        row.order_number: (
            {name: str(getattr(row, name)) for name in row.MACHINES},
            row.amount,
            getattr(row, "fee", 0),
            getattr(row, "is_late", False),
        )
        for table in (DepositOrder, WithdrawalOrder, TransferOrder)
        for row in session.exec(select(table)).all()
    }
    ledger = {
        f"{row.kind} {row.subject.removeprefix('trading_account ')}".strip(): (row.posted, row.held)
        for row in session.exec(select(LedgerAccount)).all()
        if (row.posted, row.held) != (0, 0)
    }
    events = Counter(str(state) for state in session.exec(select(PaymentEvent.state)).all())
    return orders, ledger, events


def arrived(request: Request, answer: Answer) -> bool:
    """Whether an answer has come to who has asked."""
    return answer.delivery is Delivery.ARRIVES and answer.request_id == request.request_id
