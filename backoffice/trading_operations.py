"""What trading servers are still to do, and what operators know better than their answers."""

import re

from sqlmodel import col, select

from backoffice.desk import Desk
from contract.errors import RefusedError
from models.audit_entry import Deed
from models.locking import fresh
from models.outbox_entry import EntryState, OutboxEntry
from models.trading_account import TradingAccount
from models.trading_operation import (
    REFUSED_BY_HAND,
    UNFINISHED,
    Kind,
    OperationState,
    TradingOperation,
)
from trading.orders import Orders
from trading.outcomes import Case, Outcome, Outcomes

_LOGIN = re.compile("[0-9]{1,12}", re.ASCII)


def unfinished(desk: Desk) -> list[TradingOperation]:
    """The oldest first."""
    found = select(TradingOperation).where(col(TradingOperation.state).in_(UNFINISHED))
    return list(desk.session.exec(found.order_by(col(TradingOperation.id))))


def resume(desk: Desk, orders: Orders, key: str) -> None:
    """Has the worker see to an operation that it has given up. Raises RefusedError."""
    operation = _unfinished(desk, key)
    waits = select(OutboxEntry.id).where(
        OutboxEntry.key == operation.outbox_key, OutboxEntry.state == EntryState.WAITING
    )
    if desk.session.exec(waits).first():
        raise RefusedError("the worker sees to it")
    orders.send(desk.session, operation, desk.now)
    desk.note(Deed.OPERATION_RESUMED, f"operation {key}")


def mark_done(desk: Desk, outcomes: Outcomes, key: str, login: str) -> None:
    """The operator has seen that the server has done what it was in doubt about. `login` is needed
    for an account that was opened. Raises RefusedError.
    """
    operation = _in_doubt(desk, key)
    if (operation.kind is Kind.OPEN) != bool(login):
        raise RefusedError("the account's number is needed where an account was opened, only there")
    case = _case(desk, outcomes, operation)
    if login:
        _require_free(desk, case.account.server_id, login)
    outcomes.confirm(case, Outcome(login))
    desk.note(Deed.OPERATION_MARKED, f"operation {key}", after={"done": True, "login": login})


def mark_not_done(desk: Desk, outcomes: Outcomes, key: str) -> None:
    """He has seen that the server has not done it, and never will. Raises RefusedError."""
    operation = _in_doubt(desk, key)
    outcomes.refuse(_case(desk, outcomes, operation), REFUSED_BY_HAND)
    desk.note(Deed.OPERATION_MARKED, f"operation {key}", after={"done": False})


def _case(desk: Desk, outcomes: Outcomes, operation: TradingOperation) -> Case:
    account = TradingAccount.locked(desk.session, operation.trading_account_id)
    return outcomes.case(desk.session, operation, account, desk.now)


def _require_free(desk: Desk, server_id: int, login: str) -> None:
    """It may be the number of an account, and is nobody else's. Raises RefusedError."""
    if not _LOGIN.fullmatch(login):
        raise RefusedError("the number of an account has up to 12 digits")
    taken = select(TradingAccount.id).where(
        TradingAccount.server_id == server_id, TradingAccount.login == login
    )
    number = desk.session.exec(taken).first()
    if number is not None:
        raise RefusedError(f"{login} is the number of trading account {number}")


def _in_doubt(desk: Desk, key: str) -> TradingOperation:
    operation = _unfinished(desk, key)
    if operation.state is not OperationState.UNKNOWN:
        raise RefusedError(f"it is {operation.state}, not in doubt")
    return operation


def _unfinished(desk: Desk, key: str) -> TradingOperation:
    own = fresh(select(TradingOperation).where(TradingOperation.key == key))
    operation = desk.session.exec(own).first()
    if operation is None or operation.is_finished:
        raise RefusedError(f"no operation {key} is unfinished")
    return operation
