"""A broker whose servers, worker and trading servers are killed over and over while his clients
move money.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, repeat
from threading import Event

from sqlmodel import col, func, select

from models.trading_operation import UNFINISHED, TradingOperation
from tests.chaos_crew import Crew
from tests.chaos_load import Customer, Load, Person
from tests.chaos_operators import Operator
from tests.chaos_town import Town
from tests.fatal_commits import AFTER, BEFORE
from tests.processes import Installation, free_port, until
from tests.trading_installation import hurry

PEOPLE = 4
# So many requests are answered between two deaths, at least and at most.
_BREATH = (20, 60)
# More than this a worker need not have before him.
_BACKLOG = 30
_LONG = 300.0


@dataclass
class Chaos:
    """`kept` and the load tell afterwards what must have come of it."""

    town: Town
    crew: Crew
    load: Load
    people: Sequence[Person]
    operator: Operator
    random: random.Random
    _threads: list[Future[None]] = field(default_factory=list)
    _over: Event = field(default_factory=Event)

    def rage(self, kills: int, writes: int, seconds: float) -> None:
        """Kills one after the other, until so many were killed, so much was acknowledged, and so
        much time is over; then lets everybody finish what he has begun.
        """
        began = time.monotonic()
        with ThreadPoolExecutor(PEOPLE + 1) as threads:
            try:
                self._begin(threads)
                for death in self._deaths():
                    self._breathe(self.random.randint(*_BREATH))
                    death()
                    is_long_enough = time.monotonic() - began >= seconds
                    if self.crew.kills >= kills and is_long_enough:
                        break
                until(lambda: self._has_written(writes), "so many writes", seconds=_LONG)
                self.load.stop()
                until(self._is_over, "the end of it all", seconds=_LONG)
            finally:
                self.load.stop()
                self._over.set()

    def _begin(self, threads: ThreadPoolExecutor) -> None:
        customers = [Customer(self.load, each, self.random.random()) for each in self.people]
        self._threads = [threads.submit(customer.run) for customer in customers]
        self._threads.append(threads.submit(self._operate))

    def _deaths(self) -> Iterator[Callable[[], None]]:
        """Each kind once, in the order of a moment; then any of them, for ever."""
        crew, number = self.crew, self.random.randint
        kinds: list[Callable[[], None]] = [
            lambda: crew.server_at_commit(0, BEFORE, number(2, 15)),
            lambda: crew.server_at_commit(1, AFTER, number(2, 15)),
            lambda: crew.worker_at_commit(BEFORE, number(2, 15)),
            lambda: crew.worker_at_commit(AFTER, number(2, 15)),
            crew.kill_simulator,
        ]
        once = self.random.sample(kinds, len(kinds))
        outright: list[Callable[[], None]] = [
            partial(crew.kill_server, 0),
            partial(crew.kill_server, 1),
            crew.kill_worker,
        ]
        return chain(once, (self.random.choice(kinds + outright) for _ in repeat(None)))

    def _breathe(self, writes: int) -> None:
        enough = len(self.load.done()) + writes
        until(lambda: self._has_written(enough), "some more writes")

    def _has_written(self, writes: int) -> bool:
        self._require_sound()
        return len(self.load.done()) >= writes

    def _require_sound(self) -> None:
        """Raises whatever somebody has stumbled over."""
        for thread in self._threads:
            assert not thread.done() or thread.result() is None

    def _operate(self) -> None:
        """Nobody asks for more while the worker has much to do."""
        while not self._over.is_set():
            self.load.is_slow = self._unfinished() > _BACKLOG
            hurry(self.town.inside)
            if not self.operator.work():
                self._over.wait(0.1)

    def _is_over(self) -> bool:
        """An operator who is idle has nothing more begun."""
        self._require_sound()
        is_asked_all = all(each.done() for each in self._threads[:-1])
        return is_asked_all and self.operator.is_idle() and not self._unfinished()

    def _unfinished(self) -> int:
        number = select(func.count()).where(col(TradingOperation.state).in_(UNFINISHED))
        return self.town.inside.read(lambda session: session.exec(number).one())


@contextmanager
def chaos(inside: Installation, seed: int) -> Iterator[Chaos]:
    """Everybody is there, and nobody was killed yet."""
    port, chance = free_port(), random.Random(seed)
    with ExitStack() as running:
        crew = Crew(inside, running, port)
        town = Town(inside, f"http://127.0.0.1:{port}")
        people = town.people(PEOPLE)
        crew.begin()
        load = Load(crew.addresses, town.deposits, town.withdrawals)
        yield Chaos(town, crew, load, people, Operator(inside), chance)
