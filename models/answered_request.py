"""Requests that their callers may repeat, and what they were answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import LargeBinary, delete, func, literal
from sqlmodel import Field, Session, col, select

from contract.problems import Problem
from models.boundaries import OfUser
from models.columns import Number, moment, row_id
from models.upsert import inserted

KEPT_FOR = timedelta(hours=72)


@dataclass(frozen=True)
class NamedRequest:
    """A request that its caller has named by an Idempotency-Key. `name_seal` stands for whose it
    is, which operation it asks for and the key; `content_seal` for what it says. It is served `at`
    that moment.
    """

    name_seal: str
    content_seal: str
    at: datetime


class AnsweredRequest(OfUser, table=True):
    """The answer that a named request got. Its row commits with its effect, or not at all. Both
    seals are keyed, so that neither key nor content can be guessed from them.
    """

    __tablename__ = "answered_request"

    id: int = row_id()
    name_seal: str = Field(max_length=64, unique=True)
    content_seal: str = Field(max_length=64)
    answer: bytes = Field(sa_type=LargeBinary)
    answered_at: datetime = moment()

    @classmethod
    def claim(cls, session: Session, request: NamedRequest) -> None:
        """Until the transaction ends nobody else answers the request. On PostgreSQL who comes
        meanwhile is told so at once, by a lock that goes with its connection: that of a process
        that was killed is free. SQLite has one writer at a time: who comes meanwhile has waited
        before he gets here, or was told OVERLOADED. Raises Problem IDEMPOTENCY_IN_PROGRESS.
        """
        if session.get_bind().dialect.name != "postgresql":
            return
        number = int.from_bytes(bytes.fromhex(request.name_seal)[:8], "big", signed=True)
        if not session.scalar(select(func.pg_try_advisory_xact_lock(literal(number, Number)))):
            raise _in_progress()

    @classmethod
    def answer_to(cls, session: Session, request: NamedRequest) -> bytes | None:
        """What the request was answered, if it was. Raises Problem IDEMPOTENCY_KEY_REUSED if
        something else was asked for under its name.
        """
        own = (cls.name_seal == request.name_seal, cls.answered_at > request.at - KEPT_FOR)
        kept = session.exec(select(cls).where(*own)).first()
        if kept is None:
            return None
        if kept.content_seal != request.content_seal:
            raise Problem("IDEMPOTENCY_KEY_REUSED")
        return kept.answer

    @classmethod
    def keep(cls, session: Session, request: NamedRequest, answer: bytes) -> None:
        """Keeps it in the place of one that is too old. Raises Problem IDEMPOTENCY_IN_PROGRESS if
        somebody else was faster: there is one answer to a request, whatever becomes of locks.
        """
        key = {"name_seal": request.name_seal}
        is_old = col(cls.answered_at) <= request.at - KEPT_FOR
        session.execute(delete(cls).where(col(cls.name_seal) == request.name_seal, is_old))
        said = {"content_seal": request.content_seal, "answer": answer, "answered_at": request.at}
        if not inserted(session, cls, key, **said):
            raise _in_progress()


def _in_progress() -> Problem:
    return Problem("IDEMPOTENCY_IN_PROGRESS", headers={"Retry-After": "1"})
