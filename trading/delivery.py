"""Having the trading server do what is written down, once: it is marked before the server is
called, and whoever does not know the outcome looks for it there before he calls again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from gateways.trading import (
    Figures,
    PasswordKind,
    TradingError,
    TradingPort,
    TradingRejectedError,
    TradingUnavailableError,
    TradingUnknownError,
)
from models.account_type import AccountType
from models.boundaries import Boundary, BoundSession
from models.database import Database
from models.money import Denomination, Money
from models.trading_account import TradingAccount
from models.trading_operation import Kind, OperationState, TradingOperation
from models.trading_server import TradingServer
from models.user import User
from trading.account_passwords import AccountPasswords
from trading.outcomes import Outcome, Outcomes
from trading.ports import Ports


class NotYetError(Exception):
    """Something that was wanted of the account before is not finished."""


class StillUnknownError(Exception):
    """The server does not know the operation, and it is too early to believe that."""


class OvertakenError(Exception):
    """Somebody else sees to the operation by now, and what he finds out counts."""


class OtherAmountError(Exception):
    """The server has moved another amount under the operation's key: a case for the operator."""


class Task(NamedTuple):
    """What is to be done at the server, or (`is_look`) looked for there."""

    operation: TradingOperation
    account: TradingAccount
    account_type: AccountType
    server: TradingServer
    name: str
    amount: Money | None
    is_look: bool


@dataclass(frozen=True)
class Delivery:
    """`doubt` is the time for which a server must not know an operation before it is sent again."""

    database: Database
    outcomes: Outcomes
    ports: Ports
    clock: Callable[[], datetime]
    doubt: timedelta

    def deliver(self, tenant_id: int, key: str) -> None:
        """Does an operation, or finds out what has become of it. Raises what keeps it from being
        finished; then it is to be delivered again.
        """
        boundary = Boundary(tenant_id)
        task = self.database.write(boundary, lambda session: self._begun(session, key))
        if task is None:
            return
        port = self.ports.of(task.server)
        outcome = self._looked_for(boundary, port, task) if task.is_look else None
        outcome = outcome or self._called(boundary, port, task)
        self.database.write(boundary, lambda session: self._settle(session, task, outcome))

    def _begun(self, session: BoundSession, key: str) -> Task | None:
        operation, now = TradingOperation.locked(session, key), self.clock()
        if operation.is_finished:
            return None
        if not operation.is_first(session):
            raise NotYetError
        if operation.state is OperationState.SENT:  # whoever sent it has not come back
            operation.move("state", OperationState.UNKNOWN, now)
        is_look = operation.state is OperationState.UNKNOWN
        if not is_look:
            operation.move("state", OperationState.SENT, now)
        return _task(session, operation, is_look)

    def _called(self, boundary: Boundary, port: TradingPort, task: Task) -> Outcome:
        if self.clock() - task.operation.moved_at >= self.doubt:
            raise OvertakenError  # others may have sent it by now
        try:
            return self._call(port, task)
        except TradingRejectedError as error:
            return Outcome(refusal=error.retcode)
        except TradingUnavailableError:
            self._move(boundary, task, OperationState.NEW)
            raise
        except TradingUnknownError:
            self._move(boundary, task, OperationState.UNKNOWN)
            raise

    def _move(self, boundary: Boundary, task: Task, becomes: OperationState) -> None:
        def move(session: BoundSession) -> None:
            operation = TradingOperation.locked(session, task.operation.key)
            if _is_own(operation, task):
                operation.move("state", becomes, self.clock())

        self.database.write(boundary, move)

    def _call(self, port: TradingPort, task: Task) -> Outcome:
        operation, login = task.operation, task.account.login
        if operation.kind is Kind.OPEN:
            login = self._open(port, task)
            return Outcome(login, figures=_figures(port, login))
        if operation.kind is Kind.LEVERAGE:
            port.set_leverage(login, operation.leverage or 0)
            return Outcome(login, figures=_figures(port, login))
        if operation.kind in (Kind.ENABLE, Kind.DISABLE):
            port.set_enabled(login, operation.kind is Kind.ENABLE)
            return Outcome(login)
        if operation.kind in (Kind.TRADE_PASSWORD, Kind.OBSERVE_PASSWORD):
            self._set_password(port, task)
            return Outcome(login)
        ticket = port.balance_operation(login, _sent(task), operation.key)
        return Outcome(login, ticket, figures=_figures(port, login))

    def _open(self, port: TradingPort, task: Task) -> str:
        passwords = self._passwords(task)
        return port.open_account(
            group=task.account_type.group_name,
            name=task.name,
            leverage=task.account.leverage,
            password=passwords.trade,
            observe_password=passwords.observe,
            currency=task.account.currency,
            key=task.operation.key,
        )

    def _set_password(self, port: TradingPort, task: Task) -> None:
        passwords = self._passwords(task)
        kind = PasswordKind.TRADE if passwords.trade else PasswordKind.OBSERVE
        port.set_password(task.account.login, kind, passwords.trade or passwords.observe)

    def _passwords(self, task: Task) -> AccountPasswords:
        sealed = task.operation.passwords or b""
        return AccountPasswords.opened(self.outcomes.orders.box, task.account.id, sealed)

    def _looked_for(self, boundary: Boundary, port: TradingPort, task: Task) -> Outcome:
        """Raises StillUnknownError where it is not to be found; after a while it is new again."""
        found = _found(port, task)
        if found:
            return found
        self.database.write(boundary, lambda session: self._miss(session, task.operation.key))
        raise StillUnknownError

    def _miss(self, session: BoundSession, key: str) -> None:
        operation, now = TradingOperation.locked(session, key), self.clock()
        if operation.state is not OperationState.UNKNOWN:
            return
        if operation.looked_in_vain(now, self.doubt):
            operation.begin_again(now)

    def _settle(self, session: BoundSession, task: Task, outcome: Outcome) -> None:
        """Writes the outcome down with all that follows from it, unless somebody has done so. What
        was done is done, whoever says so; a refusal is that of the last one who has sent it.
        """
        operation, now = TradingOperation.locked(session, task.operation.key), self.clock()
        if operation.is_finished:
            return
        if outcome.refusal is not None and not _is_own(operation, task):
            raise OvertakenError
        account = TradingAccount.locked(session, operation.trading_account_id)
        case = self.outcomes.case(session, operation, account, now)
        if outcome.refusal is not None:
            self.outcomes.refuse(case, outcome.refusal)
            return
        self.outcomes.confirm(case, outcome)


def _is_own(operation: TradingOperation, task: Task) -> bool:
    """Whether it is still as it was marked before the call, or somebody has taken it over."""
    marked = task.operation
    return (operation.state, operation.moved_at) == (OperationState.SENT, marked.moved_at)


def _task(session: BoundSession, operation: TradingOperation, is_look: bool) -> Task:
    account = TradingAccount.present(session, operation.trading_account_id)
    server = TradingServer.present(session, account.server_id)
    amount = None
    if operation.amount is not None:
        amount = Money(operation.amount, Denomination.of(session, account.currency))
    return Task(
        operation,
        account,
        AccountType.present(session, account.account_type_id),
        server,
        User.present(session, account.user_id).full_name,
        amount,
        is_look,
    )


def _found(port: TradingPort, task: Task) -> Outcome | None:
    """What the server knows of the operation. Passwords it tells nobody: they are set again when
    they can no longer be on their way, or they might arrive late and undo what was wanted next.
    """
    kind, key, login = task.operation.kind, task.operation.key, task.account.login
    if kind is Kind.OPEN:
        known = port.find_login(key)
        return Outcome(known, figures=_figures(port, known)) if known else None
    if kind in (Kind.TRADE_PASSWORD, Kind.OBSERVE_PASSWORD):
        return None
    if kind in (Kind.LEVERAGE, Kind.ENABLE, Kind.DISABLE):
        figures = port.account(login)
        return Outcome(login, figures=figures) if _is_as_wanted(task.operation, figures) else None
    deals = port.find_balance_operations(login, key)
    if not deals:
        return None
    if deals[0].amount != _sent(task):
        raise OtherAmountError
    return Outcome(login, deals[0].ticket, figures=_figures(port, login))


def _is_as_wanted(operation: TradingOperation, figures: Figures) -> bool:
    if operation.kind is Kind.LEVERAGE:
        return figures.leverage == operation.leverage
    return figures.is_enabled is (operation.kind is Kind.ENABLE)


def _sent(task: Task) -> Decimal:
    if task.amount is None:
        raise ValueError("an operation without an amount moves no money")
    return Decimal(task.amount.text)


def _figures(port: TradingPort, login: str) -> Figures | None:
    """Of the account, if the server still answers; else they come with the next round."""
    try:
        return port.account(login)
    except TradingError:
        return None
