"""How often somebody has done something lately, counted for all processes together."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session

from contract.problems import Problem
from models.boundaries import InTenant
from models.columns import moment, row_id
from models.upsert import locked


class Limit(NamedTuple):
    """So many times in so many seconds."""

    times: int
    seconds: int


class RateCounter(InTenant, table=True):
    """Calls of `name` by one caller (a network address, a user, an email address) since `since`."""

    __tablename__ = "rate_counter"
    __table_args__ = (UniqueConstraint("tenant_id", "name", "caller"),)

    id: int = row_id()
    name: str = Field(max_length=100)
    caller: str = Field(max_length=254)
    times: int
    since: datetime = moment()

    @classmethod
    def count(cls, session: Session, name: str, caller: str, limit: Limit, now: datetime) -> None:
        """Counts one more. Raises Problem RATE_LIMITED, with the seconds to wait."""
        wait = cls.wait(session, name, caller, limit, now)
        if wait:
            raise Problem("RATE_LIMITED", headers={"Retry-After": str(wait)})

    @classmethod
    def wait(cls, session: Session, name: str, caller: str, limit: Limit, now: datetime) -> int:
        """Counts one more and returns 0, or says how many seconds it is too early for that."""
        row = locked(session, cls, {"name": name, "caller": caller}, times=0, since=now)
        period = timedelta(seconds=limit.seconds)
        end = row.since + period
        # Clocks differ a little; one that was set back must not keep anybody out for long.
        if not row.since - period < now < end:
            row.times, row.since = 0, now
        elif row.times >= limit.times:
            return max(1, int((end - now).total_seconds()))
        row.times += 1
        return 0
