"""Comparing what we think was moved with what the trading servers have moved, key by key. Nothing
is mended by itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlmodel import col

from gateways.trading import Deal, DealKind, TradingPort
from models.boundaries import BoundSession
from models.database import Transaction
from models.money import Denomination, Money
from models.trading_account import TradingAccount
from models.trading_operation import REFUSED, OperationState, TradingOperation
from models.trading_server import TradingServer

_PAGE = 1000
# Number, key, minor units and state of an operation; login and currency of its account.
_Row = tuple[int, str, int | None, OperationState, str, str]


class Difference(StrEnum):
    """Confirmed here, not moved there; moved there, refused here; moved there with another amount
    or on another account; moved there more than once; moved there, of nobody here.
    """

    MISSING_THERE = "missing there"
    MISSING_HERE = "missing here"
    AMOUNT_DIFFERS = "amount differs"
    DOUBLE = "double"
    ORPHAN = "orphan"


class Found(NamedTuple):
    """One difference: the key or comment, and the server's number of the deal if there is one."""

    difference: Difference
    login: str
    key: str
    ticket: int | None


class _Ours(NamedTuple):
    login: str
    amount: Decimal
    state: OperationState


@dataclass(frozen=True)
class Reconciliation:
    """Of one trading server. What is still on its way is left out, unless it has arrived there as
    something else.
    """

    transaction: Transaction
    server: TradingServer
    port: TradingPort

    def differences(self) -> Iterator[Found]:
        """In the order of the server's deals, then what is missing there. What is ours is read
        first: so whatever is confirmed by then must be among the deals.
        """
        ours = self.transaction.read(lambda session: _ours(session, self.server.id))
        seen: set[str] = set()
        for deal in self._deals():
            difference = self._difference(deal, ours, seen)
            seen.add(deal.comment)
            if difference:
                yield Found(difference, deal.login, deal.comment, deal.ticket)
        for key, own in ours.items():
            if own.state is OperationState.CONFIRMED and key not in seen:
                yield Found(Difference.MISSING_THERE, own.login, key, None)

    def _deals(self) -> Iterator[Deal]:
        """Payments in and out; what was won and lost in trading is the server's own business."""
        page = self.port.deals()
        while page.items:
            yield from (deal for deal in page.items if deal.kind is DealKind.BALANCE)
            page = self.port.deals(page.cursor)

    def _difference(
        self, deal: Deal, ours: Mapping[str, _Ours], seen: set[str]
    ) -> Difference | None:
        own = ours.get(deal.comment)
        if own is None:
            return None if self._is_newer(deal.comment) else Difference.ORPHAN
        if deal.comment in seen:
            return Difference.DOUBLE
        if own.state in REFUSED:
            return Difference.MISSING_HERE
        same = (own.login, own.amount) == (deal.login, deal.amount)
        return None if same else Difference.AMOUNT_DIFFERS

    def _is_newer(self, key: str) -> bool:
        """Whether it is one of ours that has come about since they were read."""
        newer = _columns(self.server.id).where(col(TradingOperation.key) == key)
        return self.transaction.read(lambda session: session.execute(newer).first() is not None)


def _ours(session: BoundSession, server_id: int) -> dict[str, _Ours]:
    """All money that was to be moved on a server, by its key."""
    ours: dict[str, _Ours] = {}
    after = 0
    while page := _page(session, server_id, after):
        units = {currency: Denomination.of(session, currency) for *_, currency in page}
        for number, key, minor, state, login, currency in page:
            amount = Decimal(Money(minor or 0, units[currency]).text)
            ours[key] = _Ours(login, amount, state)
            after = number
    return ours


def _page(session: BoundSession, server_id: int, after: int) -> Sequence[_Row]:
    number = col(TradingOperation.id)
    found = _columns(server_id).where(number > after).order_by(number)
    return session.execute(found.limit(_PAGE)).all()


def _columns(server_id: int) -> Select[_Row]:
    """What is to be compared of the operations that move money on a server."""
    operation: Any = TradingOperation
    account: Any = TradingAccount
    columns = (operation.id, operation.key, operation.amount, operation.state)
    return (
        select(*columns, account.login, account.currency)
        .join(account, account.id == operation.trading_account_id)
        .where(account.server_id == server_id, operation.amount.is_not(None))
    )
