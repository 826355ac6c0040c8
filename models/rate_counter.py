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
        key = {"name": name, "caller": caller}
        row = locked(session, cls, key, times=0, since=now)
        end = row.since + timedelta(seconds=limit.seconds)
        if now >= end:
            row.times, row.since = 0, now
        elif row.times >= limit.times:
            wait = max(1, int((end - now).total_seconds()))
            raise Problem("RATE_LIMITED", headers={"Retry-After": str(wait)})
        row.times += 1
