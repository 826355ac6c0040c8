"""What follows once the outcome of an operation is known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from gateways.letters import post_letter
from gateways.trading import Figures
from ledger import book
from models.account_application import AccountApplication, ProvisionState
from models.account_type import AccountType
from models.boundaries import BoundSession
from models.ledger_account import AccountKind
from models.leverage_application import ApplyState, LeverageApplication
from models.money import Denomination, Money
from models.outbox_entry import OutboxEntry
from models.trading_account import AccountStatus, TradingAccount
from models.trading_operation import Kind, OperationState, TradingOperation
from models.trading_server import TradingServer
from models.user import User
from trading.orders import Orders


@dataclass(frozen=True)
class Outcome:
    """What the server has said. `refusal` is its own number for the reason, None where it did as
    it was told.
    """

    login: str = ""
    ticket: int | None = None
    refusal: int | None = None
    figures: Figures | None = None


@dataclass(frozen=True)
class Case:
    """An operation that is finished, and the account that it was for."""

    session: BoundSession
    orders: Orders
    operation: TradingOperation
    account: TradingAccount
    now: datetime

    def write(self, letter: str) -> None:
        """Mails the client."""
        user = User.present(self.session, self.account.user_id)
        server = TradingServer.present(self.session, self.account.server_id)
        post_letter(
            *(self.orders.outbox, self.session, letter, user.email, user.language, self.now),
            account=self.account.login,
            server=server.name,
            leverage=str(self.account.leverage),
        )


def confirm(case: Case, outcome: Outcome) -> None:
    """The server has done it."""
    _finish(case, OperationState.CONFIRMED)
    case.operation.ticket, case.operation.passwords = outcome.ticket, None
    case.account.login = case.account.login or outcome.login
    _CONFIRMED[case.operation.kind](case)


def refuse(case: Case, refusal: int) -> None:
    """The server will not do it."""
    _finish(case, OperationState.REJECTED)
    case.operation.refusal = refusal
    _REFUSED[case.operation.kind](case)


def _finish(case: Case, state: OperationState) -> None:
    """What has waited for it need not wait any longer."""
    case.operation.move("state", state, case.now)
    following = case.operation.following(case.session)
    if following:
        OutboxEntry.hurry(case.session, following.outbox_key, case.now)


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
    key, account = case.operation.key, case.account
    unit = Denomination.of(case.session, account.currency)
    target = book.account(case.session, AccountKind.TRADING, unit, f"trading_account {account.id}")
    book.post_hold(case.session, f"{key} hold", f"{key} post", target, case.now)


def _money_not_given(case: Case) -> None:
    key = case.operation.key
    book.void_hold(case.session, f"{key} hold", f"{key} void", case.now)


_CONFIRMED: Mapping[Kind, Callable[[Case], None]] = {
    Kind.OPEN: _opened,
    Kind.LEVERAGE: _leverage_set,
    Kind.ENABLE: _enabled,
    Kind.DISABLE: _disabled,
    Kind.TRADE_PASSWORD: _password_set,
    Kind.OBSERVE_PASSWORD: _password_set,
    Kind.STARTING_BALANCE: _money_given,
    Kind.TOP_UP: _money_given,
}
_REFUSED: Mapping[Kind, Callable[[Case], None]] = {
    Kind.OPEN: _not_opened,
    Kind.LEVERAGE: _leverage_not_set,
    Kind.ENABLE: _stays,
    Kind.DISABLE: _stays,
    Kind.TRADE_PASSWORD: _password_not_set,
    Kind.OBSERVE_PASSWORD: _password_not_set,
    Kind.STARTING_BALANCE: _money_not_given,
    Kind.TOP_UP: _money_not_given,
}
