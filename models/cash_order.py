"""What deposits, withdrawals and transfers have in common."""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped
from sqlmodel import Field, Session, col, func, select

from models.boundaries import OfUser
from models.columns import Number, moment
from models.locking import fresh
from models.machines import Moving
from models.money import Denomination, Money

_RANDOM_CHARACTERS = 10


def new_order_number(letter: str, now: datetime) -> str:
    """The kind, the day, and fifty bits that nobody guesses: 17 characters. With what is done, it
    fits into the 31 that a trading server keeps as a comment: W261121ABCDEFGHIJ, say.
    """
    guess = base64.b32encode(secrets.token_bytes(_RANDOM_CHARACTERS)).decode()
    return f"{letter}{now:%y%m%d}{guess[:_RANDOM_CHARACTERS]}"


class CashOrder(Moving, OfUser):
    """An order of a client's that moves money. `amount` is in minor units of `currency`, that of
    his trading account. `client_remark` is his own word, `remark` the operator's.
    """

    order_number: str = Field(max_length=20)
    amount: int = Field(sa_type=Number)
    currency: str = Field(max_length=20)
    client_remark: str = Field(default="", max_length=500)
    remark: str = Field(default="", max_length=500)
    auditor_id: int | None = Field(default=None, foreign_key="user.id", sa_type=Number)
    created_at: datetime = moment()

    @classmethod
    def numbered(cls, session: Session, order_number: str) -> Self:
        """An order that is known to be there."""
        return session.exec(select(cls).where(cls.order_number == order_number)).one()

    @classmethod
    def locked(cls, session: Session, order_number: str) -> Self:
        """The same; nobody else changes it meanwhile."""
        return session.exec(fresh(select(cls).where(cls.order_number == order_number))).one()

    @classmethod
    def submission(cls) -> Mapped[datetime]:
        """The column that tells when an order was submitted."""
        return col(cls.created_at)

    @classmethod
    def page(
        cls, session: Session, page: int, size: int, *conditions: ColumnElement[bool]
    ) -> tuple[Sequence[Self], int]:
        """One page of those that meet the conditions, the latest submitted first, and how many
        there are.
        """
        table: Any = cls
        total = session.exec(select(func.count()).select_from(table).where(*conditions)).one()
        found = (
            select(cls).where(*conditions).order_by(cls.submission().desc(), col(table.id).desc())
        )
        return session.exec(found.offset((page - 1) * size).limit(size)).all(), total

    @property
    def is_untouched(self) -> bool:
        """Whether its amount still stands on the account, and nobody is to take it off: see
        OutgoingOrder.
        """
        return False

    def money(self, session: Session) -> Money:
        """The amount."""
        return Money(self.amount, Denomination.of(session, self.currency))

    def sum_told(self, session: Session) -> str:
        """The same for people: "500.00 USD"."""
        return f"{self.money(session).text} {self.currency}"
