"""Handlers that call somebody outside and write at their end: by a key they do so once, too."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from contract.problems import Problem
from models.boundaries import BoundSession
from models.database import Transaction
from models.trading_account import TradingAccount
from models.user import Caller
from tests.keyed import DEPOSIT, REPLAYED, floor, is_new, kept
from tests.own_server import server
from tests.server import problem
from tests.trading import Floor
from trading.orders import Orders
from trading.play_money import top_up
from wlink.app import create_app
from wlink.idempotency import KEY

__all__ = ["floor", "server"]

Json = Any


class Stage:
    """A server whose deposits ask somebody outside: `calls` is how often they did. What stands in
    `meanwhile` happens the next time while he is asked; then they write so many `times`.
    """

    http: TestClient

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.body = DEPOSIT.body(floor)
        self.calls = 0
        self.times = 1
        self.answer: Json = {}
        self.meanwhile: Callable[[], Json] = lambda: None

    def deposit(
        self,
        trading_account_id: int,
        amount: str,
        *,
        transaction: Transaction,
        caller: Caller,
        orders: Orders,
        now: datetime,
    ) -> Json:
        """In place of the handler."""

        def write(session: BoundSession) -> Json:
            account = TradingAccount.require_open(session, caller.user_id, trading_account_id)
            top_up(session, orders, account, amount, now)
            return self.answer

        transaction.read(
            lambda session: TradingAccount.require_open(session, caller.user_id, trading_account_id)
        )
        self.calls += 1
        happening, self.meanwhile = self.meanwhile, lambda: None
        happening()
        return [transaction.write(write) for _ in range(self.times)][-1]

    def ask(self, amount: str = "5", key: str = "first") -> Response:
        """The broker's client asks, by a key if there is one."""
        headers = {"Host": f"client.t{self.floor.broker.number}.example", KEY: key}
        headers |= {"Authorization": f"Bearer {self.floor.token}"}
        path = self.floor.broker.operations[DEPOSIT.name].path
        sent = {name: value for name, value in headers.items() if value}
        return self.http.post(path, json=self.body | {"amount": amount}, headers=sent)

    @property
    def stands(self) -> tuple[int, int, int]:
        """Calls outside, effects, answers that are kept."""
        return self.calls, DEPOSIT.effects(self.floor), len(kept(self.floor))


@pytest.fixture
def stage(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    found = Stage(floor)
    monkeypatch.setattr("handlers.deposits.deposit_to_demo_account", found.deposit)
    app = create_app(floor.broker.server.services, check_answers=True)
    with TestClient(app) as found.http:
        yield found


def test_an_answer_that_is_known_is_given_without_asking_outside(stage: Stage) -> None:
    first, again = stage.ask(), stage.ask()
    assert is_new(first)
    assert (again.status_code, again.headers[REPLAYED], again.content) == (200, "true", b"{}")
    assert problem(stage.ask("6")) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert stage.stands == (1, 1, 1)


def test_who_was_overtaken_while_he_asked_outside_gives_the_other_s_answer(stage: Stage) -> None:
    stage.meanwhile = stage.ask
    answer = stage.ask()
    assert (answer.status_code, answer.headers[REPLAYED], answer.content) == (200, "true", b"{}")
    assert stage.stands == (2, 1, 1)


def test_who_was_overtaken_by_another_body_is_refused(stage: Stage) -> None:
    stage.meanwhile = lambda: stage.ask("6")
    assert problem(stage.ask()) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert stage.stands == (2, 1, 1)


def test_what_is_refused_outside_or_inside_is_not_kept(stage: Stage) -> None:
    def refuse() -> None:
        raise Problem("AMOUNT_OUT_OF_RANGE")

    stage.meanwhile = refuse
    assert problem(stage.ask()) == (409, "AMOUNT_OUT_OF_RANGE")
    assert problem(stage.ask("1000000")) == (409, "AMOUNT_OUT_OF_RANGE")
    assert stage.stands == (2, 0, 0)
    assert is_new(stage.ask())


def test_a_second_write_is_a_fault_of_ours(stage: Stage) -> None:
    stage.times = 2
    assert problem(stage.ask()) == (500, "INTERNAL_ERROR")
    assert stage.stands == (1, 1, 1), "what came of the first is known, and there is no more"
    assert stage.ask().headers[REPLAYED] == "true"


def test_a_handler_whose_writing_returns_no_answer_writes_nothing(stage: Stage) -> None:
    stage.answer = {"when": object()}
    assert problem(stage.ask()) == (500, "INTERNAL_ERROR")
    assert stage.stands == (1, 0, 0)


def test_without_a_key_it_may_write_as_often_as_it_likes(stage: Stage) -> None:
    stage.times = 2
    for _ in range(2):
        assert is_new(stage.ask(key=""))
    assert stage.stands == (2, 4, 0)
