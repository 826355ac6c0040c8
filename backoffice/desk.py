"""An operator at work."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import select

from gateways.audit_log import AuditLog
from models.audit_entry import Deed
from models.boundaries import BoundSession
from models.tenant import Tenant

Json = Any


@dataclass(frozen=True)
class Desk:
    """One transaction of an operator's, for one tenant; everything is written down in his name.
    Without an `actor_id` he works at the console, where he is known as `address`.
    """

    session: BoundSession
    audit: AuditLog
    now: datetime
    address: str
    actor_id: int | None = None

    def note(self, deed: Deed, subject: str, before: Json = None, after: Json = None) -> None:
        """Writes down what was done. Before and after are plain JSON."""
        self.audit.record(
            *(self.session, deed, subject, before, after),
            actor_id=self.actor_id,
            address=self.address,
            at=self.now,
        )

    def tenant(self) -> Tenant:
        """The broker whom the operator works for."""
        if self.session.boundary is None:
            raise ValueError("a session for all tenants is nobody's desk")
        own = select(Tenant).where(Tenant.id == self.session.boundary.tenant_id)
        return self.session.exec(own).one()
