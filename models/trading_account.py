"""Accounts of clients on trading servers."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, text
from sqlmodel import Field, Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from contract.problems import Problem
from models.boundaries import OfUser
from models.columns import Number, moment, reference, row_id, word
from models.locking import fresh
from models.machines import Machine, Moving


class AccountStatus(StrEnum):
    """Whether an account can be used."""

    OPENING = "opening"
    OPEN = "open"
    DISABLED = "disabled"
    ARCHIVED = "archived"


class FundingType(StrEnum):
    """Whether money may be put on an account and taken off."""

    NORMAL = "normal"
    DEPOSIT_ONLY = "deposit_only"
    WITHDRAWAL_ONLY = "withdrawal_only"
    NONE = "none"


ACCOUNT = Machine(
    starts=frozenset([AccountStatus.OPENING]),
    edges={
        AccountStatus.OPENING: frozenset([AccountStatus.OPEN, AccountStatus.ARCHIVED]),
        AccountStatus.OPEN: frozenset([AccountStatus.DISABLED]),
        AccountStatus.DISABLED: frozenset([AccountStatus.OPEN, AccountStatus.ARCHIVED]),
    },
)
# Its number on the server is known, once it is open.
_OPEN_ONE_LOGIN = text("login <> ''")


class TradingAccount(Moving, OfUser, table=True):
    """An account by the number that its server gave it (`login`, empty until then). What stands on
    it is the trading server's to say; `balance`, `credit`, `equity` and `free_margin` (minor units)
    are what it said when it was asked at `snapshot_at`, and has not changed since.
    """

    __tablename__ = "trading_account"
    __table_args__ = (
        Index(
            "uq_trading_account_login",
            *("server_id", "login"),
            unique=True,
            sqlite_where=_OPEN_ONE_LOGIN,
            postgresql_where=_OPEN_ONE_LOGIN,
        ),
    )
    MACHINES: ClassVar[Mapping[str, Machine]] = {"status": ACCOUNT}

    id: int = row_id()
    server_id: int = reference("trading_server.id")
    account_type_id: int = reference("account_type.id")
    login: str = Field(default="", max_length=12)
    currency: str = Field(max_length=20)
    leverage: int
    is_demo: bool
    funding_type: FundingType = word(FundingType, FundingType.NORMAL)
    status: AccountStatus = word(AccountStatus, AccountStatus.OPENING)
    balance: int = Field(default=0, sa_type=Number)
    credit: int = Field(default=0, sa_type=Number)
    equity: int = Field(default=0, sa_type=Number)
    free_margin: int = Field(default=0, sa_type=Number)
    snapshot_at: datetime | None = moment(optional=True)

    @classmethod
    def usable(cls) -> "SelectOfScalar[TradingAccount]":
        """Those that are open, in the order in which they were asked for."""
        return select(cls).where(cls.status == AccountStatus.OPEN).order_by(col(cls.id))

    @classmethod
    def present(cls, session: Session, number: int) -> "TradingAccount":
        """An account that is known to be there."""
        return session.exec(select(cls).where(cls.id == number)).one()

    @classmethod
    def locked(cls, session: Session, number: int) -> "TradingAccount":
        """The same, which nobody else changes meanwhile."""
        return session.exec(fresh(select(cls).where(cls.id == number))).one()

    @classmethod
    def require(cls, session: Session, user_id: int, number: int) -> "TradingAccount":
        """A user's own account. Raises Problem NOT_FOUND."""
        return _found(session.exec(_kept(cls, user_id, number)).first())

    @classmethod
    def require_open(cls, session: Session, user_id: int, number: int) -> "TradingAccount":
        """The same if it is open; nobody else changes it meanwhile. Raises Problem NOT_FOUND."""
        account = _found(session.exec(fresh(_kept(cls, user_id, number))).first())
        if account.status is not AccountStatus.OPEN:
            raise Problem("NOT_FOUND")
        return account

    @classmethod
    def count(cls, session: Session, user_id: int, *, is_demo: bool) -> dict[int, int]:
        """How many accounts a client has of which type, those that are being opened included."""
        kept = select(cls.account_type_id, func.count()).where(
            cls.user_id == user_id,
            col(cls.is_demo).is_(is_demo),
            cls.status != AccountStatus.ARCHIVED,
        )
        return dict(session.exec(kept.group_by(col(cls.account_type_id))).all())


def _kept(table: type[TradingAccount], user_id: int, number: int) -> SelectOfScalar[TradingAccount]:
    own = select(table).where(table.id == number, table.user_id == user_id)
    return own.where(table.status != AccountStatus.ARCHIVED)


def _found(account: TradingAccount | None) -> TradingAccount:
    if account is None:
        raise Problem("NOT_FOUND")
    return account
