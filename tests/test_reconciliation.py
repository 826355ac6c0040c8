"""What we think was moved on trading servers, compared with what was moved there."""

import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from sqlmodel import Session

from models.trading_account import TradingAccount
from models.trading_operation import Kind, OperationState, TradingOperation
from tests.backstage import Backstage, Happening, floor, stage
from tests.console import Console, console
from tests.deeds import Deeds
from tests.processes import Installation, installed
from tests.server import DATABASES
from tests.trading import Floor
from tests.trading_installation import ask_for_accounts, published
from tests.wishes import ask_for_top_up, top_up
from trading.reconciliation import Difference, Found
from wlink.worker import Worker

__all__ = ["console", "floor", "stage"]

Json = Any
AT = datetime(2026, 1, 15, 9, tzinfo=UTC)
ALL, OF_EACH, ON_THEIR_WAY = 10_000, 50, 20


@pytest.fixture(params=DATABASES)
def inside(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    with installed(request.param, tmp_path) as place:
        yield place


@dataclass
class Books:
    """Operations and deals to be, and what is wrong with them."""

    accounts: list[TradingAccount]
    operations: list[dict[str, Json]] = field(default_factory=list)
    deals: list[tuple[str, int, str, str]] = field(default_factory=list)
    wrong: Counter[tuple[Difference, str]] = field(default_factory=Counter)
    _count: int = 0

    def ours(self, state: OperationState = OperationState.CONFIRMED) -> tuple[str, str, int]:
        """Writes an operation down. Its login, key and amount."""
        self._count += 1
        account = self.accounts[self._count % len(self.accounts)]
        key, amount = f"V:{self._count:013}", self._count * 7
        row = {"kind": Kind.TOP_UP, "trading_account_id": account.id, "state": state}
        self.operations.append(row | {"key": key, "amount": amount})
        return account.login, key, amount

    def theirs(self, login: str, key: str, amount: int, kind: str = "balance") -> None:
        self.deals.append((login, amount, key, kind))

    def find(self, difference: Difference, key: str) -> None:
        self.wrong[difference, key] += 1

    def be_right(self) -> None:
        self.theirs(*self.ours())

    def miss_there(self) -> None:
        self.find(Difference.MISSING_THERE, self.ours()[1])

    def miss_here(self) -> None:
        login, key, amount = self.ours(OperationState.REJECTED)
        self.theirs(login, key, amount)
        self.find(Difference.MISSING_HERE, key)

    def differ(self) -> None:
        """By a cent, or by the account."""
        login, key, amount = self.ours()
        is_odd = self._count % 2
        other = next(each.login for each in self.accounts if each.login != login)
        self.theirs(login if is_odd else other, key, amount + is_odd)
        self.find(Difference.AMOUNT_DIFFERS, key)

    def double(self) -> None:
        login, key, amount = self.ours()
        for _ in range(2):
            self.theirs(login, key, amount)
        self.find(Difference.DOUBLE, key)

    def be_orphaned(self) -> None:
        """Paid in by hand, with a comment that says something or nothing."""
        self._count += 1
        comment = ("", "bonus", f"V:GIFT{self._count}")[self._count % 3]
        self.theirs(self.accounts[0].login, comment, 500)
        self.find(Difference.ORPHAN, comment)

    def be_on_its_way(self) -> None:
        """Done there already, or not yet."""
        states = [OperationState.NEW, OperationState.SENT, OperationState.UNKNOWN]
        login, key, amount = self.ours(states[self._count % 3])
        if self._count % 2:
            self.theirs(login, key, amount)

    def trade(self) -> None:
        self.theirs(self.accounts[0].login, "#17", -5, "trade")


def seeded(accounts: list[TradingAccount]) -> Books:
    """Ten thousand deals; all that is wrong with them is scattered among them."""
    books = Books(accounts)
    wrong = (books.miss_there, books.miss_here, books.differ, books.double, books.be_orphaned)
    steps = [step for step in wrong for _ in range(OF_EACH)]
    steps += [books.be_on_its_way, books.trade] * ON_THEIR_WAY
    steps += [books.be_right] * (ALL - len(steps))
    random.Random(20260115).shuffle(steps)
    for step in steps:
        step()
    return books


def keep(inside: Installation, deeds: Deeds, books: Books) -> None:
    """All at once, past those who would do it one by one."""
    common = {"tenant_id": inside.boundary.tenant_id, "created_at": AT, "moved_at": AT}
    rows = [{**common, **row} for row in books.operations]
    for start in range(0, len(rows), 1000):
        inside.write(partial(add_all, rows=rows[start : start + 1000]))
    (server,) = deeds.servers()
    kept = sqlite3.connect(inside.folder / "simulator.sqlite", isolation_level=None)
    kept.execute("BEGIN IMMEDIATE")
    kept.executemany(
        "INSERT INTO deal VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (f"{server.tenant_id}.{server.name}", ticket, login, kind, amount, key, str(AT))
            for ticket, (login, amount, key, kind) in enumerate(books.deals, 1000)
        ),
    )
    kept.execute("COMMIT")
    kept.close()


def add_all(session: Session, rows: list[dict[str, Json]]) -> None:
    session.connection().execute(insert(TradingOperation), rows)


def accounts_of(inside: Installation, deeds: Deeds, number: int) -> list[TradingAccount]:
    user = inside.user("mei.lin@example.com")
    ask_for_accounts(inside, published(inside), user, number)
    worker = Worker(inside.services)
    while worker.step():
        pass
    accounts: list[TradingAccount] = deeds.rows(TradingAccount)
    return accounts


@pytest.mark.long
def test_every_difference_is_found_and_none_is_invented(inside: Installation) -> None:
    deeds = Deeds(inside.services, inside.boundary)
    books = seeded(accounts_of(inside, deeds, 20))
    assert sum(books.wrong.values()) == 5 * OF_EACH
    assert deeds.differences() == []
    keep(inside, deeds, books)
    found = deeds.differences()
    assert Counter((each.difference, each.key) for each in found) == books.wrong
    with inside.command("reconcile") as command:
        assert command.process.wait(60) == 1
    lines = command.told().splitlines()
    assert [line for line in lines if "orphan" in line or "double" in line]
    assert lines[-1] == "one  Demo01  250 differences"
    assert len(lines) == len(found) + 1


def reconciled(console: Console) -> tuple[int, list[str]]:
    """Exit code, and what is told without the code of the broker."""
    told = console("reconcile", "--tenant", console.tenant)
    assert told.fault == ""
    return told.code, [
        line.removeprefix(f"{console.tenant}  ") for line in told.output.splitlines()
    ]


def test_all_is_well(floor: Floor, stage: Backstage, console: Console) -> None:
    ask_for_top_up(floor)
    stage.work()
    assert reconciled(console) == (0, ["Live01  no differences", "Demo01  no differences"])


def test_a_payment_by_hand_is_told(floor: Floor, stage: Backstage, console: Console) -> None:
    account = floor.account(floor.open_demo())
    tickets = [
        floor.port(account).balance_operation(account.login, Decimal(amount), "gift")
        for amount in (5, -5)
    ]
    told = [f"Demo01  orphan  account {account.login}  gift  deal {each}" for each in tickets]
    assert reconciled(console) == (1, ["Live01  no differences", *told, "Demo01  2 differences"])


@pytest.mark.parametrize("fault", ["lose", "hang"])
def test_what_is_on_its_way_is_left_out(floor: Floor, stage: Backstage, fault: str) -> None:
    ask_for_top_up(floor)
    stage.fail(fault, action="balance_operation")
    stage.work()
    assert len(stage.unfinished()) == 1
    assert stage.differences() == []


def when_demo_is_read(stage: Backstage, happening: Happening) -> None:
    """After ours of the demo server were read. The live one comes first, and has one page."""
    stage.before["deals"] = lambda: stage.before.update(deals=happening)


def test_what_comes_about_meanwhile_is_no_orphan(floor: Floor, stage: Backstage) -> None:
    number = floor.open_demo()

    def pay() -> None:
        top_up(floor, number, "1.00")
        stage.work()

    when_demo_is_read(stage, pay)
    assert stage.differences() == []
    assert [each.state for each in floor.rows(TradingOperation)] == [OperationState.CONFIRMED] * 3


def test_what_was_confirmed_meanwhile_is_not_missing(floor: Floor, stage: Backstage) -> None:
    ask_for_top_up(floor)
    when_demo_is_read(stage, stage.work)
    assert stage.differences() == []
    assert stage.unfinished() == []


def test_what_is_paid_after_the_last_page_is_not_missing(floor: Floor, stage: Backstage) -> None:
    """That is the third: the live server has one without deals, the demo server one more."""
    number = floor.open_demo()

    def pay() -> None:
        top_up(floor, number, "1.00")
        stage.work()

    def after_pages(left: int) -> None:
        stage.after["deals"] = pay if left == 1 else lambda: after_pages(left - 1)

    after_pages(3)
    assert stage.differences() == []
    assert [each.state for each in floor.rows(TradingOperation)] == [OperationState.CONFIRMED] * 3


def test_what_belongs_on_another_server_is_an_orphan(floor: Floor, stage: Backstage) -> None:
    ask_for_top_up(floor)
    stage.work()
    key = floor.rows(TradingOperation)[-1].key
    live = floor.account(floor.open_live())
    ticket = floor.port(live).balance_operation(live.login, Decimal(1), key)
    assert stage.differences() == [Found(Difference.ORPHAN, live.login, key, ticket)]


def test_a_server_that_does_not_answer_is_told(
    floor: Floor, stage: Backstage, console: Console
) -> None:
    floor.open_demo()
    silent = "does not answer (TradingUnavailableError)"
    with stage.unreachable():
        assert reconciled(console) == (1, [f"Live01  {silent}", f"Demo01  {silent}"])


def test_a_server_that_answers_in_part_is_told(
    floor: Floor, stage: Backstage, console: Console
) -> None:
    account = floor.account(floor.open_demo())
    ticket = floor.port(account).balance_operation(account.login, Decimal(5), "gift")
    stage.fail("none", "error", action="deals")
    code, lines = reconciled(console)
    assert code == 1
    assert f"Demo01  orphan  account {account.login}  gift  deal {ticket}" in lines
    assert any("does not answer" in line for line in lines)
