"""Messages of the broker to many of its users."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ColumnElement
from sqlmodel import Field, Session, col, select

from models.boundaries import InTenant
from models.columns import Number, moment, row_id, word
from models.permission import Role, holders
from models.texts import Texts, texts
from models.user import User


class Audience(StrEnum):
    """Whom a message is for: everybody in its portals, those among them who have a role, or those
    who are named.
    """

    ALL = "all"
    ROLE = "role"
    LIST = "list"


class Message(InTenant, table=True):
    """A text as cleaned HTML. It reaches its users in the order of their ids: up to `reached` all
    have it, after `last` nobody gets it, because nobody was there when it was sent.
    """

    id: int = row_id()
    title: Texts = texts()
    content: Texts = texts()
    audience: Audience = word(Audience)
    portals: list[str] = Field(sa_type=JSON)
    role_id: int | None = Field(default=None, foreign_key="role.id", sa_type=Number)
    named: list[int] = Field(default_factory=list, sa_type=JSON)
    sent_at: datetime = moment()
    reached: int = Field(default=0, sa_type=Number)
    last: int = Field(sa_type=Number)
    recipients: int = Field(default=0)
    delivered_at: datetime | None = moment(optional=True)

    def next_users(self, session: Session, at_most: int) -> list[int]:
        """Ids of the users who get it next, in ascending order."""
        ids = col(User.id)
        due = select(User.id).where(ids > self.reached, ids <= self.last, *self._chosen(session))
        return list(session.exec(due.order_by(ids).limit(at_most)))

    def _chosen(self, session: Session) -> list[ColumnElement[bool]]:
        chosen: list[ColumnElement[bool]] = [col(User.user_type).in_(self.portals)]
        if self.audience is Audience.LIST:
            chosen.append(col(User.id).in_(self.named))
        elif self.audience is Audience.ROLE:
            role = session.exec(select(Role).where(Role.id == self.role_id)).one()
            chosen.append(holders(role))
        return chosen

    def reach(self, user_ids: list[int]) -> None:
        """These have it now."""
        self.reached = user_ids[-1]
        self.recipients += len(user_ids)
