"""What a trading server is to do: written down here, done by the worker after the commit."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateways.outbox import Outbox
from gateways.secret_box import SecretBox
from ledger import book
from models.boundaries import BoundSession
from models.ledger_account import AccountKind, LedgerAccount
from models.money import Money
from models.trading_account import TradingAccount
from models.trading_operation import Kind, OperationState, TradingOperation, new_key
from trading.account_passwords import AccountPasswords

OUTBOX_KIND = "trading"
# A server that does not answer for a month is a case for the operator.
_LIFE = timedelta(days=30)
_LETTERS = {
    Kind.OPEN: "A",
    Kind.LEVERAGE: "L",
    Kind.ENABLE: "E",
    Kind.DISABLE: "E",
    Kind.TRADE_PASSWORD: "P",
    Kind.OBSERVE_PASSWORD: "P",
}
_PLAY = "V"


@dataclass(frozen=True)
class Orders:
    """Writes operations into the session's transaction."""

    outbox: Outbox
    box: SecretBox

    def open(
        self, session: BoundSession, account: TradingAccount, passwords: bytes, now: datetime
    ) -> TradingOperation:
        """The account is to be opened with these passwords, which are sealed."""
        return self._add(session, account, Kind.OPEN, now, passwords=passwords)

    def set_leverage(
        self, session: BoundSession, account: TradingAccount, leverage: int, now: datetime
    ) -> TradingOperation:
        """The account is to have another leverage."""
        return self._add(session, account, Kind.LEVERAGE, now, leverage=leverage)

    def set_enabled(
        self, session: BoundSession, account: TradingAccount, kind: Kind, now: datetime
    ) -> TradingOperation:
        """The account is to be enabled or disabled: whichever the kind says."""
        return self._add(session, account, kind, now)

    def set_password(
        self,
        session: BoundSession,
        account: TradingAccount,
        passwords: AccountPasswords,
        now: datetime,
    ) -> TradingOperation:
        """The account is to have another password: whichever of the two is given."""
        kind = Kind.TRADE_PASSWORD if passwords.trade else Kind.OBSERVE_PASSWORD
        sealed = passwords.sealed(self.box, account.id)
        return self._add(session, account, kind, now, passwords=sealed)

    def give_play_money(
        self,
        session: BoundSession,
        account: TradingAccount,
        kind: Kind,
        amount: Money,
        now: datetime,
    ) -> TradingOperation:
        """A demo account is to get money; until it has it, the ledger holds it."""
        source = book.account(session, AccountKind.PLAY_MONEY, amount.unit)
        return self.move_money(session, account, kind, new_key(_PLAY), amount, source, now)

    def move_money(
        self,
        session: BoundSession,
        account: TradingAccount,
        kind: Kind,
        key: str,
        amount: Money,
        source: LedgerAccount,
        now: datetime,
    ) -> TradingOperation:
        """An account is to get an amount, or to give one that is below zero, once under this key;
        until that is done, the ledger holds it at the source. Raises a LedgerError.
        """
        operation = self._add(session, account, kind, now, key=key, amount=amount.minor)
        book.hold(session, f"{key} hold", source, Money(abs(amount.minor), amount.unit), now)
        return operation

    def send(self, session: BoundSession, operation: TradingOperation, now: datetime) -> None:
        """Has the worker see to an operation that is new, or in doubt and forgotten."""
        content = {"key": operation.key}
        operation.outbox_key = self.outbox.add(session, OUTBOX_KIND, content, now, _LIFE)

    def give_up(self, session: BoundSession, operation: TradingOperation, now: datetime) -> None:
        """The server is not asked again for what it has refused; what the ledger has held for it is
        free. Raises StateConflictError.
        """
        operation.move("state", OperationState.GIVEN_UP, now)
        book.void_hold(session, f"{operation.key} hold", f"{operation.key} void", now)

    def _add(
        self,
        session: BoundSession,
        account: TradingAccount,
        kind: Kind,
        now: datetime,
        *,
        key: str = "",
        amount: int | None = None,
        leverage: int | None = None,
        passwords: bytes | None = None,
    ) -> TradingOperation:
        operation = TradingOperation(
            key=key or new_key(_LETTERS[kind]),
            kind=kind,
            trading_account_id=account.id,
            amount=amount,
            leverage=leverage,
            passwords=passwords,
            created_at=now,
            moved_at=now,
        )
        self.send(session, operation, now)
        session.add(operation)
        session.flush()
        return operation
