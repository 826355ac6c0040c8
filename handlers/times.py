"""Moments as the API shows them, and periods as it is asked for them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped

from contract.problems import Problem, Violation

_LENGTH = len("2026-01-15 17:02:58")


def tenant_time(moment: datetime, zone: str) -> str:
    """In the broker's time zone: 2026-01-15 17:02:58."""
    return moment.astimezone(ZoneInfo(zone)).isoformat(" ", "seconds")[:_LENGTH]


@dataclass(frozen=True)
class Period:
    """From `start` on, and before `until`; without one of them it is open there."""

    start: datetime | None
    until: datetime | None

    def conditions(self, moment: Mapped[datetime]) -> list[ColumnElement[bool]]:
        """That a column lies in it."""
        after = [] if self.start is None else [moment >= self.start]
        before = [] if self.until is None else [moment < self.until]
        return after + before


def within(start_time: str, end_time: str, zone: str) -> Period:
    """From one moment in the broker's time zone to another, the whole second included; an empty one
    leaves it open. Raises Problem DATE_RANGE_INVALID.
    """
    if start_time and end_time and start_time > end_time:
        raise Problem("DATE_RANGE_INVALID", errors=[Violation("/query/start_time", "range")])
    return Period(
        start=min(_readings(start_time, zone)) if start_time else None,
        until=max(_readings(end_time, zone)) + timedelta(seconds=1) if end_time else None,
    )


def _readings(time: str, zone: str) -> list[datetime]:
    """When clocks are set back, they show the same time twice: a period has both."""
    local = datetime.fromisoformat(time).replace(tzinfo=ZoneInfo(zone))
    return [local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
