"""Payment gateways for tests: the stand-in in this process, and the same one behind HTTP."""

import json
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any

import httpx2
import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from gateways.payment_gateways import PaymentGateways
from gateways.payment_line import PaymentLine
from gateways.payments import Payment, PaymentPort, PaymentWanted
from gateways.stripe import Stripe
from models.money import Denomination, Money
from simulator.payment_app import with_payments
from simulator.payment_signatures import signed
from simulator.stand_in import Event, StandIn
from tests.processes import until
from tests.server import Clock

Json = Any

TRANSPORTS = ("embedded", "http")
KEY = "sk_test_canary_of_the_tests_and_long_enough"
SECRET = "whsec_canary_of_the_tests"
CHANNEL = "17"
RETURN_URL = "https://client.example/deposits"
USD = Denomination("USD", 2)
_PATIENCE_SECONDS = 30.0
_numbers = count(100_001)


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class Till:
    """A channel's gateway, and the stand-in behind it."""

    gateways: PaymentGateways
    stand_in: StandIn
    clock: Clock
    folder: Path
    address: str = ""

    @property
    def port(self) -> PaymentPort:
        return self.gateways.port(self.address, KEY, SECRET, CHANNEL)

    def wanted(self, **changed: Json) -> PaymentWanted:
        """An order that nobody has made before."""
        usual: Json = {
            "order_number": f"D{next(_numbers)}",
            "amount": Money(10_250, USD),
            "title": "Deposit",
            "expires_at": self.clock() + timedelta(hours=1),
            "return_url": RETURN_URL,
        }
        return PaymentWanted(**usual | changed)

    def created(self, **changed: Json) -> Payment:
        return self.port.create(self.wanted(**changed))

    def paid(self, reference: str, amount: int | None = None) -> Event:
        event = self.stand_in.pay(reference, self.clock(), amount)
        assert event is not None
        return event

    def headers(self, event: Event, secret: str = SECRET) -> dict[str, str]:
        return {"stripe-signature": signed(event.body, secret, self.clock())}

    def sessions(self) -> int:
        """How many the stand-in has."""
        kept = sqlite3.connect(self.folder / "checkout.sqlite")
        (number,) = kept.execute("SELECT count(*) FROM session").fetchone()
        kept.close()
        return int(number)


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """There is nothing behind the stand-in."""
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@dataclass
class Shop:
    """Takes what it is told, and keeps it; or refuses it."""

    status: int = 200
    told: list[tuple[str, bytes]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        headers = dict(scope["headers"])
        self.told.append((headers[b"stripe-signature"].decode(), message["body"]))
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})


@contextmanager
def served(make: Callable[[str], ASGIApp]) -> Iterator[str]:
    """The address at which an application is served that is told its own address."""
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(make(address), lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        until(lambda: server.started, "a server that has started")
        yield address
    finally:
        server.should_exit = server.force_exit = True
        thread.join()
        listener.close()


@contextmanager
def opened(kind: str, folder: Path, total_seconds: float = _PATIENCE_SECONDS) -> Iterator[Till]:
    """A stand-in that nobody else uses."""
    clock = Clock(now())
    if kind == "embedded":
        gateways = PaymentGateways(folder, clock, "http://127.0.0.1:8000", 30, _PATIENCE_SECONDS)
        yield Till(gateways, gateways.stand_in, clock, folder)
        gateways.close()
        return
    made: list[StandIn] = []

    def make(address: str) -> ASGIApp:
        made.append(StandIn(folder, address))
        return with_payments(nothing, made[0], KEY, clock)

    with served(make) as address:
        gateways = PaymentGateways(folder, clock, "", 30, _PATIENCE_SECONDS)
        yield Till(gateways, made[0], clock, folder, address)
        gateways.close()


@pytest.fixture(params=TRANSPORTS)
def till(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Till]:
    with opened(request.param, tmp_path) as found:
        yield found


@contextmanager
def stripe_that(
    answers: Callable[[httpx2.Request], httpx2.Response], clock: Clock | None = None
) -> Iterator[Stripe]:
    """The adapter, at a gateway that answers so."""
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx2.Client(
        transport=httpx2.MockTransport(answers), base_url="http://gateway", headers=headers
    ) as client:
        line = PaymentLine(client, clock or Clock(), 30, 30)
        yield Stripe(line, SECRET, CHANNEL)


def event(**changed: Json) -> bytes:
    """What Stripe tells of a payment; `changed` are parts of the session."""
    session: Json = {
        "id": "cs_live_1",
        "object": "checkout.session",
        "amount_total": 10_250,
        "currency": "usd",
        "metadata": {"order_number": "D100001", "channel": CHANNEL},
        "payment_status": "paid",
        "status": "complete",
    }
    kind = changed.pop("type", "checkout.session.completed")
    told = {"id": "evt_1", "object": "event", "type": kind, "created": 1_768_467_600}
    return json.dumps({**told, "data": {"object": session | changed}}).encode()
