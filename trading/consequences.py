"""What follows from operations on accounts themselves, and on play money."""

from ledger import book
from models.account_application import AccountApplication, ProvisionState
from models.account_type import AccountType
from models.ledger_account import LedgerAccount
from models.leverage_application import ApplyState, LeverageApplication
from models.money import Denomination, Money
from models.trading_account import AccountStatus
from models.trading_operation import Kind
from trading.ledger_accounts import on_account
from trading.outcomes import Case, Consequence


def money_moved(case: Case, target: LedgerAccount) -> None:
    """What the ledger has held for the operation is where it was to go."""
    key = case.operation.key
    book.post_hold(case.session, f"{key} hold", f"{key} post", target, case.now)


def money_not_moved(case: Case) -> None:
    """What the ledger has held for it is free again."""
    key = case.operation.key
    book.void_hold(case.session, f"{key} hold", f"{key} void", case.now)


def _opened(case: Case) -> None:
    case.account.move("status", AccountStatus.OPEN, case.now)
    case.write("account_opened")
    if case.account.is_demo:
        _begin_with_money(case)
        return
    application = AccountApplication.of_operation(case.session, case.operation.key)
    application.move("provision_state", ProvisionState.OPENED, case.now)


def _begin_with_money(case: Case) -> None:
    kind = AccountType.present(case.session, case.account.account_type_id)
    if kind.starting_balance:
        unit = Denomination.of(case.session, case.account.currency)
        amount = Money.whole(kind.starting_balance, unit)
        case.orders.give_play_money(
            case.session, case.account, Kind.STARTING_BALANCE, amount, case.now
        )


def _not_opened(case: Case) -> None:
    """Of a live account the passwords are kept: an operator may have it tried again."""
    if not case.account.is_demo:
        application = AccountApplication.of_operation(case.session, case.operation.key)
        application.move("provision_state", ProvisionState.OPEN_FAILED, case.now)
        return
    case.operation.passwords = None
    case.account.move("status", AccountStatus.ARCHIVED, case.now)
    case.write("demo_account_refused")


def _leverage_set(case: Case) -> None:
    case.account.leverage = case.operation.leverage or case.account.leverage
    case.account.snapshot_at = case.now  # what was asked before tells the old one
    application = LeverageApplication.of_operation(case.session, case.operation.key)
    application.move("apply_state", ApplyState.APPLIED, case.now)
    case.write("leverage_changed")


def _leverage_not_set(case: Case) -> None:
    application = LeverageApplication.of_operation(case.session, case.operation.key)
    application.move("apply_state", ApplyState.APPLY_FAILED, case.now)


def _enabled(case: Case) -> None:
    case.account.move("status", AccountStatus.OPEN, case.now)


def _disabled(case: Case) -> None:
    case.account.move("status", AccountStatus.DISABLED, case.now)


def _stays(case: Case) -> None:
    """It is for the operator to see and to try again."""


def _password_set(case: Case) -> None:
    case.write("trading_password_changed")


def _password_not_set(case: Case) -> None:
    case.operation.passwords = None
    case.write("trading_password_refused")


def _money_given(case: Case) -> None:
    money_moved(case, on_account(case.session, case.account))


_LEVERAGE = Consequence(_leverage_set, _leverage_not_set)
_PASSWORD = Consequence(_password_set, _password_not_set)
_PLAY_MONEY = Consequence(_money_given, money_not_moved)

OF_ACCOUNTS: dict[Kind, Consequence] = {
    Kind.OPEN: Consequence(_opened, _not_opened),
    Kind.LEVERAGE: _LEVERAGE,
    Kind.ENABLE: Consequence(_enabled, _stays),
    Kind.DISABLE: Consequence(_disabled, _stays),
    Kind.TRADE_PASSWORD: _PASSWORD,
    Kind.OBSERVE_PASSWORD: _PASSWORD,
    Kind.STARTING_BALANCE: _PLAY_MONEY,
    Kind.TOP_UP: _PLAY_MONEY,
}
