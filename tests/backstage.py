"""A broker's trading servers from behind: how they are to fail, and what they were asked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from sqlmodel import col, select

from models.boundaries import BoundSession
from models.outbox_entry import EntryState, OutboxEntry
from models.trading_server import TradingServer
from simulator.answering import ROUTES, Answer, Request
from tests.deeds import Deeds
from tests.processes import free_port
from tests.server import Broker, Clock
from tests.trading import Floor
from wlink.worker import Worker

Json = Any
Happening = Callable[[], None]


def action_of(request: Request) -> str:
    """The name of what is asked for."""
    return next(
        route.action
        for route in ROUTES
        if route.method == request.method and route.path.fullmatch(request.path)
    )


@dataclass
class Backstage(Deeds):
    """`asked` are the actions that the broker's servers were asked for, in that order. What stands
    in `before` and `after` happens the next time when an action is about to be carried out, or is
    carried out and about to be answered.
    """

    turned: Clock
    asked: list[str] = field(default_factory=list)
    before: dict[str, Happening] = field(default_factory=dict)
    after: dict[str, Happening] = field(default_factory=dict)

    def listen(self, patch: pytest.MonkeyPatch) -> None:
        """From now on. Servers are made when they are first called."""
        for server in self.servers():
            self.parts.ports.of(server)
        self._answer = self.parts.ports.servers.simulator.answer
        patch.setattr(self.parts.ports.servers.simulator, "answer", self.answer)

    def answer(self, request: Request, now: datetime) -> Answer:
        """Lets a request through, and what was to happen happen."""
        if not request.path.startswith(f"/servers/{self.boundary.tenant_id}."):
            return self._answer(request, now)
        action = action_of(request)
        self.asked.append(action)
        self.before.pop(action, _nothing)()
        answer = self._answer(request, now)
        self.after.pop(action, _nothing)()
        return answer

    def work(self) -> None:
        """The worker does what is due."""
        worker = Worker(self.parts)
        while worker.step():
            pass

    def work_later(self) -> None:
        """The same as soon as something of the broker's is due again, or somebody's claim ends."""
        waiting = (OutboxEntry.state == EntryState.WAITING,)
        entries = self.parts.database.read(
            self.boundary, lambda session: session.exec(select(OutboxEntry).where(*waiting)).all()
        )
        moments = [max(each.due_at, each.claimed_until or each.due_at) for each in entries]
        self.turned.moment = max(self.turned(), min(moments))
        self.work()

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        """Nobody answers where the broker's servers should be."""
        self._move_to(f"http://127.0.0.1:{free_port()}")
        yield
        self._move_to("")

    def _move_to(self, address: str) -> None:
        def move(session: BoundSession) -> None:
            for server in session.exec(select(TradingServer).order_by(col(TradingServer.id))):
                server.address = address

        self.parts.database.write(self.boundary, move)


def _nothing() -> None:
    pass


@pytest.fixture
def floor(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> Floor:
    """The worker tries again after two seconds, four, eight and so on."""
    monkeypatch.setattr("wlink.worker.random.uniform", lambda _, longest: longest)
    return Floor(broker)


@pytest.fixture
def stage(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> Iterator[Backstage]:
    """Whatever has happened, the books are sound afterwards."""
    server = floor.broker.server
    backstage = Backstage(server.services, floor.broker.boundary, server.clock)
    backstage.listen(monkeypatch)
    yield backstage
    assert backstage.faults_of_the_books() == []
