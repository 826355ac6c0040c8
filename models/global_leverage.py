"""The leverages that a broker has at all; account types choose from them."""

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, col, select

from models.boundaries import InTenant
from models.columns import row_id


class GlobalLeverage(InTenant, table=True):
    """A leverage: 100 stands for 1:100."""

    __tablename__ = "global_leverage"
    __table_args__ = (UniqueConstraint("tenant_id", "value"),)

    id: int = row_id()
    value: int
    is_enabled: bool = Field(default=True)

    @classmethod
    def enabled(cls, session: Session) -> "list[GlobalLeverage]":
        """In ascending order."""
        return list(session.exec(select(cls).where(col(cls.is_enabled)).order_by(col(cls.value))))
