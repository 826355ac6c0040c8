"""The ways on which money comes in and goes out."""

from enum import StrEnum

from sqlalchemy import JSON
from sqlmodel import Field, Session, col, select

from contract.problems import Problem
from models.boundaries import InTenant
from models.columns import row_id, word
from models.texts import Texts, texts


class Direction(StrEnum):
    """Whether money comes in or goes out."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"


class PaymentMethod(StrEnum):
    """How money is paid."""

    BANK_TRANSFER = "bank_transfer"
    INTERNATIONAL_WIRE_TRANSFER = "international_wire_transfer"
    CRYPTOCURRENCY = "cryptocurrency"


class Channel(InTenant, table=True):
    """One way, and the currencies that it takes."""

    id: int = row_id()
    name: Texts = texts()
    direction: Direction = word(Direction)
    method: PaymentMethod = word(PaymentMethod)
    currencies: list[str] = Field(sa_type=JSON)
    is_enabled: bool = Field(default=True)
    sort_order: int

    @classmethod
    def available(cls, session: Session, number: int) -> "Channel":
        """The enabled channel with this id. Raises CHANNEL_UNAVAILABLE."""
        found = session.exec(select(cls).where(cls.id == number, col(cls.is_enabled))).first()
        if found is None:
            raise Problem("CHANNEL_UNAVAILABLE")
        return found

    @classmethod
    def currencies_of(cls, session: Session, method: PaymentMethod) -> set[str]:
        """Codes of the currencies that any enabled channel of a method takes."""
        enabled = select(cls.currencies).where(cls.method == method, col(cls.is_enabled))
        return {code for currencies in session.exec(enabled) for code in currencies}
