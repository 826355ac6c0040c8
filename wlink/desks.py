"""Operators at the console: whose desk it is, and what is told of what they did."""

import getpass
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError
from sqlmodel import Session, select

from backoffice.desk import Desk
from contract.errors import RefusedError
from models.boundaries import Boundary, BoundSession
from models.tenant import Portal, Tenant
from models.user import User
from wlink.readiness import ready
from wlink.services import Services

Result = TypeVar("Result")


@dataclass(frozen=True)
class Console:
    """For which broker an operator works, by its code, and which operator he is, by his address.
    Without a code it is the only broker that there is; without an address, whoever is logged in at
    the machine.
    """

    tenant: str = ""
    operator: str = ""

    def at_desk(self, work: Callable[[Desk, Services], Result]) -> Result:
        """Does it in one transaction. Raises RefusedError."""
        with ready() as parts:
            boundary = self.boundary(parts)
            actor_id = parts.database.read(boundary, self._actor_id) if self.operator else None

            def at_work(session: BoundSession) -> Result:
                desk = Desk(session, parts.audit, parts.clock(), whoever(), actor_id)
                return work(desk, parts)

            return checked(lambda: parts.database.write(boundary, at_work))

    def boundary(self, parts: Services) -> Boundary:
        """Of the broker. Raises RefusedError."""
        return Boundary(parts.database.read(None, self._tenant).id)

    def _tenant(self, session: Session) -> Tenant:
        found = session.exec(select(Tenant).order_by(Tenant.code)).all()
        if not self.tenant and len(found) == 1:
            return found[0]
        chosen = [tenant for tenant in found if tenant.code == self.tenant]
        if not chosen:
            codes = ", ".join(tenant.code for tenant in found) or "none yet"
            raise RefusedError(f"which broker? --tenant CODE, one of: {codes}")
        return chosen[0]

    def _actor_id(self, session: Session) -> int:
        operator = User.by_email(session, Portal.BROKER, self.operator)
        if operator is None or not operator.may_log_in:
            raise RefusedError("--as needs the address of an enabled operator of this broker")
        return operator.id


def whoever() -> str:
    """Who is logged in at the machine; in a container that may be somebody without a name."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = f"uid {os.getuid()}"
    return f"console {name}"[:45]


def checked(work: Callable[[], Result]) -> Result:
    """What `work` returns. Raises RefusedError for a form that is not filled in as it should be."""
    try:
        return work()
    except ValidationError as error:
        raise RefusedError(_told(error)) from None


def _told(error: ValidationError) -> str:
    """Every field that is wrong, without what stands there."""
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(
        f"{'.'.join(map(str, fault['loc'])) or 'the form'}: {fault['msg']}" for fault in faults
    )
