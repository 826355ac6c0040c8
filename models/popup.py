"""What is put in front of somebody who enters a portal."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Session, col, select

from models.boundaries import OfUser
from models.columns import moment, reference, row_id
from models.published import Published
from models.texts import Texts, texts
from models.upsert import inserted


class Popup(Published, table=True):
    """A text as cleaned HTML. Who may close it may also say that he does not want to see it
    again.
    """

    id: int = row_id()
    title: Texts = texts()
    content: Texts = texts()
    allow_close: bool


class PopupDismissal(OfUser, table=True):
    """A user does not want to see a popup again."""

    __tablename__ = "popup_dismissal"
    __table_args__ = (UniqueConstraint("user_id", "popup_id"),)

    id: int = row_id()
    popup_id: int = reference("popup.id")
    dismissed_at: datetime = moment()

    @classmethod
    def dismissed(cls, session: Session, user_id: int) -> set[int]:
        """Ids of the popups that a user has dismissed."""
        return set(session.exec(select(cls.popup_id).where(col(cls.user_id) == user_id)))

    @classmethod
    def dismiss(
        cls, session: Session, user_id: int, popup_ids: Iterable[int], now: datetime
    ) -> None:
        """Notes it for each of them, unless it is noted already."""
        for popup_id in popup_ids:
            key = {"user_id": user_id, "popup_id": popup_id}
            inserted(session, cls, key, dismissed_at=now)
