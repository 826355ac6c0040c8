"""Trading servers: the port. An account's balance is kept there, and nowhere else."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from typing import Generic, Protocol, TypeVar

Item = TypeVar("Item")

# What a trading server keeps of a comment, in ASCII.
COMMENT_LENGTH = 31
# Of how many accounts the figures may be asked for at once.
BATCH = 500


class TradingError(Exception):
    """A trading server did not do as it was told. Never tells a password or a token."""


class TradingUnavailableError(TradingError):
    """Nothing was changed there, so it is safe to try again later."""


class TradingUnknownError(TradingError):
    """The server may have done it, or may still do it: it must be looked up, several times over at
    least a minute, before it is sent again.
    """


class TradingRejectedError(TradingError):
    """The server has refused and has changed nothing. `retcode` is its number for the reason."""

    def __init__(self, retcode: int) -> None:
        super().__init__(f"the trading server refused with retcode {retcode}")
        self.retcode = retcode


class Retcode(IntEnum):
    """Reasons of the Manager API's that mean something to us; there are many more."""

    WRONG_PARAMETERS = 3
    NOT_FOUND = 13
    REJECTED = 10006
    NO_MONEY = 10019


class PasswordKind(StrEnum):
    """To trade with, or to look on only."""

    TRADE = "trade"
    OBSERVE = "observe"


class DealKind(StrEnum):
    """Why a balance has changed: a balance operation, an order that was closed, or something else,
    such as a charge or interest.
    """

    BALANCE = "balance"
    TRADE = "trade"
    OTHER = "other"


class OrderType(StrEnum):
    """Those with more than one word wait for their price. The last two are known to MT5 only."""

    BUY = "BUY"
    SELL = "SELL"
    BUY_LIMIT = "BUY_LIMIT"
    SELL_LIMIT = "SELL_LIMIT"
    BUY_STOP = "BUY_STOP"
    SELL_STOP = "SELL_STOP"
    BUY_STOP_LIMIT = "BUY_STOP_LIMIT"
    SELL_STOP_LIMIT = "SELL_STOP_LIMIT"


@dataclass(frozen=True)
class Figures:
    """An account as it stands this moment; amounts in its currency."""

    login: str
    group: str
    currency: str
    leverage: int
    is_enabled: bool
    balance: Decimal
    credit: Decimal
    equity: Decimal
    margin: Decimal
    free_margin: Decimal


@dataclass(frozen=True)
class Deal:
    """A change of a balance. The amounts of all of an account's deals make up its balance."""

    ticket: int
    login: str
    kind: DealKind
    amount: Decimal
    comment: str
    at: datetime


@dataclass(frozen=True)
class Order:
    """A position, an order that waits for its price, or one that is closed. The profit is without
    swap and commission; volume in lots. Of one that waits, `open_price` is the price it waits for
    and `opened_at` when it was placed. Of one that is open, `close_price` is the price now. A
    stop loss or take profit of 0 is none.
    """

    ticket: int
    login: str
    symbol: str
    type: OrderType
    volume: Decimal
    open_price: Decimal
    close_price: Decimal
    stop_loss: Decimal
    take_profit: Decimal
    profit: Decimal
    swap: Decimal
    commission: Decimal
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True)
class Symbol:
    """What can be traded: decimal places of its price, units in a lot, and the price now."""

    name: str
    digits: int
    contract_size: Decimal
    base_currency: str
    profit_currency: str
    bid: Decimal
    ask: Decimal


@dataclass(frozen=True)
class Page(Generic[Item]):
    """A part of what only ever grows. Whoever asks with `cursor` gets what has come after it; an
    empty page means that there is nothing yet, and its cursor is as good later.
    """

    items: list[Item]
    cursor: str


class TradingPort(Protocol):
    """One trading server. A login is a text of digits, moments are UTC. Every method raises
    TradingUnavailableError or TradingRejectedError; those that change something
    TradingUnknownError, too. A `key` or `comment` is 1 to 31 printable characters of ASCII, or
    ValueError is raised before anything is sent. The server knows no idempotency: whoever sends
    the same twice has it done twice.
    """

    def ping(self) -> None:
        """Whether the server answers."""

    def open_account(
        self,
        *,
        group: str,
        name: str,
        leverage: int,
        password: str,
        observe_password: str,
        currency: str,
        key: str,
    ) -> str:
        """The login of a new account."""

    def find_login(self, key: str) -> str | None:
        """The login of the account that was opened with this key; of several, the first."""

    def set_leverage(self, login: str, leverage: int) -> None:
        """Safe to be repeated, as are the two that follow."""

    def set_password(self, login: str, kind: PasswordKind, password: str) -> None:
        """The server may have rules of its own for passwords."""

    def set_enabled(self, login: str, is_enabled: bool) -> None:
        """Whether the account may trade."""

    def account(self, login: str) -> Figures:
        """Raises TradingRejectedError with Retcode.NOT_FOUND if there is none."""

    def accounts(self, logins: list[str]) -> list[Figures]:
        """Of at most BATCH accounts; those that there are not are left out."""

    def balance_operation(self, login: str, amount: Decimal, comment: str) -> int:
        """The ticket of a payment in (amount above 0) or out (below). Refused with
        Retcode.NO_MONEY if more is paid out than the free margin.
        """

    def find_balance_operations(self, login: str, comment: str) -> list[Deal]:
        """Those with exactly this comment, the oldest first."""

    def deals(self, cursor: str = "", login: str = "") -> Page[Deal]:
        """All deals, or an account's, from the cursor on, the oldest first."""

    def positions(self, login: str) -> list[Order]:
        """What is open."""

    def pendings(self, login: str) -> list[Order]:
        """What waits for its price."""

    def closed(self, cursor: str = "", login: str = "") -> Page[Order]:
        """Closed orders, or an account's, from the cursor on, the first closed first."""

    def symbols(self) -> list[Symbol]:
        """Everything that can be traded."""
