"""Other leverages for trading accounts."""

from datetime import datetime

from contract.problems import Problem
from models.account_type import AccountType
from models.audit_status import AuditStatus
from models.boundaries import BoundSession
from models.leverage_application import ApplyState, LeverageApplication
from models.trading_account import TradingAccount
from models.trading_setting import TradingSetting
from trading.orders import Orders


def apply_for_leverage(
    session: BoundSession,
    orders: Orders,
    account: TradingAccount,
    leverage: int,
    remark: str,
    now: datetime,
) -> LeverageApplication:
    """Asks the operators, or has it set at once for a demo account and where the broker wants that.
    The account is locked. Raises Problem LEVERAGE_NOT_ALLOWED, LEVERAGE_UNCHANGED or
    APPLICATION_PENDING.
    """
    AccountType.present(session, account.account_type_id).require_leverage(session, leverage)
    if account.leverage == leverage:
        raise Problem("LEVERAGE_UNCHANGED")
    LeverageApplication.require_none_open(session, account.id)
    at_once = account.is_demo or TradingSetting.of_tenant(session).changes_leverage_at_once
    application = LeverageApplication(
        user_id=account.user_id,
        trading_account_id=account.id,
        before=account.leverage,
        wanted=leverage,
        client_remark=remark,
        status=AuditStatus.APPROVED if at_once else AuditStatus.PENDING,
        created_at=now,
        moved_at=now,
    )
    session.add(application)
    session.flush()
    if at_once:
        carry_out(session, orders, application, account, now)
    return application


def carry_out(
    session: BoundSession,
    orders: Orders,
    application: LeverageApplication,
    account: TradingAccount,
    now: datetime,
) -> None:
    """Has a leverage set whose application is approved."""
    operation = orders.set_leverage(session, account, application.wanted, now)
    application.operation_key = operation.key
    application.move("apply_state", ApplyState.APPLYING, now)
