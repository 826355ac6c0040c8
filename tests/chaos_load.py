"""Clients who keep moving money: every request has a name, is written down before it is sent, and
is sent again under that name until it is answered.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any
from uuid import uuid4

from httpx2 import Client, HTTPError, Response, codes

from contract.documents import merged
from contract.operations import operations
from tests.cashier import BANK
from tests.payees import INFOS

Json = Any

REPLAYED = "Idempotent-Replayed"

# Whoever is killed is back by then, many times over.
_PATIENCE_SECONDS = 120.0
_PAUSE_SECONDS = 0.05
_CALL_SECONDS = 15.0
# What a client may be told who asks for one thing while another is on its way.
_REFUSALS = {
    "create_withdrawal": {"PENDING_ORDER_EXISTS", "INSUFFICIENT_FUNDS"},
    "create_transfer": {"PENDING_ORDER_EXISTS", "INSUFFICIENT_FUNDS"},
}
# Of these nobody keeps the name: once they are done, they are refused.
_ALREADY_DONE = {"create_payee": "PAYEE_DUPLICATE", "delete_payee": "NOT_FOUND"}
# Every first deposit is as large, so that there is something to be moved.
FUNDS = 100_000


@dataclass
class Write:
    """A request: how often it was sent, and what it was answered at last. Without an `answer` it
    was refused, or nobody knows.
    """

    token: str
    name: str
    body: Json
    key: str = field(default_factory=lambda: uuid4().hex)
    asked_at: float = field(default_factory=time.monotonic)
    sent: int = 0
    answered_at: float | None = None
    answer: Json = None
    replayed: bool = False
    is_done: bool = False


@dataclass(frozen=True)
class Person:
    """A client, who has two live accounts and a demo account."""

    user_id: int
    token: str
    live: tuple[int, int]
    demo: int
    name: str
    receipt: str


@dataclass
class Load:
    """All that was written, by all clients together; nobody adds to it while it `is_slow`."""

    addresses: list[str]
    deposits: int
    withdrawals: int
    writes: list[Write] = field(default_factory=list)
    is_stopped: bool = False
    is_slow: bool = False
    cents: "count[int]" = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        found = operations(merged().document)
        self._places = {name: (each.method, each.path) for name, each in found.items()}

    def done(self, name: str = "") -> list[Write]:
        """What was acknowledged, of all operations or of one."""
        return [each for each in self.writes if each.is_done and name in ("", each.name)]

    def figures(self) -> Counter[str]:
        """How many were acknowledged, sent again, answered from memory."""
        done = self.done()
        retries = sum(each.sent - 1 for each in self.writes)
        replays = sum(each.replayed for each in done)
        return Counter(writes=len(done), retries=retries, replays=replays)

    def stop(self) -> None:
        """Whoever has begun something does that first."""
        self.is_stopped = True

    def goes_on(self) -> bool:
        """Whether to ask for something more, once that is not too much."""
        while self.is_slow and not self.is_stopped:
            time.sleep(_PAUSE_SECONDS)
        return not self.is_stopped

    def write(self, http: Client, write: Write) -> Json:
        """The answer, however often it takes to get one; nothing if the write was refused. Raises
        AssertionError if it was refused for no good reason, or never answered.
        """
        self.writes.append(write)
        answer = self._answer(http, write)
        write.answered_at = time.monotonic()
        write.replayed = REPLAYED in answer.headers
        if answer.status_code == codes.OK:
            write.answer, write.is_done = answer.json(), True
            return write.answer
        code = answer.json()["code"]
        write.is_done = write.sent > 1 and code == _ALREADY_DONE.get(write.name)
        assert write.is_done or code in _REFUSALS.get(write.name, ()), (write, answer.text)
        return None

    def _answer(self, http: Client, write: Write) -> Response:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < deadline:
            for address in random.sample(self.addresses, len(self.addresses)):
                answer = self.send(http, address, write)
                if answer is not None:
                    return answer
            time.sleep(_PAUSE_SECONDS)
        raise AssertionError(f"{write.name} {write.key}: nobody answers")

    def send(self, http: Client, address: str, write: Write) -> Response | None:
        """Sends it once; nothing if that has to be done again."""
        method, path = self._places[write.name]
        headers = {"Authorization": f"Bearer {write.token}", "Idempotency-Key": write.key}
        write.sent += 1
        try:
            answer = http.request(method, address + path, json=write.body, headers=headers)
        except HTTPError:
            return None
        is_away = answer.status_code == codes.SERVICE_UNAVAILABLE
        is_busy = is_away or "IDEMPOTENCY_IN_PROGRESS" in answer.text
        return None if is_busy else answer


class Customer:
    """One who goes on until he is stopped; a person may be several at once."""

    def __init__(self, load: Load, person: Person, seed: float) -> None:
        self._load, self._person, self._random = load, person, random.Random(seed)
        self._http = Client(timeout=_CALL_SECONDS)

    def run(self) -> None:
        with self._http:
            for account in self._person.live:
                self._pay_in(account, FUNDS)
            while self._load.goes_on():
                ways, shares = zip(*self._ways(), strict=True)
                self._random.choices(ways, shares)[0]()

    def _ways(self) -> list[tuple[Callable[[], None], int]]:
        """What he may do next, and how often he does it."""
        amount, account = self._random.randrange(60, 900), self._random.choice(self._person.live)
        return [
            (partial(self._pay_in, account, amount), 25),
            (partial(self._change_his_mind, account, amount), 40),
            (self._play, 10),
            (partial(self._withdraw, account, amount), 20),
            (self._transfer, 16),
            (self._know_somebody, 5),
        ]

    def _write(self, name: str, body: Json, *, remarked: bool = False) -> Json:
        """A remark that is the request's name tells later what has come of it."""
        write = Write(self._person.token, name, body)
        if remarked:
            write.body = body | {"remark": write.key}
        return self._load.write(self._http, write)

    def _draft(self, account: int, amount: int) -> str:
        body = {
            "deposit_amount": f"{amount}.00",
            "remittance_id": self._load.deposits,
            "trading_account_id": account,
        }
        number: str = self._write("create_deposit_draft", body, remarked=True)["order_number"]
        return number

    def _pay_in(self, account: int, amount: int) -> None:
        number = self._draft(account, amount)
        self._write("submit_deposit", {"order_number": number, "receipt_url": self._person.receipt})

    def _change_his_mind(self, account: int, amount: int) -> None:
        self._write("cancel_deposit", {"order_number": self._draft(account, amount)})

    def _play(self) -> None:
        """No amount comes twice."""
        whole, cents = divmod(next(self._load.cents), 100)
        body = {"amount": f"{whole}.{cents:02}", "trading_account_id": self._person.demo}
        self._write("deposit_to_demo_account", body)

    def _withdraw(self, account: int, amount: int) -> None:
        body = {
            "bank_transfer_info": {**BANK, "account_holder_name": self._person.name},
            "currency": "USD",
            "exchange_rate": "1",
            "fee": "0",
            "method": "bank_transfer",
            "remittance_amount": f"{amount}.00",
            "remittance_id": self._load.withdrawals,
            "trading_account_id": account,
            "withdrawal_amount": f"{amount}.00",
        }
        self._write("create_withdrawal", body, remarked=True)

    def _transfer(self) -> None:
        source, target = self._random.sample(self._person.live, 2)
        body = {
            "amount": f"{self._random.randrange(1, 500)}.00",
            "source_trading_account_id": source,
            "target_trading_account_id": target,
        }
        self._write("create_transfer", body, remarked=True)

    def _know_somebody(self) -> None:
        """For a while."""
        number = str(self._random.randrange(10**15, 10**16))
        info = {"bank_transfer_info": {**INFOS["bank_transfer"], "bank_no": number}}
        body = {"payment_method": "bank_transfer", **info}
        saved = self._write("create_payee", body, remarked=True)
        if saved:
            self._write("delete_payee", {"id": saved["id"]})
