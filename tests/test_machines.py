"""Which state follows which: tests/data/edges.yaml says it, and nobody gets around it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import partial
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import update
from sqlmodel import select

from models import tables
from models.account_application import AccountApplication
from models.boundaries import BoundSession
from models.cash_order import new_order_number
from models.channel import Channel, ChannelMethod, Direction
from models.deposit_order import DepositOrder
from models.leverage_application import LeverageApplication
from models.machines import ForbiddenEdgeError, StateChange, StateConflictError
from models.payment_event import Outcome, PaymentEvent
from models.payout_method import PayoutMethod
from models.trading_account import TradingAccount
from models.trading_operation import Kind, TradingOperation, new_key
from models.transfer_order import TransferOrder
from models.withdrawal_order import WithdrawalOrder
from tests.trading import Floor, floor

__all__ = ["floor"]

Json = Any
Row = Any

DATA = Path(__file__).parent / "data" / "edges.yaml"
WRITTEN: dict[str, dict[str, dict[str, list[str]]]] = yaml.safe_load(DATA.read_text("utf-8"))
TABLES: dict[str, Any] = {str(table.__tablename__): table for table in tables.moving()}
MACHINES = [(record, machine) for record, machines in WRITTEN.items() for machine in machines]
by_machine = pytest.mark.parametrize(("record", "machine"), MACHINES, ids=map(".".join, MACHINES))


def words(record: str, machine: str) -> type[StrEnum]:
    """The states that there are."""
    states: type[StrEnum] = TABLES[record].__table__.c[machine].type.words
    return states


def pairs(record: str, machine: str, *, allowed: bool) -> Iterator[tuple[StrEnum, StrEnum]]:
    """Every pair of states that is an edge, or that is none."""
    edges = WRITTEN[record][machine]
    for was, becomes in product(words(record, machine), repeat=2):
        if (becomes in edges.get(was, [])) is allowed:
            yield was, becomes


def way(record: str, machine: str, state: str) -> list[str]:
    """How a record comes to a state: where it starts, and the edges that it takes."""
    edges = WRITTEN[record][machine]
    ways = [[start] for start in edges["starts"]]
    for known in ways:
        if known[-1] == state:
            return known
        ways += [[*known, after] for after in edges.get(known[-1], []) if after not in known]
    raise AssertionError(f"no way leads to {state}")


def new(floor: Floor, session: BoundSession, record: str, **columns: Json) -> Row:
    """A record of a client's; of an account of its own where it is none."""
    now, user_id = floor.broker.server.clock(), floor.user.id
    account = TradingAccount(
        user_id=user_id,
        server_id=floor.live_server,
        account_type_id=floor.live_type,
        currency="USD",
        leverage=100,
        is_demo=False,
        moved_at=now,
        **(columns if record == "trading_account" else {}),
    )
    session.add(account)
    session.flush()
    own: Json = {"trading_account_id": account.id, "moved_at": now, "created_at": now, **columns}
    if record == "account_application":
        return AccountApplication(user_id=user_id, **own)
    if record == "leverage_application":
        return LeverageApplication(user_id=user_id, before=100, wanted=200, client_remark="", **own)
    if record == "trading_operation":
        return TradingOperation(key=new_key("T"), kind=Kind.ENABLE, **own)
    if record in ("deposit_order", "withdrawal_order", "transfer_order"):
        return new_order(session, record, now, {**own, "user_id": user_id})
    if record == "payment_event":
        return new_event(session, now, columns)
    return account


def new_order(session: BoundSession, record: str, now: datetime, own: Json) -> Row:
    """One that moves five dollars, by a channel where it has one."""
    own |= {"order_number": new_order_number("X", now), "amount": 500, "currency": "USD"}
    if record == "transfer_order":
        number = own.pop("trading_account_id")
        return TransferOrder(source_id=number, target_id=number, **own)
    own |= {"channel_id": new_channel(session, now), "fee": 0, "rate": Decimal(1)}
    if record == "deposit_order":
        times: Json = {"submitted_at": now, "expires_at": now}
        return DepositOrder(pay_currency="USD", pay_amount=500, **times, **own)
    payee: Json = {"method": PayoutMethod.BANK_TRANSFER, "payee": b""}
    return WithdrawalOrder(remittance_currency="USD", remittance_amount=500, **payee, **own)


def new_event(session: BoundSession, now: datetime, columns: Json) -> Row:
    """What a gateway has told of such a payment."""
    event = new_order_number("E", now)
    told: Json = {"event_id": event, "reference": event, "order_number": event, "raw": b""}
    times: Json = {"told_at": now, "received_at": now, "moved_at": now}
    channel = new_channel(session, now)
    paid: Json = {"outcome": Outcome.PAID, "amount_minor": 500, "currency": "USD"}
    return PaymentEvent(channel_id=channel, **paid, **told, **times, **columns)


def new_channel(session: BoundSession, now: datetime) -> int:
    channel = Channel(
        name={"en": "A way"},
        account_info={},
        direction=Direction.DEPOSIT,
        method=ChannelMethod.OFFLINE,
        currencies=["USD"],
        created_at=now,
        updated_at=now,
    )
    session.add(channel)
    session.flush()
    return channel.id


def in_state(floor: Floor, record: str, machine: str, state: str) -> int:
    """A record that has come there. Its id."""
    start, *edges = way(record, machine, state)
    states = words(record, machine)

    def make(session: BoundSession) -> Row:
        row = new(floor, session, record, **{machine: states(start)})
        session.add(row)
        session.flush()
        for each in edges:
            row.move(machine, states(each), floor.broker.server.clock())
        return row

    number: int = write(floor, make).id
    return number


def write(floor: Floor, work: Callable[[BoundSession], Any]) -> Any:
    return floor.broker.server.services.database.write(floor.broker.boundary, work)


def move(floor: Floor, record: str, machine: str, number: int, becomes: StrEnum) -> None:
    now = floor.broker.server.clock()
    write(floor, lambda session: found(session, record, number).move(machine, becomes, now))


def found(session: BoundSession, record: str, number: int) -> Row:
    return session.get_one(TABLES[record], number)


def state_of(floor: Floor, record: str, machine: str, number: int) -> str:
    return str(write(floor, lambda session: getattr(found(session, record, number), machine)))


def history(floor: Floor, record: str, machine: str, number: int) -> list[tuple[str, str]]:
    """The edges that a record has taken."""
    taken = select(StateChange).where(
        StateChange.record == record,
        StateChange.record_id == number,
        StateChange.machine == machine,
    )
    rows = write(floor, lambda session: session.exec(taken.order_by(StateChange.id)).all())  # type: ignore[arg-type]  # SQLModel's columns are typed as their values
    return [(row.was, row.became) for row in rows]


def edges_to(record: str, machine: str, state: str) -> list[tuple[str, str]]:
    steps = way(record, machine, state)
    return list(pairwise(steps))


def test_every_machine_that_there_is_is_written_down() -> None:
    machines = {(record, name) for record, table in TABLES.items() for name in table.MACHINES}
    assert machines == set(MACHINES)


@by_machine
def test_every_state_can_be_come_to(record: str, machine: str) -> None:
    for state in words(record, machine):
        assert way(record, machine, state)[-1] == state
    named = {each for after in WRITTEN[record][machine].values() for each in after}
    assert named <= set(words(record, machine))


@by_machine
def test_every_edge_is_taken_and_written_down(floor: Floor, record: str, machine: str) -> None:
    for was, becomes in pairs(record, machine, allowed=True):
        number = in_state(floor, record, machine, was)
        move(floor, record, machine, number, becomes)
        assert state_of(floor, record, machine, number) == becomes
        assert history(floor, record, machine, number) == [
            *edges_to(record, machine, was),
            (was, becomes),
        ]


@by_machine
def test_what_is_no_edge_is_refused(floor: Floor, record: str, machine: str) -> None:
    for was, becomes in pairs(record, machine, allowed=False):
        number = in_state(floor, record, machine, was)
        with pytest.raises(StateConflictError) as refused:
            move(floor, record, machine, number, becomes)
        assert refused.value.state == was
        untouched(floor, record, machine, number, was)


@pytest.mark.long
@by_machine
@pytest.mark.parametrize("is_known", [True, False], ids=["read before", "not read before"])
def test_what_is_no_edge_is_not_written_whoever_assigns_it(
    floor: Floor, record: str, machine: str, is_known: bool
) -> None:
    def assign(number: int, becomes: StrEnum) -> None:
        def work(session: BoundSession) -> None:
            row = found(session, record, number)
            if not is_known:
                session.expire(row)
            setattr(row, machine, becomes)

        write(floor, work)

    for was, becomes in pairs(record, machine, allowed=False):
        if was is becomes:
            continue
        number = in_state(floor, record, machine, was)
        with pytest.raises(ForbiddenEdgeError):
            assign(number, becomes)
        untouched(floor, record, machine, number, was)


def untouched(floor: Floor, record: str, machine: str, number: int, state: str) -> None:
    assert state_of(floor, record, machine, number) == state
    assert history(floor, record, machine, number) == edges_to(record, machine, state)


@by_machine
def test_no_record_starts_in_the_middle(floor: Floor, record: str, machine: str) -> None:
    starts = WRITTEN[record][machine]["starts"]
    for state in words(record, machine):

        def add(session: BoundSession, state: StrEnum = state) -> None:
            session.add(new(floor, session, record, **{machine: state}))

        before = len(floor.rows(TABLES[record]))
        if state in starts:
            write(floor, add)
            assert len(floor.rows(TABLES[record])) == before + 1
            continue
        with pytest.raises(ForbiddenEdgeError):
            write(floor, add)
        assert len(floor.rows(TABLES[record])) == before


@by_machine
def test_states_are_not_changed_by_the_dozen(floor: Floor, record: str, machine: str) -> None:
    start = words(record, machine)(WRITTEN[record][machine]["starts"][0])
    number = in_state(floor, record, machine, start)
    table = TABLES[record]
    for becomes in words(record, machine):
        change = update(table).values({machine: becomes})
        with pytest.raises(ForbiddenEdgeError):
            write(floor, partial(BoundSession.execute, statement=change))
    untouched(floor, record, machine, number, start)
