"""A broker with trading servers, and the calls of his clients and operators."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from threading import Barrier
from typing import Any

import pytest
from httpx2 import Response
from sqlmodel import select

from backoffice import applications, content, trading_accounts
from backoffice.applications import Kind as Applied
from backoffice.clients import approve_client
from backoffice.content import Kind
from backoffice.desk import Desk
from backoffice.settings import set_leverages
from backoffice.trading_offers import ACCOUNT_TYPE, TRADING_SERVER
from gateways.trading import TradingPort
from models.boundaries import BoundSession
from models.trading_account import AccountStatus, TradingAccount
from models.trading_operation import TradingOperation
from models.trading_server import TradingServer
from models.trading_setting import TradingSetting
from models.user import User
from simulator.answering import Request
from simulator.faults import Fault
from tests.server import Broker, problem

Json = Any

TRADE, OBSERVE = "Trade-2026x", "Watch-2026x"
LEVERAGES = [50, 100, 200, 500]
LIVE, DEMO = "Live01", "Demo01"
# By then whatever has failed is tried again, however often it has failed.
PAUSE_SECONDS = 15 * 60


@dataclass
class Floor:
    """A live and a demo server, each with a type of account, all MT4."""

    broker: Broker

    def __post_init__(self) -> None:
        self.broker.desk(self._offer)

    def _offer(self, desk: Desk) -> None:
        set_leverages(desk, LEVERAGES)
        given: Json = {"group_name": "standard", "leverages": [100, 200, 500]}
        live = _published(desk, TRADING_SERVER, name=LIVE, platform="MT4", is_demo=False)
        demo = _published(desk, TRADING_SERVER, name=DEMO, platform="MT4", is_demo=True)
        self.live_server, self.demo_server = live, demo
        self.live_type = _published(desk, ACCOUNT_TYPE, name="Standard", server_id=live, **given)
        self.demo_type = _published(
            desk, ACCOUNT_TYPE, name="Practice", server_id=demo, starting_balance=5000, **given
        )

    def publish(self, kind: Kind, **written: Json) -> int:
        """What the broker offers. Its id."""
        return self.broker.desk(lambda desk: _published(desk, kind, **written))

    @cached_property
    def user(self) -> User:
        """A client whom the broker knows."""
        user = self.broker.user()
        self.broker.desk(lambda desk: approve_client(desk, user.email))
        return user

    @cached_property
    def token(self) -> str:
        return self.broker.token(self.user)

    def call(self, name: str, body: Json = None, *, token: str = "", **query: Json) -> Response:
        """A call of the client's."""
        return self.broker.call(name, body, token=token or self.token, query=query or None)

    def wanted(self, **changed: Json) -> Json:
        """What an application for an account says."""
        return {
            "currency": "USD",
            "leverage": 100,
            "password": TRADE,
            "observe_password": OBSERVE,
            "trading_account_type_id": self.live_type,
            "trading_platform": "MT4",
        } | changed

    def apply(self, **changed: Json) -> int:
        """The client applies for a live account. The application's id."""
        answer = self.call("create_account_application", self.wanted(**changed))
        assert answer.status_code == 200, answer.text
        number: int = answer.json()["application_account_id"]
        return number

    def open_demo(self, *, token: str = "", **changed: Json) -> int:
        """He opens a demo account; the worker does its part. The account's id."""
        body = self.wanted(is_demo=True, trading_account_type_id=self.demo_type, **changed)
        answer = self.call("create_trading_account", body, token=token)
        assert answer.status_code == 200, answer.text
        self.broker.server.deliver()
        number: int = answer.json()["id"]
        return number

    def open_live(self, owner: User | None = None) -> int:
        """He, or another client, has had a live account for long: nobody was asked for it just now.
        Its id.
        """
        user = owner or self.user
        number = self.broker.write(lambda session: self._account_begun(session, user)).id
        login = self.port(self.account(number)).open_account(
            group="standard",
            name=user.full_name,
            leverage=100,
            password=TRADE,
            observe_password=OBSERVE,
            currency="USD",
            key=f"A:{number}",
        )

        def end(session: BoundSession) -> None:
            account = TradingAccount.locked(session, number)
            account.login = login
            account.move("status", AccountStatus.OPEN, self.broker.server.clock())

        self.broker.write(end)
        return number

    def _account_begun(self, session: BoundSession, user: User) -> TradingAccount:
        account = TradingAccount(
            user_id=user.id,
            server_id=self.live_server,
            account_type_id=self.live_type,
            currency="USD",
            leverage=100,
            is_demo=False,
            moved_at=self.broker.server.clock(),
        )
        session.add(account)
        return account

    def newest(self) -> int:
        return max(account.id for account in self.accounts())

    def claim(self, kind: Applied, number: int) -> None:
        self.broker.desk(lambda desk: applications.claim(desk, kind, number))

    def approve(self, kind: Applied, number: int) -> None:
        """An operator claims an application and approves it; the worker does its part."""
        self.claim(kind, number)
        orders = self.broker.server.services.orders
        self.broker.desk(lambda desk: applications.approve(desk, orders, kind, number))
        self.broker.server.deliver()

    def reject(self, kind: Applied, number: int, reason: str = "We need a proof.") -> None:
        """He claims it and refuses it."""
        self.claim(kind, number)
        orders = self.broker.server.services.orders
        self.broker.desk(lambda desk: applications.reject(desk, orders, kind, number, reason))

    def accounts(self) -> list[TradingAccount]:
        """All of the broker's accounts."""
        return self.rows(TradingAccount)

    def account(self, number: int) -> TradingAccount:
        (found,) = (account for account in self.accounts() if account.id == number)
        return found

    def rows(self, table: Any) -> list[Any]:
        """All rows of a table, the oldest first."""

        def read(session: BoundSession) -> list[Any]:
            return list(session.exec(select(table).order_by(table.id)))

        return self.broker.server.services.database.read(self.broker.boundary, read)

    def port(self, account: TradingAccount) -> TradingPort:
        """The way to an account's server."""
        server = next(each for each in self.rows(TradingServer) if each.id == account.server_id)
        return self.broker.server.services.ports.of(server)

    def operations(self) -> list[TradingOperation]:
        """All that trading servers were to do."""
        return self.rows(TradingOperation)

    def set(self, **changed: Json) -> None:
        """Changes what the broker lets clients do."""
        self.broker.set(TradingSetting, **changed)

    def later(self, seconds: float = PAUSE_SECONDS) -> None:
        """Time goes by, and the worker does what is due by then."""
        self.broker.server.clock.forward(seconds=seconds)
        self.broker.server.deliver()

    def at_last(self) -> None:
        """So often that whatever was in doubt is through, and whatever waited for it."""
        for _ in range(8):
            self.later()

    def change(self, number: int, **columns: Json) -> None:
        """Changes what stands of an account here."""

        def write(session: BoundSession) -> None:
            account = TradingAccount.locked(session, number)
            for name, value in columns.items():
                setattr(account, name, value)

        self.broker.write(write)

    def disable(self, number: int) -> None:
        """An operator disables an account; the worker does its part."""
        orders = self.broker.server.services.orders
        self.broker.desk(lambda desk: trading_accounts.disable(desk, orders, number))
        self.broker.server.deliver()

    def pay_in(self, number: int, amount: str) -> None:
        """Money comes to an account, or leaves it, without our knowing."""
        account = self.account(number)
        self.port(account).balance_operation(account.login, Decimal(amount), "by hand")

    def suffers(self, server: str, *coming: Fault, actions: Iterable[str] = ()) -> None:
        """These faults are the next of a server, or of some of its actions."""
        meant = {"actions": list(actions)} if actions else {}
        self.control("PUT", server, "/faults", next=list(coming), **meant)

    @contextmanager
    def down(self, server: str) -> Iterator[None]:
        """A server answers to nothing meanwhile."""
        self.control("PUT", server, "/faults", share=1, kinds=[Fault.HANG])
        yield
        self.control("PUT", server, "/faults")

    def is_password(self, account: TradingAccount, server: str, kind: str, password: str) -> bool:
        """Whether somebody could log in with it at the server."""
        path = f"/accounts/{account.login}/password/check"
        told = self.control("POST", server, path, kind=kind, password=password)
        return bool(told["is_right"])

    def control(self, method: str, server: str, path: str, **body: Json) -> Json:
        """What happens on one of the broker's servers by itself."""
        simulator = self.broker.server.services.ports.servers.simulator
        name = f"{self.broker.tenant_id}.{server}"
        simulator.make_server(name)
        sent = Request(method, f"/servers/{name}{path}", {}, json.dumps(body).encode(), "")
        answer = simulator.answer(sent, self.broker.server.clock())
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    def letters(self) -> list[tuple[str, str]]:
        """Subject and text of the client's mails, the oldest first."""
        mails = self.broker.mails()
        return [(subject, text) for to, subject, text in mails if to == self.user.email]


def _published(desk: Desk, kind: Kind, **written: Json) -> int:
    return content.publish(desk, kind, kind.form(**written))


@pytest.fixture
def floor(broker: Broker) -> Floor:
    return Floor(broker)


def told(answer: Response) -> Json:
    """What somebody was told who was refused nothing."""
    assert answer.status_code == 200, answer.text
    return answer.json()


def at_once(times: int, call: Callable[[], Response]) -> list[str]:
    """The codes of what the same call is refused with if many make it together; "" for success."""
    return together([call] * times)


def together(calls: Sequence[Callable[[], Response]]) -> list[str]:
    """The same of calls that need not be the same."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Response]) -> str:
        start.wait()
        answer = call()
        return "" if answer.status_code == 200 else problem(answer)[1]

    with ThreadPoolExecutor(len(calls)) as threads:
        return sorted(threads.map(run, calls))
