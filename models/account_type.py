"""Kinds of trading accounts that a broker offers."""

from datetime import datetime

from sqlalchemy import JSON, ColumnElement
from sqlmodel import Field, Session, and_, col, select

from contract.problems import Problem
from models.boundaries import InTenant
from models.columns import moment, reference, row_id
from models.global_leverage import GlobalLeverage
from models.trading_server import Platform, TradingServer


class AccountType(InTenant, table=True):
    """Where an account of this type is opened, and with what. `group_name` is the server's own
    group; `starting_balance` (whole units of the currency) is what a demo account begins with;
    `most_per_user` are the accounts that a client may have of it.
    """

    __tablename__ = "account_type"

    id: int = row_id()
    name: str = Field(max_length=64)
    server_id: int = reference("trading_server.id")
    group_name: str = Field(max_length=64)
    currency: str = Field(default="USD", max_length=20)
    leverages: list[int] = Field(sa_type=JSON)
    starting_balance: int = Field(default=0)
    most_per_user: int = Field(default=5)
    is_enabled: bool = Field(default=True)
    sort_order: int = Field(default=0)
    created_at: datetime = moment()
    updated_at: datetime = moment()

    @classmethod
    def offered(cls, session: Session, platform: Platform, *, is_demo: bool) -> "list[AccountType]":
        """Those that can be opened, in display order."""
        found = select(cls).join(TradingServer, cls._on_server(platform, is_demo=is_demo))
        order = (col(cls.sort_order), col(cls.id))
        return list(session.exec(found.where(col(cls.is_enabled)).order_by(*order)))

    @classmethod
    def require_offered(
        cls, session: Session, number: int, platform: Platform, *, is_demo: bool
    ) -> "AccountType":
        """Raises Problem PLATFORM_UNAVAILABLE or ACCOUNT_TYPE_UNAVAILABLE."""
        if not TradingServer.has_enabled(session, platform, is_demo=is_demo):
            raise Problem("PLATFORM_UNAVAILABLE")
        for offered in cls.offered(session, platform, is_demo=is_demo):
            if offered.id == number:
                return offered
        raise Problem("ACCOUNT_TYPE_UNAVAILABLE")

    @classmethod
    def present(cls, session: Session, number: int) -> "AccountType":
        """A type that is known to be there."""
        return session.exec(select(cls).where(cls.id == number)).one()

    def leverage_options(self, session: Session) -> list[GlobalLeverage]:
        """Those of the broker's leverages that this type allows, in ascending order."""
        return [each for each in GlobalLeverage.enabled(session) if each.value in self.leverages]

    def require_leverage(self, session: Session, leverage: int) -> None:
        """Raises Problem LEVERAGE_NOT_ALLOWED."""
        if leverage not in {each.value for each in self.leverage_options(session)}:
            raise Problem("LEVERAGE_NOT_ALLOWED")

    @classmethod
    def _on_server(cls, platform: Platform, *, is_demo: bool) -> ColumnElement[bool]:
        return and_(
            TradingServer.id == cls.server_id,
            TradingServer.platform == platform,
            col(TradingServer.is_demo).is_(is_demo),
            col(TradingServer.is_enabled),
        )
