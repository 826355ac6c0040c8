"""Deciding what clients apply for: another account, another leverage."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from backoffice.desk import Desk
from backoffice.reasons import checked
from contract.errors import RefusedError
from gateways.letters import post_letter
from models.account_application import AccountApplication, ProvisionState
from models.audit_entry import Deed
from models.audit_status import OPEN, AuditStatus
from models.leverage_application import ApplyState, LeverageApplication
from models.locking import fresh
from models.machines import StateConflictError
from models.trading_account import AccountStatus, TradingAccount
from models.trading_operation import OperationState, TradingOperation
from models.user import User
from trading.leverages import carry_out
from trading.openings import provide
from trading.orders import Orders

Application = AccountApplication | LeverageApplication


@dataclass(frozen=True)
class Kind:
    """What clients apply for, what follows from a decision, and how it is tried once more."""

    name: str
    table: type[AccountApplication] | type[LeverageApplication]
    letter: str
    approved: Callable[[Desk, Orders, TradingAccount, Any], None]
    rejected: Callable[[Desk, TradingAccount, Any], None]
    again: Callable[[Desk, Any], None]


def waiting(desk: Desk, kind: Kind) -> list[tuple[Application, User]]:
    """What nobody has decided yet, the oldest first, with who applies."""
    table: Any = kind.table
    both = select(table, User).join(User, col(User.id) == table.user_id)
    rows = desk.session.exec(both.where(col(table.status).in_(OPEN)).order_by(col(table.id)))
    return list(rows)


def claim(desk: Desk, kind: Kind, number: int) -> None:
    """The operator looks into it; others leave it alone. Raises RefusedError."""
    application = _moved(desk, kind, number, AuditStatus.AUDITING, Deed.APPLICATION_CLAIMED)
    application.auditor_id = desk.actor_id


def release(desk: Desk, kind: Kind, number: int) -> None:
    """Gives it back to the others. Raises RefusedError."""
    application = _moved(desk, kind, number, AuditStatus.PENDING, Deed.APPLICATION_RELEASED)
    application.auditor_id = None


def approve(desk: Desk, orders: Orders, kind: Kind, number: int) -> None:
    """Has the worker carry out what was claimed. Raises RefusedError."""
    application = _moved(desk, kind, number, AuditStatus.APPROVED, Deed.APPLICATION_APPROVED)
    application.auditor_id = desk.actor_id
    account = TradingAccount.locked(desk.session, application.trading_account_id)
    kind.approved(desk, orders, account, application)


def reject(desk: Desk, orders: Orders, kind: Kind, number: int, reason: str) -> None:
    """Refuses what was claimed; the client is told the reason. Raises RefusedError."""
    application = _moved(
        desk, kind, number, AuditStatus.DISAPPROVED, Deed.APPLICATION_REJECTED, checked(reason)
    )
    application.auditor_id, application.remark = desk.actor_id, reason
    account = TradingAccount.locked(desk.session, application.trading_account_id)
    kind.rejected(desk, account, application)
    _write(desk, orders, kind, application, account)


def _write(
    desk: Desk, orders: Orders, kind: Kind, application: Application, account: TradingAccount
) -> None:
    """Tells the client why."""
    user = User.present(desk.session, application.user_id)
    post_letter(
        *(orders.outbox, desk.session, kind.letter, user.email, user.language, desk.now),
        account=account.login,
        reason=application.remark,
    )


def retry(desk: Desk, orders: Orders, kind: Kind, number: int) -> None:
    """Has the trading server asked once more for what it has refused. Raises RefusedError."""
    application = _locked(desk, kind, number)
    operation = _refused(desk, application.operation_key)
    operation.begin_again(desk.now)
    kind.again(desk, application)
    orders.send(desk.session, operation, desk.now)
    desk.note(Deed.APPLICATION_RETRIED, f"{kind.name} application {number}")


def give_up(desk: Desk, orders: Orders, number: int, reason: str) -> None:
    """An account that the trading server has refused comes to nothing; the client is told the
    reason. Raises RefusedError.
    """
    application = _locked(desk, ACCOUNT, number)
    operation = _refused(desk, application.operation_key)
    account = TradingAccount.locked(desk.session, application.trading_account_id)
    _require_not_given_up(account)
    operation.passwords, application.remark = None, checked(reason)
    account.move("status", AccountStatus.ARCHIVED, desk.now)
    _write(desk, orders, ACCOUNT, application, account)
    desk.note(Deed.APPLICATION_GIVEN_UP, f"account application {number}", after={"reason": reason})


def _require_not_given_up(account: TradingAccount) -> None:
    if account.status is AccountStatus.ARCHIVED:
        raise RefusedError("it was given up")


def _refused(desk: Desk, key: str) -> TradingOperation:
    """What the trading server was asked for; an application that waits has not come that far."""
    asked = desk.session.exec(fresh(select(TradingOperation).where(TradingOperation.key == key)))
    operation = asked.first()
    if operation is None or operation.state is not OperationState.REJECTED:
        raise RefusedError("the trading server has not refused it")
    return operation


def _moved(
    desk: Desk, kind: Kind, number: int, becomes: AuditStatus, deed: Deed, reason: str = ""
) -> Application:
    application = _locked(desk, kind, number)
    was = application.status
    try:
        application.move("status", becomes, desk.now)
    except StateConflictError as error:
        raise RefusedError(f"it cannot become {becomes}: it is {error.state}") from None
    after = {"status": becomes.value} | ({"reason": reason} if reason else {})
    desk.note(deed, f"{kind.name} application {number}", {"status": was.value}, after)
    return application


def _locked(desk: Desk, kind: Kind, number: int) -> Application:
    table: Any = kind.table
    application: Application | None = desk.session.exec(
        fresh(select(table).where(table.id == number))
    ).first()
    if application is None:
        raise RefusedError(f"there is no {kind.name} application {number}")
    return application


def _open(
    desk: Desk, orders: Orders, account: TradingAccount, application: AccountApplication
) -> None:
    provide(desk.session, orders, application, account, desk.now)


def _close(desk: Desk, account: TradingAccount, application: AccountApplication) -> None:
    """The account comes to nothing, and its passwords are forgotten."""
    application.passwords = None
    account.move("status", AccountStatus.ARCHIVED, desk.now)


def _open_again(desk: Desk, application: AccountApplication) -> None:
    _require_not_given_up(TradingAccount.locked(desk.session, application.trading_account_id))
    application.move("provision_state", ProvisionState.OPENING, desk.now)


def _set(
    desk: Desk, orders: Orders, account: TradingAccount, application: LeverageApplication
) -> None:
    carry_out(desk.session, orders, application, account, desk.now)


def _leave(desk: Desk, account: TradingAccount, application: LeverageApplication) -> None:
    """The account keeps the leverage that it has."""


def _set_again(desk: Desk, application: LeverageApplication) -> None:
    last = LeverageApplication.newest(desk.session, application.trading_account_id)
    if last and last.id != application.id:
        raise RefusedError("the client has applied for another leverage since")
    application.move("apply_state", ApplyState.APPLYING, desk.now)


ACCOUNT = Kind(
    "account", AccountApplication, "account_application_rejected", _open, _close, _open_again
)
LEVERAGE = Kind(
    "leverage", LeverageApplication, "leverage_application_rejected", _set, _leave, _set_again
)
KINDS = (ACCOUNT, LEVERAGE)
