"""What operators publish in the portals."""

from datetime import datetime
from typing import Any, Self

from sqlalchemy import JSON, ColumnElement
from sqlmodel import Field, Session, col, select

from models.boundaries import InTenant
from models.columns import moment
from models.tenant import Portal


class Published(InTenant):
    """Content for some of the portals. Before `starts_at` and from `ends_at` on nobody sees it;
    without them it has always been there, and stays.
    """

    portals: list[str] = Field(sa_type=JSON)
    is_enabled: bool = Field(default=True)
    starts_at: datetime | None = moment(optional=True)
    ends_at: datetime | None = moment(optional=True)
    created_at: datetime = moment()
    updated_at: datetime = moment()

    @classmethod
    def shown(
        cls, session: Session, portal: Portal, now: datetime, *order: ColumnElement[Any]
    ) -> list[Self]:
        """What a portal shows at this moment, in an order."""
        found = session.exec(select(cls).where(*cls._present(now)).order_by(*order))
        return [each for each in found if portal in each.portals]

    @classmethod
    def _present(cls, now: datetime) -> tuple[ColumnElement[bool], ...]:
        start, end = col(cls.starts_at), col(cls.ends_at)
        return (
            col(cls.is_enabled).is_(True),
            start.is_(None) | (start <= now),
            end.is_(None) | (end > now),
        )
