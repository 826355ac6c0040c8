"""What is the same for every answer of one mock: seed, clock, languages of people."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from mock.draw import Draw

TENANT_ZONE = ZoneInfo("Asia/Shanghai")
DEFAULT_SEED = 20260115
DEFAULT_NOW = datetime(2026, 1, 15, 9, 0, 0, tzinfo=UTC)
DEFAULT_LOCALES = ("zh_CN", "zh_TW", "en_US")
# Far enough from the ends of the calendar for people's birthdays and the years that times may have.
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LATEST = datetime(2099, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """Two worlds with the same fields give the same answers, in every process."""

    seed: int = DEFAULT_SEED
    now: datetime = DEFAULT_NOW
    locales: tuple[str, ...] = DEFAULT_LOCALES

    def draw(self, *key: str) -> Draw:
        """Draws for a thing of this world."""
        return Draw(self.seed, key)
