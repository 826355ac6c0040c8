"""Moments as the API shows them."""

from datetime import datetime
from zoneinfo import ZoneInfo

_LENGTH = len("2026-01-15 17:02:58")


def tenant_time(moment: datetime, zone: str) -> str:
    """In the broker's time zone: 2026-01-15 17:02:58."""
    return moment.astimezone(ZoneInfo(zone)).isoformat(" ", "seconds")[:_LENGTH]
