"""Captcha tickets that the embedded captcha has seen."""

from datetime import datetime

from sqlmodel import Field

from models.boundaries import InTenant
from models.columns import moment, row_id


class UsedTicket(InTenant, table=True):
    """A ticket is good once: only its hash is kept."""

    __tablename__ = "used_ticket"

    id: int = row_id()
    ticket_hash: str = Field(max_length=64, unique=True)
    used_at: datetime = moment()
