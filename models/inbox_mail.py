"""Mails that are kept instead of sent, on a server that has no mail server."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlmodel import Field, Session, col, select

from models.boundaries import InTenant
from models.columns import moment, row_id


class InboxMail(InTenant, table=True):
    """A mail as it would have been sent; its text is sealed, since it may hold a code."""

    __tablename__ = "inbox_mail"

    id: int = row_id()
    key: str = Field(max_length=64, unique=True)
    sent_at: datetime = moment()
    recipient: str = Field(max_length=254)
    subject: str = Field(max_length=200)
    text: bytes = Field(sa_type=LargeBinary)

    @classmethod
    def newest(cls, session: Session, at_most: int) -> "list[InboxMail]":
        """The last mails, the newest first."""
        return list(session.exec(select(cls).order_by(col(cls.id).desc()).limit(at_most)))
