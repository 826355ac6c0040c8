"""What withdrawals and transfers have in common: money that leaves a trading account."""

from datetime import datetime
from typing import ClassVar

from sqlmodel import Field

from models.cash_order import CashOrder
from models.cash_states import DebitState, RefundState
from models.columns import word
from models.machines import StateConflictError
from models.trading_operation import Kind


class OutgoingOrder(CashOrder):
    """Its amount is taken off the account when it is asked for or, with `debits_on_approval`, when
    an operator approves it: until that is done it stays undecided. `refused_debits` is how often
    the trading server would not do it then.
    """

    DEBITED_BY: ClassVar[Kind]

    debit_state: DebitState = word(DebitState, DebitState.DEBITING)
    refund_state: RefundState = word(RefundState, RefundState.NONE)
    debits_on_approval: bool = Field(default=False)
    refused_debits: int = Field(default=0)

    def leave_until_approved(self) -> None:
        """Nothing is taken off the account before an operator has agreed; for a new order."""
        self.debits_on_approval, self.debit_state = True, DebitState.NONE

    def leave_after_all(self, now: datetime) -> None:
        """The trading server has refused what an operator had agreed to: he decides anew."""
        self.move("debit_state", DebitState.NONE, now)
        self.refused_debits += 1

    @property
    def is_untouched(self) -> bool:
        """Whether nobody has begun to take its amount off the account."""
        return self.debit_state is DebitState.NONE

    @property
    def is_being_approved(self) -> bool:
        """Whether an operator has agreed, and the amount is being taken off the account."""
        return self.debits_on_approval and self.debit_state is DebitState.DEBITING

    @property
    def debit_key(self) -> str:
        """That of the operation which is next, or was last: what was refused has had another."""
        letter = self.order_number[0]
        return f"{letter}:{self.order_number}:out{self.refused_debits or ''}"

    def require_debited(self) -> None:
        """Raises StateConflictError."""
        if self.debit_state is not DebitState.DEBITED:
            raise StateConflictError(self.debit_state)
