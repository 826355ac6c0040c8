"""Trading servers that a broker has."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, LargeBinary, UniqueConstraint
from sqlmodel import Field, Session, col, select

from models.boundaries import InTenant
from models.columns import Number, moment, row_id, word
from models.locking import fresh


class Platform(StrEnum):
    """What a trading server runs."""

    MT4 = "MT4"
    MT5 = "MT5"


class TradingServer(InTenant, table=True):
    """A server by the name that clients log in to. `address` is that of its bridge, whose token is
    sealed; without an address it is one of the simulator's inside wlink. Accounts are read anew
    from the server one page after the other: `refreshed_to` is the last one's id, and when the
    round is through, the next begins at `refresh_at`; a new server is due at once.
    """

    __tablename__ = "trading_server"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    id: int = row_id()
    name: str = Field(max_length=64)
    platform: Platform = word(Platform)
    is_demo: bool
    address: str = Field(default="", max_length=2008)
    token: bytes = Field(default=b"", sa_type=LargeBinary)
    is_enabled: bool = Field(default=True)
    refresh_at: datetime | None = moment(optional=True)
    refreshed_to: int = Field(default=0, sa_type=Number)
    created_at: datetime = moment()
    updated_at: datetime = moment()

    @property
    def server_type(self) -> str:
        """MT4-Live, say."""
        return f"{self.platform}-{'Demo' if self.is_demo else 'Live'}"

    @classmethod
    def present(cls, session: Session, number: int) -> "TradingServer":
        """A server that is known to be there."""
        return session.exec(select(cls).where(cls.id == number)).one()

    @classmethod
    def locked(cls, session: Session, number: int) -> "TradingServer":
        """The same, which nobody else changes meanwhile."""
        return session.exec(fresh(select(cls).where(cls.id == number))).one()

    @classmethod
    def has_enabled(cls, session: Session, platform: Platform, *, is_demo: bool) -> bool:
        """Whether there is one of a kind in use."""
        found = select(cls.id).where(
            cls.platform == platform, col(cls.is_demo).is_(is_demo), col(cls.is_enabled)
        )
        return session.exec(found.limit(1)).first() is not None

    @classmethod
    def platforms(cls, session: Session) -> list[Platform]:
        """Those that the broker has a server in use for."""
        found = session.exec(select(cls.platform).where(col(cls.is_enabled)).distinct())
        return sorted(map(Platform, found))

    @classmethod
    def is_any_due(cls, session: Session, now: datetime) -> bool:
        """Whether it is worth to ask for one; a look that keeps nobody from writing."""
        due = select(cls.id).where(*cls._due(now))
        return session.exec(due.limit(1)).first() is not None

    @classmethod
    def _due(cls, now: datetime) -> tuple[ColumnElement[bool], ...]:
        at = col(cls.refresh_at)
        return col(cls.is_enabled).is_(True), at.is_(None) | (at <= now)

    @classmethod
    def due(cls, session: Session, now: datetime, lease: timedelta) -> "TradingServer | None":
        """One whose accounts are to be read anew, for whoever comes first: the others find it due
        no earlier than after the lease.
        """
        due = select(cls).where(*cls._due(now))
        server = session.exec(
            due.order_by(col(cls.refresh_at)).limit(1).with_for_update(skip_locked=True)
        ).first()
        if server:
            server.refresh_at = now + lease
        return server

    def refreshed(self, reached: int, now: datetime, every: timedelta) -> None:
        """Up to an account; where that is the last one, the next round begins after a while."""
        self.refreshed_to = reached
        self.refresh_at = now if reached else now + every
