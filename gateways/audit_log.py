"""The audit log: a chain in which every entry is sealed together with the one before. Whoever may
write to the database, but does not have the server's secret, can neither change, remove nor slip in
an entry unseen.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import event
from sqlmodel import Session, col, select

from gateways.secret_box import SecretBox
from models.audit_entry import AuditEntry, AuditHead, Deed
from models.boundaries import BoundSession
from models.upsert import locked

Json = Any

_PURPOSE = "audit"
_PENDING = "audit entries to be sealed"
_CHUNK = 1000


@dataclass(frozen=True)
class AuditLog:
    """Writes and checks the chains of all tenants."""

    box: SecretBox

    def record(
        self,
        session: Session,
        deed: Deed,
        subject: str = "",
        before: Json = None,
        after: Json = None,
        *,
        actor_id: int | None,
        address: str,
        at: datetime,
        tenant_id: int | None = None,
    ) -> None:
        """An entry with these fields joins the chain of the session's tenant, or of the one that is
        told, as the last thing before the transaction is committed: so the tenant's others wait for
        this one as shortly as can be, and never the other way round.
        """
        head_of = {} if tenant_id is None else {"tenant_id": tenant_id}
        done: dict[str, Json] = {"actor_id": actor_id, "address": address, "at": at}
        done |= {"deed": deed, "subject": subject, "before": before, "after": after}
        session.info.setdefault(_PENDING, []).append((self, head_of, done))

    def append(self, session: Session, head_of: dict[str, int], done: dict[str, Json]) -> None:
        """Makes an entry the last link of a chain."""
        head = locked(session, AuditHead, head_of, number=0, seal="")
        entry = AuditEntry(tenant_id=head.tenant_id, number=head.number + 1, seal="", **done)
        entry.seal = self._seal(entry, head.seal)
        head.number, head.seal = entry.number, entry.seal
        session.add(entry)

    def faults(self, session: Session) -> Iterator[str]:
        """What is wrong with the chain of the session's tenant; nothing if all is well."""
        number, seal = 0, ""
        for entry in self._entries(session):
            if entry.number != number + 1:
                yield f"{_span(number + 1, entry.number - 1)} missing"
            elif entry.seal != self._seal(entry, seal):
                yield f"entry {entry.number} was changed"
            number, seal = entry.number, entry.seal
        head = session.exec(select(AuditHead)).first() or AuditHead()
        if head.number > number:
            yield f"{_span(number + 1, head.number)} missing"
        elif (head.number, head.seal) != (number, seal):
            yield f"the last entry should be {head.number}, with another seal"

    def _entries(self, session: Session) -> Iterator[AuditEntry]:
        """In parts: a log may be longer than the memory."""
        chain = select(AuditEntry).order_by(col(AuditEntry.number)).limit(_CHUNK)
        part = session.exec(chain).all()
        while part:
            yield from part
            session.expunge_all()
            part = session.exec(chain.where(AuditEntry.number > part[-1].number)).all()

    def _seal(self, entry: AuditEntry, before: str) -> str:
        content = entry.model_dump(exclude={"id", "seal"})
        moment = content.pop("at").isoformat()
        text = orjson.dumps({**content, "at": moment}, option=orjson.OPT_SORT_KEYS).decode()
        return self.box.signature(_PURPOSE, before, text)


def _span(first: int, last: int) -> str:
    return f"entry {first} is" if first == last else f"entries {first} to {last} are"


def _seal_pending(session: Session) -> None:
    for log, head_of, done in session.info.pop(_PENDING, []):
        log.append(session, head_of, done)


event.listen(BoundSession, "before_commit", _seal_pending)
