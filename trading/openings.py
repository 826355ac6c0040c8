"""Trading accounts that clients want: demo accounts at once, live ones after an application."""

from dataclasses import dataclass
from datetime import datetime

from contract.problems import Problem
from models.account_application import AccountApplication, ProvisionState
from models.account_type import AccountType
from models.audit_status import AuditStatus
from models.boundaries import BoundSession
from models.client_profile import ClientProfile
from models.trading_account import TradingAccount
from models.trading_server import Platform
from models.trading_setting import TradingSetting
from models.user import User
from trading.account_passwords import AccountPasswords
from trading.orders import Orders


@dataclass(frozen=True)
class Wanted:
    """An account as a client describes it."""

    account_type_id: int
    platform: Platform
    currency: str
    leverage: int
    passwords: AccountPasswords


def open_demo_account(
    session: BoundSession, orders: Orders, user_id: int, wanted: Wanted, now: datetime
) -> TradingAccount:
    """Has a demo account opened. Raises Problem TRADING_PASSWORD_WEAK, DEMO_DISABLED,
    PLATFORM_UNAVAILABLE, ACCOUNT_TYPE_UNAVAILABLE, LEVERAGE_NOT_ALLOWED or ACCOUNT_LIMIT_REACHED.
    """
    wanted.passwords.require_strong()
    User.locked(session, user_id)
    setting = TradingSetting.of_tenant(session)
    if not setting.has_demo:
        raise Problem("DEMO_DISABLED")
    kind = _offered(session, wanted, is_demo=True)
    _require_room(session, user_id, kind, setting.most_demo_accounts, is_demo=True)
    account = _account(session, user_id, wanted, kind, now, is_demo=True)
    orders.open(session, account, wanted.passwords.sealed(orders.box, account.id), now)
    return account


def apply_for_live_account(
    session: BoundSession, orders: Orders, user_id: int, wanted: Wanted, now: datetime
) -> AccountApplication:
    """Asks the operators for a live account, or has it opened at once where the broker wants that.
    Raises Problem TRADING_PASSWORD_WEAK, KYC_REQUIRED, PLATFORM_UNAVAILABLE,
    ACCOUNT_TYPE_UNAVAILABLE, LEVERAGE_NOT_ALLOWED, ACCOUNT_LIMIT_REACHED or APPLICATION_PENDING.
    """
    wanted.passwords.require_strong()
    User.locked(session, user_id)
    ClientProfile.of_user_id(session, user_id).require_approved()
    kind = _offered(session, wanted, is_demo=False)
    _require_room(session, user_id, kind, None, is_demo=False)
    AccountApplication.require_none_open(session, user_id)
    account = _account(session, user_id, wanted, kind, now, is_demo=False)
    at_once = TradingSetting.of_tenant(session).opens_at_once
    application = AccountApplication(
        user_id=user_id,
        trading_account_id=account.id,
        status=AuditStatus.APPROVED if at_once else AuditStatus.PENDING,
        passwords=wanted.passwords.sealed(orders.box, account.id),
        created_at=now,
        moved_at=now,
    )
    session.add(application)
    session.flush()
    if at_once:
        provide(session, orders, application, account, now)
    return application


def provide(
    session: BoundSession,
    orders: Orders,
    application: AccountApplication,
    account: TradingAccount,
    now: datetime,
) -> None:
    """Has an account opened whose application is approved."""
    if application.passwords is None:
        raise ValueError("an application that is approved has its passwords")
    operation = orders.open(session, account, application.passwords, now)
    application.passwords, application.operation_key = None, operation.key
    application.move("provision_state", ProvisionState.OPENING, now)


def may_open_demo_account(session: BoundSession, user_id: int) -> bool:
    """Whether the broker lets a client have another one (wlink 84)."""
    setting = TradingSetting.of_tenant(session)
    own = sum(TradingAccount.count(session, user_id, is_demo=True).values())
    offered = any(AccountType.offered(session, platform, is_demo=True) for platform in Platform)
    return setting.has_demo and offered and own < setting.most_demo_accounts


def _offered(session: BoundSession, wanted: Wanted, *, is_demo: bool) -> AccountType:
    kind = AccountType.require_offered(
        session, wanted.account_type_id, wanted.platform, is_demo=is_demo
    )
    if kind.currency != wanted.currency:
        raise Problem("ACCOUNT_TYPE_UNAVAILABLE")
    kind.require_leverage(session, wanted.leverage)
    return kind


def _require_room(
    session: BoundSession, user_id: int, kind: AccountType, most: int | None, *, is_demo: bool
) -> None:
    """`most` is for accounts of all types together."""
    own = TradingAccount.count(session, user_id, is_demo=is_demo)
    if own.get(kind.id, 0) >= kind.most_per_user:
        raise Problem("ACCOUNT_LIMIT_REACHED")
    if most is not None and sum(own.values()) >= most:
        raise Problem("ACCOUNT_LIMIT_REACHED")


def _account(
    session: BoundSession,
    user_id: int,
    wanted: Wanted,
    kind: AccountType,
    now: datetime,
    *,
    is_demo: bool,
) -> TradingAccount:
    account = TradingAccount(
        user_id=user_id,
        server_id=kind.server_id,
        account_type_id=kind.id,
        currency=kind.currency,
        leverage=wanted.leverage,
        is_demo=is_demo,
        moved_at=now,
    )
    session.add(account)
    session.flush()
    return account
