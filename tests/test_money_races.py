"""Clients and operators who want the same money at the same time get it once: two servers and a
worker in processes of their own, and desks in this one.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from httpx2 import AsyncClient, Response
from sqlalchemy import text

from backoffice import cash_orders
from contract.errors import RefusedError
from models.audit_status import AuditStatus
from models.boundaries import BoundSession
from models.cash_states import CreditState, DebitState, RefundState
from models.deposit_order import DepositStatus
from models.ledger_account import AccountKind, LedgerAccount
from models.transfer_order import TransferOrder
from tests.cash_installation import Customer, at_rest, customer, faults, reached, standing
from tests.cashier import Till, kind_of
from tests.keyed import REPLAYED
from tests.processes import GIVEN_UP, Installation, Service, Wanted, installed, outcomes, until
from tests.server import DATABASES, problem
from tests.trading import Floor

Json = Any
Act = Callable[[], str]

pytestmark = pytest.mark.long

AT_ONCE, ROUNDS = 50, 20
CLIENTS, SECONDS, TRANSFERS = 64, 30, 100
PAIRS = 34
LATE = {"PENDING_ORDER_EXISTS", "INSUFFICIENT_FUNDS"}


@pytest.fixture(scope="module", params=DATABASES)
def inside(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    with installed(request.param, tmp_path_factory.mktemp("money")) as place:
        yield place


@pytest.fixture(scope="module")
def service(inside: Installation) -> Iterator[Service]:
    """Two processes that answer."""
    with inside.served(rate_limits=False) as started:
        yield started
        assert started.command.stop() == 0


@pytest.fixture(scope="module")
def floor(inside: Installation, service: Service) -> Iterator[Floor]:
    with reached(inside, service) as found:
        yield found


@pytest.fixture
def books(inside: Installation, floor: Floor) -> Iterator[None]:
    """At the end of a story they are sound, and the trading servers say the same."""
    yield
    assert faults(inside, Till(floor)) == []


def named(name: str, bodies: Sequence[Json], token: str) -> list[Wanted]:
    """Calls with a key each."""
    return [Wanted(name, body, token, uuid4().hex) for body in bodies]


def test_one_of_fifty_withdrawals_of_everything_is_granted_each_time(
    inside: Installation, service: Service, floor: Floor, books: None
) -> None:
    client = customer(floor, "500.00")
    till, account = client.till, client.accounts[0]
    bodies = [till.wants_to_withdraw("500.00", account)] * AT_ONCE
    refused: Counter[str] = Counter()
    with inside.command("worker"):
        for _ in range(ROUNDS):
            answers = service.together(named("create_withdrawal", bodies, client.token))
            order = the_one_granted(answers, refused)["order_number"]
            until(lambda order=order: is_debited(till, order), "the debit")  # type: ignore[misc]  # mypy cannot infer such a lambda
            assert till.balance(account) == "0.00"
            till.claim(order)
            decide(till, cash_orders.reject, order, "Once more.")
            until(lambda order=order: is_refunded(till, order), "the refund")  # type: ignore[misc]  # the same
            assert till.balance(account) == "500.00"
    print(f"{ROUNDS} granted, refused: {dict(refused)}, too busy: {len(service.put_off)} times")


def test_one_of_many_small_withdrawals_and_transfers_is_granted_each_time(
    inside: Installation, service: Service, floor: Floor, books: None
) -> None:
    """There is money for all of them: what keeps the others out is the order that is open."""
    client = customer(floor, "500.00")
    till, (source, target) = client.till, client.accounts
    out = [till.wants_to_withdraw("10.00", source)] * 20
    over = [
        till.wants_to_transfer(
            "10.00", source_trading_account_id=source, target_trading_account_id=target
        )
    ] * 20
    for _ in range(5):
        wanted = named("create_withdrawal", out, client.token)
        wanted += named("create_transfer", over, client.token)
        random.shuffle(wanted)
        granted = the_one_granted(service.together(wanted), Counter())
        till.work()
        assert till.balance(source) == "490.00"
        is_transfer = "audit_id" in granted
        order = transfer_of(till, granted) if is_transfer else granted["order_number"]
        till.reject(order)
        assert (till.balance(source), till.balance(target)) == ("500.00", "500.00")


def the_one_granted(answers: Sequence[Response], refused: Counter[str]) -> Json:
    """What it was told; all others have come too late."""
    told = Counter(outcomes(list(answers)))
    assert told.pop("200", 0) == 1, told
    assert set(told) <= LATE
    refused += told
    return next(each.json() for each in answers if each.status_code == 200)


def transfer_of(till: Till, granted: Json) -> str:
    orders = {each.id: each.order_number for each in till.floor.rows(TransferOrder)}
    number: str = orders[granted["audit_id"]]
    return number


def is_debited(till: Till, order: str) -> bool:
    return till.order(order).debit_state is DebitState.DEBITED


def is_refunded(till: Till, order: str) -> bool:
    return till.order(order).refund_state is RefundState.REFUNDED


def decide(till: Till, how: Callable[..., None], order: str, *further: str) -> None:
    """An operator decides; the worker is another process. Raises RefusedError."""
    orders = till.broker.server.services.orders
    till.desk(lambda desk: how(desk, orders, kind_of(order), order, *further))


@dataclass
class Bustle:
    """Clients who move money between accounts of their own, one transfer after the other, until the
    time is over and enough was moved. `granted` are the ids of transfers, with source, target and
    amount.
    """

    service: Service
    end: float
    granted: dict[int, tuple[int, int, Decimal]] = field(default_factory=dict)
    told: Counter[str] = field(default_factory=Counter)

    async def begin(self, customers: Sequence[Customer], clients: int) -> None:
        """All of them at once."""
        async with self.service.visited(clients) as http:
            chances = [random.Random(number) for number in range(clients)]
            owners = [customers[number % len(customers)] for number in range(clients)]
            await asyncio.gather(
                *(self._move_often(http, *each) for each in zip(owners, chances, strict=True))
            )

    async def _move_often(self, http: AsyncClient, owner: Customer, chance: random.Random) -> None:
        while time.monotonic() < self.end or len(self.granted) < TRANSFERS:
            source, target = chance.sample(owner.accounts, 2)
            amount = Decimal(chance.randrange(1, 40_000)).scaleb(-2)
            body = owner.till.wants_to_transfer(
                f"{amount}", source_trading_account_id=source, target_trading_account_id=target
            )
            wanted = Wanted("create_transfer", body, owner.token, uuid4().hex)
            answer = await self.service.decided(http, wanted)
            if answer.status_code != 200:
                self.told[problem(answer)[1]] += 1
                await asyncio.sleep(chance.random())  # as people do; else the worker had no room
                continue
            self.told["200"] += 1
            self.granted[answer.json()["audit_id"]] = (source, target, amount)
            again = await self.service.decided(http, wanted)
            assert (again.content, again.headers.get(REPLAYED)) == (answer.content, "true")


def test_whatever_many_clients_move_at_once_nothing_is_lost_and_nothing_is_made(
    inside: Installation, service: Service, floor: Floor, books: None
) -> None:
    customers = [customer(floor, "1000.00", 5) for _ in range(4)]
    customers[0].till.set(approves_transfers_up_to=1_000_000)
    before, known = standing(inside), {each.id for each in floor.rows(TransferOrder)}
    in_all = total(floor)
    with inside.command("worker"):
        bustle = Bustle(service, time.monotonic() + SECONDS)
        asyncio.run(bustle.begin(customers, CLIENTS))
        at_rest(floor)
    customers[0].till.set(approves_transfers_up_to=0)
    given_up = service.command.told().count(GIVEN_UP)
    print(f"{dict(bustle.told)}, too busy: {Counter(service.put_off)}, given up: {given_up}")
    assert set(bustle.told) <= LATE | {"200"}
    made = [each for each in floor.rows(TransferOrder) if each.id not in known]
    assert {each.id for each in made} == set(bustle.granted)
    assert {each.status for each in made} == {AuditStatus.APPROVED}
    assert {each.credit_state for each in made} == {CreditState.CREDITED}
    assert len(bustle.granted) == bustle.told["200"]
    assert has_moved(before, bustle) == standing(inside)
    assert total(floor) == in_all
    if inside.services.database.url.get_backend_name() == "postgresql":
        assert (given_up, inside.read(deadlocks)) == (0, 0)


def deadlocks(session: BoundSession) -> int:
    """How often two transactions have waited for each other, and one was broken off."""
    counted = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    return int(session.execute(text(counted)).scalar_one())


def has_moved(before: dict[int, str], bustle: Bustle) -> dict[int, str]:
    """What then stands on each account."""
    left = {number: Decimal(balance) for number, balance in before.items()}
    for source, target, amount in bustle.granted.values():
        left[source] -= amount
        left[target] += amount
    return {number: f"{balance}" for number, balance in left.items()}


def total(floor: Floor) -> int:
    """All that is on clients' accounts by the ledger, or in transit; cents."""
    kinds = (AccountKind.TRADING, AccountKind.CLEARING)
    return sum(each.posted for each in floor.rows(LedgerAccount) if each.kind in kinds)


def both(first: Act, second: Act) -> list[str]:
    """What each of two is refused with who begin together; "" for success."""
    start = Barrier(2)

    def run(act: Act) -> str:
        start.wait()
        return act()

    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(run, (first, second)))


def called(till: Till, name: str, body: Json) -> str:
    answer = till.floor.call(name, body)
    return "" if answer.status_code == 200 else problem(answer)[1]


def decided(till: Till, how: Callable[..., None], order: str, *further: str) -> str:
    try:
        decide(till, how, order, *further)
    except RefusedError as refused:
        return str(refused)
    return ""


def test_a_deposit_is_given_up_or_paid_in_whoever_comes_first(floor: Floor, books: None) -> None:
    client = customer(floor, "500.00")
    till, account = client.till, client.accounts[0]
    won: Counter[DepositStatus] = Counter()
    for _ in range(100):
        order = till.draft("50.00", account)
        shown = {"order_number": order, "receipt_url": till.receipt()}

        def pay_in(order: str = order, shown: Json = shown) -> str:
            refused = called(till, "submit_deposit", shown)
            if not refused:
                till.claim(order)
            return refused or decided(till, cash_orders.approve, order)

        def give_up(order: str = order) -> str:
            return called(till, "cancel_deposit", {"order_number": order})

        assert sorted(both(give_up, pay_in)) == ["", "ORDER_STATE_CONFLICT"]
        won[till.order(order).status] += 1
    till.work()
    print(dict(won))
    assert set(won) <= {DepositStatus.CANCELLED, DepositStatus.APPROVED}
    assert till.balance(account) == f"{500 + 50 * won[DepositStatus.APPROVED]}.00"


APPROVE, REJECT = (cash_orders.approve,), (cash_orders.reject, "We need a proof.")
RELEASE = (lambda desk, _, kind, order: cash_orders.release(desk, kind, order),)


def paid_in(client: Customer) -> str:
    return client.till.paid_in("50.00", client.accounts[0])


def taken_out(client: Customer) -> str:
    return client.till.withdraw("10.00", client.accounts[0])


def moved_over(client: Customer) -> str:
    source, target = client.accounts
    return client.till.transfer(
        "10.00", source_trading_account_id=source, target_trading_account_id=target
    )


# What stands on both accounts, in dollars more than before, once an order is approved.
ORDERS: dict[Callable[[Customer], str], tuple[int, int]] = {
    paid_in: (50, 0),
    taken_out: (-10, 0),
    moved_over: (-10, 10),
}


def decided_together(till: Till, order: str, second: tuple[Any, ...], number: int) -> list[str]:
    """What two operators are refused with, one of whom approves; by turns each begins."""
    deeds = [
        lambda each=each: decided(till, each[0], order, *each[1:])
        for each in (APPROVE, second)[:: 1 if number % 2 else -1]
    ]
    return sorted(both(deeds[0], deeds[1]))


@pytest.mark.parametrize("order_of", ORDERS, ids=lambda each: each.__name__)
@pytest.mark.parametrize("second", [APPROVE, REJECT], ids=["twice", "against a refusal"])
def test_an_order_is_decided_once_whoever_comes_first(
    floor: Floor, books: None, order_of: Callable[[Customer], str], second: tuple[Any, ...]
) -> None:
    client = customer(floor, "1000.00")
    till = client.till
    won: Counter[str] = Counter()
    for number in range(PAIRS):
        order = order_of(client)
        till.claim(order)
        refusals = decided_together(till, order, second, number)
        status = till.order(order).status
        assert refusals == ["", f"that cannot be done: it is {status}"]
        won[status] += 1
        till.work()
    print(dict(won))
    times = won["approved"]
    assert times + won["disapproved"] == PAIRS
    assert [till.balance(each) for each in client.accounts] == [
        f"{1000 + times * dollars}.00" for dollars in ORDERS[order_of]
    ]


@pytest.mark.parametrize("order_of", [taken_out, moved_over], ids=lambda each: each.__name__)
@pytest.mark.parametrize(
    "second", [APPROVE, REJECT, RELEASE], ids=["twice", "against a refusal", "against a release"]
)
def test_money_that_waits_for_approval_leaves_once_whoever_comes_first(
    floor: Floor, books: None, order_of: Callable[[Customer], str], second: tuple[Any, ...]
) -> None:
    client = customer(floor, "1000.00")
    till = client.till
    till.set(debits_on_approval=True)
    left = 0
    for number in range(PAIRS):
        order = order_of(client)
        till.claim(order)
        refusals = decided_together(till, order, second, number)
        status = till.order(order).status
        assert refusals[0] == ""
        assert refusals[1].startswith("that cannot be done: it is ")
        till.work()
        if status == "auditing":
            left += 1
            assert till.order(order).status == "approved"
        elif status == "pending":
            till.reject(order)
    till.set(debits_on_approval=False)
    dollars = ORDERS[order_of]
    print(f"{left} of {PAIRS} have left")
    assert [till.balance(each) for each in client.accounts] == [
        f"{1000 + left * each}.00" for each in dollars
    ]
