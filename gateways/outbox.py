"""The way out: what a transaction wants done outside, once it is committed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import orjson
from sqlmodel import Session

from gateways.secret_box import SecretBox
from models.outbox_entry import OutboxEntry

_PURPOSE = "outbox"
_LIFE = timedelta(days=1)


@dataclass(frozen=True)
class Outbox:
    """Writes entries into the session's own transaction, sealed."""

    box: SecretBox

    def add(
        self,
        session: Session,
        kind: str,
        content: Mapping[str, str],
        now: datetime,
        life: timedelta = _LIFE,
    ) -> str:
        """One effect, to be done within its life or not at all. Returns the entry's key."""
        entry = OutboxEntry(
            kind=kind,
            key=uuid4().hex,
            content=self.box.sealed(_PURPOSE, orjson.dumps(content)),
            created_at=now,
            due_at=now,
            expires_at=now + life,
        )
        session.add(entry)
        return entry.key

    def content(self, entry: OutboxEntry) -> dict[str, str]:
        """What an entry says."""
        content: dict[str, str] = orjson.loads(self.box.opened(_PURPOSE, entry.content))
        return content
