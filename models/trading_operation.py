"""What a trading server is to do for us."""

import base64
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, Session, col, func, select

from models.columns import Number, moment, reference, row_id, word
from models.locking import fresh
from models.machines import Machine, Moving

_LOOKS = 3
_KEY_BYTES = 8


class Kind(StrEnum):
    """What is to be done. The first two kinds of money begin a demo account and top it up; the
    others are those of clients' orders.
    """

    OPEN = "open"
    LEVERAGE = "leverage"
    ENABLE = "enable"
    DISABLE = "disable"
    TRADE_PASSWORD = "trade_password"
    OBSERVE_PASSWORD = "observe_password"
    STARTING_BALANCE = "starting_balance"
    TOP_UP = "top_up"
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    WITHDRAWAL_REFUND = "withdrawal_refund"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    TRANSFER_REFUND = "transfer_refund"


class OperationState(StrEnum):
    """`sent` stands in the database before the server is called: whoever finds it there and is not
    the one who called knows nothing of the outcome. What is given up was refused, and is not asked
    for again.
    """

    NEW = "new"
    SENT = "sent"
    UNKNOWN = "unknown"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    GIVEN_UP = "given_up"


# Money that belongs to an account stays set aside for it if the server refuses: an operator has it
# tried again, or gives it up. The other kinds give it back.
SET_ASIDE = (Kind.DEPOSIT, Kind.WITHDRAWAL_REFUND, Kind.TRANSFER_IN, Kind.TRANSFER_REFUND)
# An operator's own reason in the place of the server's.
REFUSED_BY_HAND = -1
REFUSED = (OperationState.REJECTED, OperationState.GIVEN_UP)
UNFINISHED = (OperationState.NEW, OperationState.SENT, OperationState.UNKNOWN)

OPERATION = Machine(
    starts=frozenset([OperationState.NEW]),
    edges={
        OperationState.NEW: frozenset([OperationState.SENT]),
        OperationState.SENT: frozenset(
            [
                OperationState.NEW,
                OperationState.UNKNOWN,
                OperationState.CONFIRMED,
                OperationState.REJECTED,
            ]
        ),
        OperationState.UNKNOWN: frozenset(
            [OperationState.NEW, OperationState.CONFIRMED, OperationState.REJECTED]
        ),
        # An operator has it tried again, or gives it up.
        OperationState.REJECTED: frozenset(
            [OperationState.NEW, OperationState.UNKNOWN, OperationState.GIVEN_UP]
        ),
    },
)


def new_key(letter: str) -> str:
    """What the server keeps as a comment, so that an operation is found again there: at most 31
    characters.
    """
    return f"{letter}:{base64.b32encode(secrets.token_bytes(_KEY_BYTES)).decode().rstrip('=')}"


class TradingOperation(Moving, table=True):
    """One operation for one account, to be done once. `amount` is in minor units, with its sign;
    `passwords` are sealed, and gone once the server has them. `ticket` is the server's number of
    the deal, `refusal` its number for the reason if it would not do it. `looks` counts how often
    the server was asked in vain whether it has done it, since `looked_from`. The entry of the
    outbox that has the worker see to it is `outbox_key`.
    """

    __tablename__ = "trading_operation"
    __table_args__ = (
        UniqueConstraint("tenant_id", "key"),
        Index("ix_trading_operation_account", "trading_account_id", "state"),
    )
    MACHINES: ClassVar[Mapping[str, Machine]] = {"state": OPERATION}

    id: int = row_id()
    key: str = Field(max_length=31)
    kind: Kind = word(Kind)
    trading_account_id: int = reference("trading_account.id", index=False)
    amount: int | None = Field(default=None, sa_type=Number)
    leverage: int | None = Field(default=None)
    passwords: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    state: OperationState = word(OperationState, OperationState.NEW)
    looks: int = Field(default=0)
    looked_from: datetime | None = moment(optional=True)
    ticket: int | None = Field(default=None, sa_type=Number)
    refusal: int = Field(default=0)
    outbox_key: str = Field(default="", max_length=64)
    created_at: datetime = moment()

    @classmethod
    def locked(cls, session: Session, key: str) -> "TradingOperation":
        """The operation, which nobody else changes until this transaction ends."""
        return session.exec(fresh(select(cls).where(cls.key == key))).one()

    @classmethod
    def sum_of(cls, session: Session, trading_account_id: int, kind: Kind) -> int:
        """What an account was given by a kind of operation, and what is on its way, minor units."""
        given = select(func.sum(cls.amount)).where(
            cls.trading_account_id == trading_account_id,
            cls.kind == kind,
            col(cls.state).not_in(REFUSED),
        )
        return int(session.exec(given).one() or 0)

    @classmethod
    def leaving(cls, session: Session, trading_account_id: int) -> int:
        """What is about to be taken off an account, and may still stand on it; minor units."""
        taken = select(func.sum(-col(cls.amount))).where(
            cls.trading_account_id == trading_account_id,
            col(cls.amount) < 0,
            col(cls.state).in_(UNFINISHED),
        )
        return int(session.exec(taken).one() or 0)

    @classmethod
    def is_any_unfinished(
        cls, session: Session, trading_account_id: int, kinds: Collection[Kind]
    ) -> bool:
        """Whether something of these kinds is still to be done for an account."""
        wanted = select(cls.id).where(
            cls.trading_account_id == trading_account_id,
            col(cls.kind).in_(kinds),
            col(cls.state).in_(UNFINISHED),
        )
        return session.exec(wanted.limit(1)).first() is not None

    @property
    def is_finished(self) -> bool:
        """Whether the outcome is known."""
        return self.state not in UNFINISHED

    def is_first(self, session: Session) -> bool:
        """Whether all that was wanted of the account before is finished."""
        table = type(self)
        before = select(table.id).where(
            table.trading_account_id == self.trading_account_id,
            col(table.id) < self.id,
            col(table.state).in_(UNFINISHED),
        )
        return session.exec(before.limit(1)).first() is None

    def following(self, session: Session) -> "TradingOperation | None":
        """What is wanted of the account next."""
        table = type(self)
        after = select(table).where(
            table.trading_account_id == self.trading_account_id,
            col(table.id) > self.id,
            col(table.state).in_(UNFINISHED),
        )
        return session.exec(after.order_by(col(table.id)).limit(1)).first()

    def looked_in_vain(self, now: datetime, doubt: timedelta) -> bool:
        """The server does not know it. Returns whether it said so often enough, and over a time of
        doubt, to believe that it has not done it.
        """
        self.looks, self.looked_from = self.looks + 1, self.looked_from or now
        return self.looks >= _LOOKS and now - self.looked_from >= doubt

    def begin_again(self, now: datetime) -> None:
        """Nothing was done: it is to be sent. Where only an operator has said so, the server is
        looked at first.
        """
        is_doubtful = self.refusal == REFUSED_BY_HAND
        self.move("state", OperationState.UNKNOWN if is_doubtful else OperationState.NEW, now)
        self.looks, self.looked_from, self.refusal = 0, None, 0
