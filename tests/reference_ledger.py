"""The ledger in a few lines, without a database: what the real one must agree with."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from ledger.errors import (
    AlreadyPostedError,
    AlreadyResolvedError,
    AlreadyReversedError,
    NotEnoughError,
    NotReversibleError,
    TooMuchError,
    UnknownTransactionError,
)

_LARGEST = 2**63 - 1

Change = tuple[str, int, int]


class Done(NamedTuple):
    """What was done under a key: the posted and held changes of accounts, by their names."""

    kind: str
    changes: list[Change]
    undoes: str = ""


@dataclass
class ReferenceLedger:
    """Raises what the ledger raises. Accounts that may be negative are named in `signed`; `order`
    is that in which accounts are looked at.
    """

    signed: frozenset[str]
    order: tuple[str, ...]
    posted: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    done: dict[str, Done] = field(default_factory=dict)

    def post(self, key: str, movements: list[tuple[str, str, int]]) -> None:
        changes: list[Change] = []
        for source, target, amount in movements:
            changes += self._moved(source, target, amount)
        self._write(key, Done("posting", changes))

    def hold(self, key: str, account: str, amount: int) -> None:
        self._write(key, Done("hold", [(account, 0, amount)]))

    def post_hold(self, hold_key: str, key: str, target: str) -> None:
        account, amount = self._held_by(hold_key)
        _, given = self._moved(account, target, amount)
        self._write(key, Done("hold_posted", [(account, -amount, -amount), given], hold_key))

    def void_hold(self, hold_key: str, key: str) -> None:
        account, amount = self._held_by(hold_key)
        self._write(key, Done("hold_voided", [(account, 0, -amount)], hold_key))

    def reverse(self, key: str, of_key: str) -> None:
        if of_key not in self.done:
            raise UnknownTransactionError(of_key)
        if self.done[of_key].kind != "posting":
            raise NotReversibleError(of_key)
        opposite = [(account, -posted, 0) for account, posted, _ in self.done[of_key].changes]
        self._write(key, Done("reversal", opposite, of_key))

    def _held_by(self, key: str) -> tuple[str, int]:
        if key not in self.done or self.done[key].kind != "hold":
            raise UnknownTransactionError(key)
        ((account, _, amount),) = self.done[key].changes
        return account, amount

    def _moved(self, source: str, target: str, amount: int) -> tuple[Change, Change]:
        if source == target:
            raise ValueError("an account is its own target")
        return (source, -amount, 0), (target, amount, 0)

    def _write(self, key: str, new: Done) -> None:
        if key in self.done:
            raise AlreadyPostedError(key)
        if new.undoes and any(each.undoes == new.undoes for each in self.done.values()):
            is_reversal = new.kind == "reversal"
            raise AlreadyReversedError if is_reversal else AlreadyResolvedError
        posted, held = self.posted.copy(), self.held.copy()
        for account, more_posted, more_held in new.changes:
            posted[account] += more_posted
            held[account] += more_held
        for account in self.order:
            self._check(account, posted[account], held[account])
        self.posted, self.held = posted, held
        self.done[key] = new

    def _check(self, account: str, posted: int, held: int) -> None:
        if max(abs(posted), held, abs(posted - held)) > _LARGEST:
            raise TooMuchError(account)
        if posted < held and account not in self.signed:
            raise NotEnoughError(account)
