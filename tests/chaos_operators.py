"""An operator who decides whatever can be decided, one way or another."""

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar

from sqlmodel import select

from backoffice import cash_orders, payouts, settings
from backoffice.cash_orders import DEPOSIT, KINDS, TRANSFER, WITHDRAWAL, Kind
from backoffice.desk import Desk
from contract.problems import Problem
from models.audit_status import OPEN
from models.boundaries import BoundSession
from models.cash_states import DebitState, PayoutState
from models.deposit_order import DepositOrder, DepositStatus
from models.outgoing_order import OutgoingOrder
from models.transfer_order import TransferOrder
from models.withdrawal_order import WithdrawalOrder
from tests.chaos_load import FUNDS
from tests.processes import Installation

Result = TypeVar("Result")

# All that may become of an order.
ENDS = {
    *(f"{kind.name} {end}" for kind in KINDS for end in ("approved", "rejected")),
    *("withdrawal waited", "transfer waited"),
    *("payout at the first try", "payout at the second try", "payout taken back"),
}
_D: Any = DepositOrder
_W: Any = WithdrawalOrder
_T: Any = TransferOrder
_AT_REST = [DebitState.NONE, DebitState.DEBITED]
_UNDECIDED = [
    (DEPOSIT, _D, _D.status.in_([DepositStatus.PENDING, DepositStatus.AUDITING])),
    (WITHDRAWAL, _W, _W.status.in_(OPEN) & _W.debit_state.in_(_AT_REST)),
    (TRANSFER, _T, _T.status.in_(OPEN) & _T.debit_state.in_(_AT_REST)),
]
_UNPAID = _W.payout_state.in_([PayoutState.PAYING, PayoutState.FAILED])
_DEBITING = [
    (_W, _W.debit_state == DebitState.DEBITING),
    (_T, _T.debit_state == DebitState.DEBITING),
]


@dataclass
class Operator:
    """`kept` are the numbers of orders whose money he has let go on its way, and not taken back;
    `ends` is how often he has done what.
    """

    inside: Installation
    kept: set[str] = field(default_factory=set)
    ends: "Counter[str]" = field(default_factory=Counter)
    deeds: int = 0
    _turns: "defaultdict[str, count[int]]" = field(default_factory=lambda: defaultdict(count))

    def work(self) -> bool:
        """Does what there is to do; whether there was anything. Every now and then he lets money
        leave accounts only when he has approved that, or at once again.
        """
        turn = self._turn("waits", 20)
        if turn % 10 == 0:
            waits = {"debits_on_approval": turn > 0}
            self._do(lambda desk: settings.change(desk, "cashier", waits))
        before = self.deeds
        for kind, table, condition in _UNDECIDED:
            for order in self._orders(table, condition):
                self._decide(kind, order)
        for order in self._orders(_W, _UNPAID):
            self._pay(order.order_number)
        return self.deeds > before

    def is_idle(self) -> bool:
        """Whether nothing waits for him, nor will."""
        waiting = [(table, condition) for _, table, condition in _UNDECIDED]
        return not any(self._orders(*each) for each in [*waiting, (_W, _UNPAID), *_DEBITING])

    def _orders(self, table: Any, condition: Any) -> list[Any]:
        def read(session: BoundSession) -> list[Any]:
            return list(session.exec(select(table).where(condition).order_by(table.id)))

        return self.inside.read(read)

    def _decide(self, kind: Kind, order: Any) -> None:
        """Every third one of a kind is refused, unless others need its money."""
        number, orders = order.order_number, self.inside.services.orders
        self._do(lambda desk: cash_orders.claim(desk, kind, number))
        if isinstance(order, OutgoingOrder) and order.is_untouched:
            self.ends[f"{kind.name} waited"] += 1
        if order.amount >= FUNDS * 100 or self._turn(kind.name, 3) > 0:
            self._do(lambda desk: cash_orders.approve(desk, orders, kind, number))
            self.kept.add(number)
            self.ends[f"{kind.name} approved"] += 1
            return
        self._do(lambda desk: cash_orders.reject(desk, orders, kind, number, "Not today."))
        self.ends[f"{kind.name} rejected"] += 1

    def _pay(self, number: str) -> None:
        """Of three payouts two fail at first, and one of these for good."""
        orders, turn = self.inside.services.orders, self._turn("payout", 3)
        if turn > 0:
            self._do(lambda desk: payouts.fail(desk, number, "No such account."))
        if turn == 1:
            self._do(lambda desk: payouts.refund(desk, orders, number))
            self.kept.discard(number)
            self.ends["payout taken back"] += 1
            return
        if turn > 1:
            self._do(lambda desk: payouts.pay_again(desk, number))
        self._do(lambda desk: payouts.pay(desk, orders, number, f"SEPA {number}"))
        self.ends[f"payout at the {'second' if turn else 'first'} try"] += 1

    def _turn(self, name: str, length: int) -> int:
        return next(self._turns[name]) % length

    def _do(self, work: Callable[[Desk], Result]) -> None:
        """In a transaction of its own, and again if the database has too much to do."""
        parts = self.inside.services

        def at_desk(session: BoundSession) -> Result:
            return work(Desk(session, parts.audit, parts.clock(), "console chaos"))

        while True:
            try:
                self.inside.write(at_desk)
            except Problem as problem:
                assert problem.code == "OVERLOADED"
                continue
            self.deeds += 1
            return
