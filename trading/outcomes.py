"""What the trading server has said, and having the consequences follow from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from gateways.letters import DAY, post_letter
from gateways.trading import Figures
from models.boundaries import BoundSession
from models.money import Denomination, Money
from models.outbox_entry import OutboxEntry
from models.trading_account import TradingAccount
from models.trading_operation import Kind, OperationState, TradingOperation
from models.trading_server import TradingServer
from models.user import User
from trading import snapshots
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

    def write(self, letter: str, **facts: str) -> None:
        """Mails the client."""
        user = User.present(self.session, self.account.user_id)
        server = TradingServer.present(self.session, self.account.server_id)
        post_letter(
            self.orders.outbox,
            self.session,
            letter,
            user.email,
            user.language,
            self.now,
            DAY,
            account=self.account.login,
            server=server.name,
            leverage=str(self.account.leverage),
            **facts,
        )


@dataclass(frozen=True)
class Consequence:
    """What follows from a kind of operation once it is done, and once the server has refused it."""

    confirmed: Callable[[Case], None]
    refused: Callable[[Case], None]


@dataclass(frozen=True)
class Outcomes:
    """Writes outcomes down, with all that follows from them, in the session's transaction."""

    orders: Orders
    consequences: Mapping[Kind, Consequence]

    def case(
        self,
        session: BoundSession,
        operation: TradingOperation,
        account: TradingAccount,
        now: datetime,
    ) -> Case:
        """That of an operation; both rows are locked."""
        return Case(session, self.orders, operation, account, now)

    def confirm(self, case: Case, outcome: Outcome) -> None:
        """The server has done it."""
        _finish(case, OperationState.CONFIRMED)
        case.operation.ticket, case.operation.passwords = outcome.ticket, None
        case.account.login = case.account.login or outcome.login
        self.consequences[case.operation.kind].confirmed(case)
        _keep_figures(case, outcome.figures)

    def refuse(self, case: Case, refusal: int) -> None:
        """The server will not do it."""
        _finish(case, OperationState.REJECTED)
        case.operation.refusal = refusal
        self.consequences[case.operation.kind].refused(case)


def _keep_figures(case: Case, figures: Figures | None) -> None:
    amount = case.operation.amount or 0
    if figures:
        snapshots.keep(case.session, case.account, figures, case.now)
    elif amount < 0:
        unit = Denomination.of(case.session, case.account.currency)
        snapshots.take_off(case.account, Money(-amount, unit), case.now)


def _finish(case: Case, state: OperationState) -> None:
    """What has waited for it need not wait any longer."""
    case.operation.move("state", state, case.now)
    following = case.operation.following(case.session)
    if following:
        OutboxEntry.hurry(case.session, following.outbox_key, case.now)
