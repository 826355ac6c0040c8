"""Wrong passwords, counted for addresses that have a user and for those that have none alike."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, UniqueConstraint, delete
from sqlmodel import Field, Session, col, select

from contract.problems import Problem
from models.boundaries import InTenant
from models.columns import moment, row_id, word
from models.tenant import Portal
from models.upsert import locked
from models.user import normal


class _Limit(NamedTuple):
    failures: int
    within: timedelta
    lock: timedelta


# From one place a few tries; from all places together too few to guess a password, and too many for
# a stranger to lock somebody out from one place. Who is locked out by many gets in again with a
# mailed link.
_AT_ONCE = _Limit(5, timedelta(minutes=5), timedelta(minutes=15))
_IN_A_DAY = _Limit(20, timedelta(days=1), timedelta(days=1))
_FROM_EVERYWHERE = _Limit(100, timedelta(days=1), timedelta(days=1))


def _counters(address: str) -> dict[str, _Limit]:
    """What a failure counts for, by what stands in the column `address`."""
    return {"": _FROM_EVERYWHERE, f"day {address}": _IN_A_DAY, address: _AT_ONCE}


class LoginFailure(InTenant, table=True):
    """Failed logins with one email address since `since`: from one network address at once or in a
    day, or, where that is empty, from everywhere.
    """

    __tablename__ = "login_failure"
    __table_args__ = (UniqueConstraint("tenant_id", "portal", "email", "address"),)

    id: int = row_id()
    portal: Portal = word(Portal)
    email: str = Field(max_length=254)
    address: str = Field(max_length=45)
    failures: int
    since: datetime = moment()
    locked_until: datetime | None = moment(optional=True)

    @classmethod
    def require_unlocked(
        cls, session: Session, portal: Portal, email: str, address: str, now: datetime
    ) -> None:
        """Raises Problem ACCOUNT_LOCKED with `retry_at` in Unix seconds."""
        found = select(cls).where(
            *_of(portal, email),
            col(cls.address).in_(_counters(address)),
            col(cls.locked_until) > now,
        )
        locks = [row.locked_until for row in session.exec(found) if row.locked_until]
        if locks:
            raise Problem("ACCOUNT_LOCKED", details={"retry_at": int(max(locks).timestamp())})

    @classmethod
    def count(
        cls, session: Session, portal: Portal, email: str, address: str, now: datetime
    ) -> None:
        """Counts a failure; at the limit the lock falls."""
        for place, limit in _counters(address).items():
            key = {"portal": portal, "email": normal(email), "address": place}
            row = locked(session, cls, key, failures=0, since=now)
            row.count_one(limit, now)

    def count_one(self, limit: _Limit, now: datetime) -> None:
        """Counts one more; what is older than the limit looks back is forgotten."""
        if now - self.since > limit.within:
            self.failures, self.since = 0, now
        self.failures += 1
        if self.failures >= limit.failures:
            self.failures, self.locked_until = 0, now + limit.lock

    @classmethod
    def forgive(cls, session: Session, portal: Portal, email: str, address: str) -> None:
        """After a login nothing is held against its place; somebody elsewhere may still guess."""
        here = col(cls.address).in_(_counters(address))
        session.execute(delete(cls).where(*_of(portal, email), here))

    @classmethod
    def forget(cls, session: Session, portal: Portal, email: str) -> None:
        """After a new password nothing is held against the address at all."""
        session.execute(delete(cls).where(*_of(portal, email)))


def _of(portal: Portal, email: str) -> tuple[ColumnElement[bool], ...]:
    return col(LoginFailure.portal) == portal, col(LoginFailure.email) == normal(email)
