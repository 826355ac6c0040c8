"""Operations on a trading server that fails at every third request, while it and the workers are
killed over and over: nothing is lost, nothing is done twice.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from models.boundaries import BoundSession
from models.trading_account import TradingAccount
from models.trading_operation import OperationState, TradingOperation
from simulator.faults import Fault
from tests.deeds import Deeds
from tests.processes import Command, Installation, free_port, installed, until
from tests.server import DATABASES
from tests.trading_installation import (
    HURRIED,
    TOKEN,
    answers,
    ask_for_accounts,
    hurry,
    published,
)
from trading.leverages import apply_for_leverage
from trading.play_money import top_up
from wlink.worker import Worker

ACCOUNTS, OPENINGS, TOP_UPS, LEVERAGES = 22, 8, 44, 8
KINDS = [kind for kind in Fault if kind is not Fault.NONE]
AWAY = "TradingUnavailableError"


@pytest.fixture(params=DATABASES)
def inside(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    with installed(request.param, tmp_path) as place:
        yield place


class Crew:
    """A simulator and two workers."""

    def __init__(self, inside: Installation, running: ExitStack, port: int) -> None:
        self._inside, self._running, self._port = inside, running, port
        self.simulator = self._simulator()
        self.workers: list[Command] = []

    def begin(self) -> None:
        self.workers = [self._worker(), self._worker()]

    def kill_worker(self, which: int) -> None:
        """Another one takes his place."""
        self.workers[which].end()
        self.workers[which] = self._worker()

    def kill_simulator(self) -> None:
        """The workers find nobody there for a while. Others take their places: these would give the
        simulator half a minute's rest.
        """
        seen = self._failures()
        self.simulator.end()
        until(lambda: self._failures() > seen, "a worker who finds nobody")
        self.simulator = self._simulator()
        for which in range(len(self.workers)):
            self.kill_worker(which)

    def _failures(self) -> int:
        return sum(worker.told().count(AWAY) for worker in self.workers)

    def _worker(self) -> Command:
        return self._running.enter_context(self._inside.command("worker", **HURRIED))

    def _simulator(self) -> Command:
        arguments = ("simulator", "--port", str(self._port))
        started = self._inside.command(*arguments, simulator_token=TOKEN)
        command = self._running.enter_context(started)
        until(partial(answers, command, self._port), "a simulator that answers")
        return command


def ask_for_much(inside: Installation, accounts: list[TradingAccount]) -> None:
    """Each top-up is of another amount."""
    parts = inside.services

    def write(session: BoundSession) -> None:
        for number in range(TOP_UPS):
            account = accounts[number % len(accounts)]
            top_up(session, parts.orders, account, f"{number + 1}.{number:02}", parts.clock())
        for account in accounts[:LEVERAGES]:
            apply_for_leverage(session, parts.orders, account, 200, "", parts.clock())

    inside.write(write)


def are_finished(inside: Installation, deeds: Deeds, least: int | None = None) -> bool:
    """Whether so many are, or all."""
    hurry(inside)
    left = len(deeds.unfinished())
    return left == 0 if least is None else count(inside) - left >= least


def count(inside: Installation) -> int:
    every = select(func.count(col(TradingOperation.id)))
    return inside.read(lambda session: session.exec(every).one())


@contextmanager
def crewed(inside: Installation, port: int) -> Iterator[Crew]:
    with ExitStack() as running:
        yield Crew(inside, running, port)


@pytest.mark.long
def test_nothing_is_lost_or_done_twice_though_workers_and_simulator_are_killed(
    inside: Installation,
) -> None:
    port, deeds = free_port(), Deeds(inside.services, inside.boundary)
    kind, user = published(inside, f"http://127.0.0.1:{port}"), inside.user("mei.lin@example.com")
    (server,) = deeds.servers()
    deeds.control("PUT", server, "", {"platform": "MT4", "kind": "demo"})
    with crewed(inside, port) as crew:
        ask_for_accounts(inside, kind, user, ACCOUNTS)
        worker = Worker(inside.services)
        while worker.step():
            pass
        done = count(inside)
        assert (done, deeds.unfinished()) == (2 * ACCOUNTS, [])
        ask_for_much(inside, deeds.rows(TradingAccount))
        ask_for_accounts(inside, kind, user, OPENINGS)
        deeds.fail_often(0.3, KINDS, seed=20260115)
        crew.begin()
        deaths: list[Callable[[], None]] = [
            *(partial(crew.kill_worker, 0), crew.kill_simulator),
            *(partial(crew.kill_worker, 1), crew.kill_simulator),
        ]
        for number, death in enumerate(deaths):
            until(partial(are_finished, inside, deeds, done + 3 + 8 * number), "some more")
            assert deeds.unfinished(), "the killed have something to do"
            death()
        until(partial(are_finished, inside, deeds), "all", seconds=300)
        deeds.fail_no_more()
        assert {each.state for each in deeds.rows(TradingOperation)} == {
            OperationState.CONFIRMED,
            OperationState.REJECTED,
        }
        assert (deeds.deeds_that_are_wrong(), deeds.balances_that_are_wrong()) == ([], [])
        assert (deeds.differences(), deeds.faults_of_the_books()) == ([], [])
