"""What must have come of everything that was acknowledged, and of nothing else."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from httpx2 import Client

from ledger.verification import verify
from models.boundaries import BoundSession
from models.deposit_order import DepositOrder, DepositStatus
from models.ledger_account import AccountKind, LedgerAccount
from models.ledger_transaction import LedgerTransaction
from models.payee import Payee
from models.trading_account import TradingAccount
from models.trading_operation import Kind, OperationState, TradingOperation
from models.transfer_order import TransferOrder
from models.withdrawal_order import WithdrawalOrder
from tests.cashier import CHECKS
from tests.chaos import Chaos
from tests.chaos_load import REPLAYED, Write

Json = Any
_ORDERS = (DepositOrder, WithdrawalOrder, TransferOrder)
_MAKES: dict[str, tuple[Any, str]] = {
    "create_deposit_draft": (DepositOrder, "client_remark"),
    "create_withdrawal": (WithdrawalOrder, "client_remark"),
    "create_transfer": (TransferOrder, "client_remark"),
    "create_payee": (Payee, "remark"),
}


@dataclass
class Verdict:
    """`chaos` is over, and everybody has finished what he had begun."""

    chaos: Chaos

    def __post_init__(self) -> None:
        self._deeds, self._load = self.chaos.town.deeds, self.chaos.load
        self._operations = self._deeds.rows(TradingOperation)

    def differences(self) -> dict[str, Any]:
        """What is missing, and what is too much, by what it was compared with."""
        found = dict(self._compared())
        missing = {name: wanted - there for name, (wanted, there) in found.items()}
        doubled = {name: there - wanted for name, (wanted, there) in found.items()}
        told = {"missing": missing, "too much": doubled}
        return {
            f"{word} {name}": dict(left)
            for word, each in told.items()
            for name, left in each.items()
            if left
        }

    def _compared(self) -> Iterator[tuple[str, tuple[Counter[Any], Counter[Any]]]]:
        """What there must be of everything, and what there is."""
        for name, (table, remark) in _MAKES.items():
            made = Counter(getattr(row, remark) for row in self._deeds.rows(table))
            yield name, (Counter(each.key for each in self._load.done(name)), made)
        yield "deposits shown", self._deposits("submit_deposit", "order_number", self._is_shown)
        yield "deposits dropped", self._deposits("cancel_deposit", "order_number", self._is_dropped)
        yield "payees deleted", self._deleted()
        yield "play money", self._played()
        moved = Counter(each.key for each in self._moves())
        yield "deals at the servers", (moved, self._deals())
        posted = Counter(row.key for row in self._deeds.rows(LedgerTransaction))
        ends = Counter({key: times for key, times in posted.items() if key.endswith(" post")})
        yield "postings in the ledger", (Counter(f"{key} post" for key in moved), ends)

    def _deposits(self, name: str, place: str, fits: Any) -> tuple[Counter[str], Counter[str]]:
        asked = Counter(each.body[place] for each in self._load.done(name))
        rows = self._deeds.rows(DepositOrder)
        return asked, Counter(row.order_number for row in rows if fits(row))

    @staticmethod
    def _is_shown(order: DepositOrder) -> bool:
        return bool(order.receipt_url)

    @staticmethod
    def _is_dropped(order: DepositOrder) -> bool:
        return order.status is DepositStatus.CANCELLED

    def _deleted(self) -> tuple[Counter[int], Counter[int]]:
        rows = self._deeds.rows(Payee)
        asked = Counter(each.body["id"] for each in self._load.done("delete_payee"))
        return asked, Counter(row.id for row in rows if row.deleted_at)

    def _played(self) -> tuple[Counter[tuple[int, int]], Counter[tuple[int, int]]]:
        """No amount was asked for twice."""
        asked = [each.body for each in self._load.done("deposit_to_demo_account")]
        wanted = Counter((each["trading_account_id"], _cents(each["amount"])) for each in asked)
        given = [each for each in self._moves() if each.kind is Kind.TOP_UP]
        return wanted, Counter((each.trading_account_id, each.amount or 0) for each in given)

    def _moves(self) -> list[TradingOperation]:
        """The operations that have moved money."""
        done = [each for each in self._operations if each.state is OperationState.CONFIRMED]
        return [each for each in done if each.amount is not None]

    def _deals(self) -> Counter[str]:
        """What the servers have written down themselves, past all that we say."""
        folder = self.chaos.town.inside.services.settings.data
        kept = sqlite3.connect(folder / "simulator.sqlite")
        try:
            return Counter(comment for (comment,) in kept.execute("SELECT comment FROM deal"))
        finally:
            kept.close()

    def unanswered(self, seconds: float) -> list[Write]:
        """What nobody has answered so long after the last one was killed."""
        latest = self.chaos.crew.killed_at + seconds
        asked_before = [
            each for each in self._load.writes if each.asked_at <= self.chaos.crew.killed_at
        ]
        return [each for each in asked_before if (each.answered_at or latest + 1) > latest] + [
            each for each in self._load.writes if each.answered_at is None
        ]

    def answers_that_differ(self, number: int) -> list[Write]:
        """Of so many requests with a name that were acknowledged: those that are answered otherwise
        if they are sent again.
        """
        kept = [each for each in self._load.done() if "payee" not in each.name]
        with Client() as http:
            return [
                each
                for each in self.chaos.random.sample(kept, number)
                if not self._is_same(http, each)
            ]

    def _is_same(self, http: Client, write: Write) -> bool:
        answer = self._load.send(http, self._load.addresses[0], write)
        assert answer is not None
        return REPLAYED in answer.headers and answer.json() == write.answer

    def faults_of_the_books(self) -> list[str]:
        """What the checks of ledger, operations and orders find wrong."""

        def check(session: BoundSession) -> list[str]:
            return list(verify(session, CHECKS))

        return self.chaos.town.inside.read(check)

    def balances_that_differ(self) -> list[Json]:
        """Accounts of which orders and decisions, the ledger, and the server say different things,
        in this order.
        """
        wanted, posted = self._wanted(), self._posted()
        found = []
        for account in self._deeds.rows(TradingAccount):
            there = _cents(self._deeds.figures(account)["balance"])
            told = (wanted[account.id], posted[f"trading_account {account.id}"], there)
            if len(set(told)) != 1:
                found.append((account.login, *told))
        return found

    def _posted(self) -> Counter[str]:
        rows: list[LedgerAccount] = self._deeds.rows(LedgerAccount)
        return Counter({row.subject: row.posted for row in rows if row.kind is AccountKind.TRADING})

    def _wanted(self) -> Counter[int]:
        """By what was asked for and what the operator has let go on its way."""
        rows = [
            row
            for table in (DepositOrder, WithdrawalOrder, TransferOrder)
            for row in self._deeds.rows(table)
        ]
        numbers = {row.client_remark: row.order_number for row in rows}
        wanted: Counter[int] = Counter()
        for write in self._load.done():
            body = write.body
            is_kept = numbers.get(write.key) in self.chaos.operator.kept
            if write.name == "deposit_to_demo_account":
                wanted[body["trading_account_id"]] += _cents(body["amount"])
            elif write.name == "create_deposit_draft" and is_kept:
                wanted[body["trading_account_id"]] += _cents(body["deposit_amount"])
            elif write.name == "create_withdrawal" and is_kept:
                wanted[body["trading_account_id"]] -= _cents(body["withdrawal_amount"])
            elif write.name == "create_transfer" and is_kept:
                wanted[body["source_trading_account_id"]] -= _cents(body["amount"])
                wanted[body["target_trading_account_id"]] += _cents(body["amount"])
        return wanted


def _cents(amount: str) -> int:
    return int(Decimal(amount) * 100)
