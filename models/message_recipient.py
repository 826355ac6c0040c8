"""The messages of a user: which he has, has read, has hidden."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Index, UniqueConstraint, bindparam, text, update
from sqlmodel import Field, Session, col, select

from contract.problems import Problem
from models.boundaries import OfUser
from models.columns import moment, reference, row_id
from models.locking import fresh
from models.message import Message
from models.reading import Query, Reading
from models.texts import Texts

_NOT_HIDDEN = text("hidden_at IS NULL")


class ShownMessage(NamedTuple):
    """A message in a user's list."""

    number: int
    sent_at: datetime
    title: Texts
    read_at: datetime | None


class MessageBox(OfUser, table=True):
    """How many messages a user has that are not hidden, and how many of them are unread: counted
    when they come, not when somebody asks. Every user has one from the start.
    """

    __tablename__ = "message_box"
    __table_args__ = (UniqueConstraint("user_id"),)

    id: int = row_id()
    total: int = Field(default=0)
    unread: int = Field(default=0)

    @classmethod
    def counts(cls, reading: Reading, user_id: int) -> tuple[int, int]:
        """How many messages a user has, and how many of them are unread."""
        ((total, unread),) = reading.rows(_COUNTS, user_id=user_id)
        return total, unread

    @classmethod
    def add(cls, session: Session, user_ids: list[int]) -> None:
        """One more, unread, for each user. They are locked in the order of their ids: so that two
        messages to the same users do not wait for each other.
        """
        boxes = fresh(select(cls.id).where(col(cls.user_id).in_(user_ids)).order_by("user_id"))
        ids = session.exec(boxes).all()
        more = {"total": cls.total + 1, "unread": cls.unread + 1}
        session.execute(update(cls).where(col(cls.id).in_(ids)).values(more))

    @classmethod
    def remove(cls, session: Session, user_id: int, *, total: int, unread: int) -> None:
        """So many fewer."""
        fewer = {"total": cls.total - total, "unread": cls.unread - unread}
        session.execute(update(cls).where(col(cls.user_id) == user_id).values(fewer))


class MessageRecipient(OfUser, table=True):
    """A user has a message. What is hidden stays hidden."""

    __tablename__ = "message_recipient"
    __table_args__ = (
        UniqueConstraint("user_id", "message_id"),
        # Those that are hidden are no longer in the way of a list.
        Index(
            "ix_message_recipient_shown",
            *("user_id", "message_id"),
            sqlite_where=_NOT_HIDDEN,
            postgresql_where=_NOT_HIDDEN,
        ),
    )

    id: int = row_id()
    user_id: int = reference("user.id", index=False)
    message_id: int = reference("message.id")
    read_at: datetime | None = moment(optional=True)
    hidden_at: datetime | None = moment(optional=True)

    @classmethod
    def deliver(cls, session: Session, message_id: int, user_ids: list[int]) -> None:
        """Gives the message to these users, who do not have it yet."""
        session.add_all(cls(user_id=user_id, message_id=message_id) for user_id in user_ids)
        session.flush()
        MessageBox.add(session, user_ids)

    @classmethod
    def page(cls, reading: Reading, user_id: int, page: int, size: int) -> "list[ShownMessage]":
        """A user's messages that are not hidden, the newest first."""
        asked = {"user_id": user_id, "size": size, "before": (page - 1) * size}
        return [ShownMessage(*row) for row in reading.rows(_PAGE, **asked)]

    @classmethod
    def message(cls, session: Session, user_id: int, message_id: int) -> Message:
        """A message of the user's that is not hidden. Raises Problem NOT_FOUND."""
        own = (
            select(Message)
            .join(cls, col(cls.message_id) == Message.id)
            .where(cls.user_id == user_id, Message.id == message_id, col(cls.hidden_at).is_(None))
        )
        found = session.exec(own).first()
        if found is None:
            raise Problem("NOT_FOUND")
        return found

    @classmethod
    def locked(cls, session: Session, user_id: int, message_id: int) -> "MessageRecipient":
        """The user's own, hidden or not, which nobody else changes until this transaction ends.
        Raises Problem NOT_FOUND.
        """
        own = select(cls).where(cls.user_id == user_id, cls.message_id == message_id)
        found = session.exec(fresh(own)).first()
        if found is None:
            raise Problem("NOT_FOUND")
        return found

    def read(self, session: Session, now: datetime) -> None:
        """He has read it. Raises Problem NOT_FOUND if it is hidden."""
        if self.hidden_at is not None:
            raise Problem("NOT_FOUND")
        if self.read_at is None:
            self.read_at = now
            MessageBox.remove(session, self.user_id, total=0, unread=1)

    def hide(self, session: Session, now: datetime) -> None:
        """He does not want to see it any more, once and for all."""
        if self.hidden_at is None:
            self.hidden_at = now
            unread = int(self.read_at is None)
            MessageBox.remove(session, self.user_id, total=1, unread=unread)


_COUNTS = Query(
    sa.select(col(MessageBox.total), col(MessageBox.unread)).where(
        col(MessageBox.user_id) == bindparam("user_id")
    )
)
_PAGE = Query(
    sa.select(
        *(col(MessageRecipient.message_id), col(Message.sent_at), col(Message.title)),
        col(MessageRecipient.read_at),
    )
    .join(Message, col(Message.id) == MessageRecipient.message_id)
    .where(
        col(MessageRecipient.user_id) == bindparam("user_id"),
        col(MessageRecipient.hidden_at).is_(None),
    )
    .order_by(col(MessageRecipient.message_id).desc())
    .offset(bindparam("before"))
    .limit(bindparam("size"))
)
