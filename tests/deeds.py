"""What a broker's trading servers have done, and what our own tables say of that."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlmodel import select

from ledger import verification
from models.boundaries import Boundary, BoundSession
from models.database import Transaction
from models.outbox_entry import OutboxEntry
from models.trading_account import TradingAccount
from models.trading_operation import UNFINISHED, Kind, OperationState, TradingOperation
from models.trading_server import TradingServer
from simulator.answering import Request, Simulator
from trading import checks
from trading.reconciliation import Found, Reconciliation
from wlink.services import Services

Json = Any


@dataclass
class Deeds:
    """Those of the servers that are kept in the installation's own folder."""

    parts: Services
    boundary: Boundary

    def __post_init__(self) -> None:
        # A simulator of our own, past whoever listens to that of the server.
        self._simulator = Simulator(self.parts.settings.data)

    @property
    def clock(self) -> Callable[[], datetime]:
        return self.parts.clock

    def servers(self) -> list[TradingServer]:
        return self.rows(TradingServer)

    def rows(self, table: Any) -> list[Any]:
        """All of the broker's, the oldest first."""

        def read(session: BoundSession) -> list[Any]:
            return list(session.exec(select(table).order_by(table.id)))

        return self.parts.database.read(self.boundary, read)

    def operation(self, key: str) -> TradingOperation:
        found: TradingOperation = next(
            each for each in self.rows(TradingOperation) if each.key == key
        )
        return found

    def unfinished(self) -> list[TradingOperation]:
        return [each for each in self.rows(TradingOperation) if each.state in UNFINISHED]

    def entry(self, key: str) -> OutboxEntry:
        """The one that has the worker see to an operation."""
        wanted = self.operation(key).outbox_key
        found: OutboxEntry = next(each for each in self.rows(OutboxEntry) if each.key == wanted)
        return found

    def control(
        self, method: str, server: TradingServer, path: str, body: Json = None, **query: str
    ) -> Json:
        """A request of the simulator's own people, which must be answered well."""
        within = "" if server.address else f"{self.boundary.tenant_id}."
        self._simulator.make_server(f"{within}{server.name}")
        place = f"/servers/{within}{server.name}{path}"
        content = b"" if body is None else orjson.dumps(body)
        answer = self._simulator.answer(Request(method, place, query, content, ""), self.clock())
        assert answer.status == 200, answer
        return orjson.loads(answer.body)

    def fail(self, *faults: str, action: str) -> None:
        """The next requests for an action, at any of the broker's servers."""
        self._set_faults({"next": faults, "actions": [action]})

    def fail_often(self, share: float, kinds: Sequence[str], seed: int) -> None:
        """A share of all requests."""
        self._set_faults({"share": share, "kinds": list(kinds), "seed": seed})

    def fail_no_more(self) -> None:
        self._set_faults({})

    def _set_faults(self, wanted: Json) -> None:
        for server in self.servers():
            self.control("PUT", server, "/faults", wanted)

    def opened(self, account: TradingAccount, key: str) -> list[str]:
        """The logins of the accounts that were opened with a key."""
        found: list[str] = self.control("GET", self.place(account), "/accounts", key=key)["logins"]
        return found

    def paid(self, account: TradingAccount, key: str) -> list[Decimal]:
        """The amounts that were moved on an account with a key."""
        path = f"/accounts/{account.login}/operations"
        found = self.control("GET", self.place(account), path, comment=key)["deals"]
        return [Decimal(deal["amount"]) for deal in found]

    def figures(self, account: TradingAccount) -> Json:
        return self.control("GET", self.place(account), f"/accounts/{account.login}")

    def knows(self, account: TradingAccount, kind: str, password: str) -> bool:
        """Whether it is an account's password."""
        path = f"/accounts/{account.login}/password/check"
        body = {"kind": kind, "password": password}
        return bool(self.control("POST", self.place(account), path, body)["is_right"])

    def place(self, account: TradingAccount) -> TradingServer:
        """An account's server."""
        return next(each for each in self.servers() if each.id == account.server_id)

    def faults_of_the_books(self) -> list[str]:
        """What the checks of the ledger and of operations find wrong."""

        def check(session: BoundSession) -> list[str]:
            every = (*verification.CHECKS, *checks.CHECKS)
            return [found for each in every for found in each(session)]

        return self.parts.database.read(self.boundary, check)

    def deeds_that_are_wrong(self) -> list[str]:
        """What the servers have not done exactly as our tables say: what is confirmed once, and
        nothing else.
        """
        accounts = {account.id: account for account in self.rows(TradingAccount)}
        faults = []
        for operation in self.rows(TradingOperation):
            account = accounts[operation.trading_account_id]
            times = int(operation.state is OperationState.CONFIRMED)
            if operation.kind is Kind.OPEN:
                is_right = self.opened(account, operation.key) == [account.login] * times
            elif operation.amount is not None:
                amount = Decimal(operation.amount).scaleb(-2)
                is_right = self.paid(account, operation.key) == [amount] * times
            else:
                is_right = self.figures(account)["leverage"] == account.leverage
            if not is_right:
                faults.append(f"{operation.key} is {operation.state}")
        return faults

    def balances_that_are_wrong(self) -> list[str]:
        """Accounts on which something else stands than what was given by what is confirmed."""
        given: Counter[int] = Counter()
        for operation in self.rows(TradingOperation):
            if operation.state is OperationState.CONFIRMED:
                given[operation.trading_account_id] += operation.amount or 0
        return [
            account.login
            for account in self.rows(TradingAccount)
            if account.login
            and Decimal(self.figures(account)["balance"]) != Decimal(given[account.id]).scaleb(-2)
        ]

    def differences(self) -> list[Found]:
        """What reconciliation finds on all servers of the broker."""
        transaction, ports = Transaction(self.parts.database, self.boundary), self.parts.ports
        return [
            found
            for server in self.servers()
            for found in Reconciliation(transaction, server, ports.of(server)).differences()
        ]
