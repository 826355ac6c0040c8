"""What a tenant lets its clients do with trading accounts."""

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, select

from models.boundaries import InTenant
from models.columns import row_id


class TradingSetting(InTenant, table=True):
    """One row per tenant. What a demo account may be given at once, and in all, is in whole units
    of its currency. `opens_at_once` and `changes_leverage_at_once` spare live accounts the
    operator.
    """

    __tablename__ = "trading_setting"
    __table_args__ = (UniqueConstraint("tenant_id"),)

    id: int = row_id()
    has_demo: bool = Field(default=True)
    most_demo_accounts: int = Field(default=5)
    most_demo_deposit: int = Field(default=10_000)
    most_demo_deposits: int = Field(default=100_000)
    opens_at_once: bool = Field(default=False)
    changes_leverage_at_once: bool = Field(default=False)

    @classmethod
    def of_tenant(cls, session: Session) -> "TradingSetting":
        """The setting of the session's tenant."""
        return session.exec(select(cls)).one()
