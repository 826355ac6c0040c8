"""The block-chain networks over which a crypto currency is paid."""

from typing import Annotated

from pydantic import StringConstraints, TypeAdapter
from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, col, select

from models.boundaries import InTenant
from models.columns import row_id

TETHER = "USDT"


class CryptoNetwork(InTenant, table=True):
    """One network, and what addresses on it look like: see `addresses`."""

    __tablename__ = "crypto_network"
    __table_args__ = (UniqueConstraint("tenant_id", "currency", "name"),)

    id: int = row_id()
    currency: str = Field(default=TETHER, max_length=20)
    name: str = Field(max_length=32)
    address_pattern: str = Field(max_length=200)
    is_enabled: bool = Field(default=True)
    sort_order: int = Field(default=0)

    @classmethod
    def enabled(cls, session: Session, currency: str) -> "list[CryptoNetwork]":
        """Those of a currency in display order."""
        shown = select(cls).where(cls.currency == currency, col(cls.is_enabled))
        return list(session.exec(shown.order_by(col(cls.sort_order), col(cls.id))))


def addresses(pattern: str) -> TypeAdapter[str]:
    """Takes whole addresses of a pattern. What is asked comes from strangers: so it is matched in
    time that grows with the address and no faster, which look-arounds and back-references would not
    allow. Raises pydantic_core.SchemaError for what is no such pattern.
    """
    # By itself first, or a)|(b would be one, too, and would match more than whole addresses.
    for whole in (pattern, f"^(?:{pattern})$"):
        taken = TypeAdapter[str](Annotated[str, StringConstraints(pattern=whole)])
    return taken
