"""Who has done what that matters."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field

from models.boundaries import InTenant
from models.columns import moment, reference, row_id, word


class Deed(StrEnum):
    """What is written down."""

    LOGGED_IN = "logged_in"
    PASSWORD_CHANGED = "password_changed"
    PASSWORD_RESET = "password_reset"


class AuditEntry(InTenant, table=True):
    """One deed of a user, and the network address that he came from."""

    __tablename__ = "audit_log"

    id: int = row_id()
    actor_id: int = reference("user.id")
    deed: Deed = word(Deed)
    address: str = Field(max_length=45)
    at: datetime = moment()
