"""What is to happen outside once a transaction is committed."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Index, LargeBinary, func
from sqlmodel import Field, Session, col, select

from models.boundaries import InTenant
from models.columns import moment, row_id, word
from models.locking import fresh


class EntryState(StrEnum):
    """Dead entries have failed for a day; expired ones would have come too late."""

    WAITING = "waiting"
    DONE = "done"
    DEAD = "dead"
    EXPIRED = "expired"


class OutboxEntry(InTenant, table=True):
    """One effect. `key` is unique, and the other side gets it, too: who is told twice can know it.
    `content` is sealed, and gone once the entry is through. Whoever has claimed an entry has until
    `claimed_until`; then others may try.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_waiting", "state", "due_at"),)

    id: int = row_id()
    kind: str = Field(max_length=32)
    key: str = Field(max_length=64, unique=True)
    content: bytes = Field(sa_type=LargeBinary)
    state: EntryState = word(EntryState, EntryState.WAITING)
    tries: int = Field(default=0)
    created_at: datetime = moment()
    due_at: datetime = moment()
    expires_at: datetime = moment()
    claimed_until: datetime | None = moment(optional=True)
    fault: str = Field(default="", max_length=200)

    @classmethod
    def is_any_due(cls, session: Session, now: datetime) -> bool:
        """Whether it is worth to claim; a look that keeps nobody from writing."""
        due = select(cls.id).where(cls.state == EntryState.WAITING, cls.due_at <= now, _free(now))
        return session.exec(due.limit(1)).first() is not None

    @classmethod
    def claim(cls, session: Session, now: datetime, lease: timedelta) -> "OutboxEntry | None":
        """The entry that is due first and nobody else's; each claim counts as a try. One at a
        time: so the lease is for one effect, however long the others take.
        """
        due = (
            select(cls)
            .where(cls.state == EntryState.WAITING, cls.due_at <= now, _free(now))
            .order_by(col(cls.due_at), col(cls.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        entry = session.exec(due).first()
        if entry:
            entry.claimed_until, entry.tries = now + lease, entry.tries + 1
        return entry

    @classmethod
    def depth(cls, session: Session, now: datetime) -> dict[str, tuple[int, float]]:
        """Of what waits and what is dead, but for what is to be done later: how many, and the age
        of the oldest in seconds.
        """
        open_states = (EntryState.WAITING, EntryState.DEAD)
        figures = (
            select(cls.state, func.count(), func.min(cls.created_at))
            .where(col(cls.state).in_(open_states), col(cls.created_at) <= now)
            .group_by(cls.state)
        )
        return {
            str(state): (count, (now - oldest).total_seconds())
            for state, count, oldest in session.exec(figures)
        }

    @classmethod
    def dead(cls, session: Session) -> "list[OutboxEntry]":
        """Those that have failed for good, the newest first."""
        failed = select(cls).where(cls.state == EntryState.DEAD)
        return list(session.exec(failed.order_by(col(cls.id).desc())))

    @classmethod
    def mine(cls, session: Session, claimed: "OutboxEntry") -> "OutboxEntry | None":
        """The entry, if whoever has claimed it still may say what becomes of it."""
        own = (cls.id == claimed.id, cls.claimed_until == claimed.claimed_until)
        return session.exec(fresh(select(cls).where(*own))).first()

    @classmethod
    def hurry(cls, session: Session, key: str, now: datetime) -> None:
        """What an entry has waited for has come about: it is due."""
        for entry in session.exec(fresh(select(cls).where(cls.key == key, cls.due_at > now))):
            entry.due_at = now

    def end(self, state: EntryState) -> None:
        """There is nothing more to do; what it said is forgotten."""
        self.state, self.content, self.claimed_until = state, b"", None

    def put_off(self, due_at: datetime, fault: str) -> None:
        """It has failed and is tried again."""
        self.due_at, self.fault, self.claimed_until = due_at, fault, None


def _free(now: datetime) -> ColumnElement[bool]:
    """Claimed by nobody, or by somebody who has not finished in time."""
    until = col(OutboxEntry.claimed_until)
    return until.is_(None) | (until <= now)
