"""A broker's cashier on an installation of its own: who calls it reaches servers that run in
earnest, and operators sit at desks in here.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from httpx2 import Client, Limits

from models.trading_account import TradingAccount
from models.trading_operation import UNFINISHED, TradingOperation
from tests.cashier import Till
from tests.deeds import Deeds
from tests.keyed import newcomer
from tests.processes import Installation, Service, until
from tests.server import Broker, Clock, Server
from tests.trading import Floor
from wlink.services import utc_now


class RealClock(Clock):
    """Goes by itself; servers keep nothing in memory of what is changed here."""

    def __call__(self) -> datetime:
        return utc_now()

    def forward(self, **time: float) -> None:
        """Nobody waits."""


@contextmanager
def reached(inside: Installation, service: Service) -> Iterator[Floor]:
    """The installation's broker, whose clients call the servers, each time over a new connection:
    so any of them may answer. The worker is in here.
    """
    anew = Limits(max_keepalive_connections=0)
    with Client(base_url=service.address, timeout=60, limits=anew) as http:
        server = Server(inside.services, RealClock(), http)
        yield Floor(Broker(server, inside.site.tenant_id, 1))


@dataclass(frozen=True)
class Customer:
    """A client, and his live accounts, with the same money on each of them."""

    till: Till
    accounts: Sequence[int]

    @property
    def token(self) -> str:
        return self.till.floor.token


def customer(floor: Floor, amount: str, accounts: int = 2) -> Customer:
    """Somebody new."""
    till = Till(newcomer(floor))
    numbers = [till.account, till.second]
    numbers += [till.floor.open_live() for _ in range(len(numbers), accounts)]
    for number in numbers:
        till.credit(amount, number)
    return Customer(till, numbers)


def at_rest(floor: Floor) -> None:
    """Waits until the workers have done all that was to be done on trading servers."""

    def is_quiet() -> bool:
        return not [each for each in floor.rows(TradingOperation) if each.state in UNFINISHED]

    until(is_quiet, "the end of all operations")


def faults(inside: Installation, till: Till) -> list[object]:
    """What is wrong with the books, or between them and the trading servers."""
    deeds = Deeds(inside.services, inside.boundary)
    return [
        *till.violations(),
        *deeds.differences(),
        *deeds.deeds_that_are_wrong(),
        *deeds.balances_that_are_wrong(),
    ]


def standing(inside: Installation) -> dict[int, str]:
    """What stands on each account at its server, by the account's id."""
    deeds = Deeds(inside.services, inside.boundary)
    accounts: list[TradingAccount] = deeds.rows(TradingAccount)
    return {each.id: str(deeds.figures(each)["balance"]) for each in accounts}
