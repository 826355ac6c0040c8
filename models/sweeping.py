"""What has served its time is thrown away: most of it anybody can make without logging in."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, not_
from sqlmodel import Session, SQLModel, col

from models.answered_request import KEPT_FOR, AnsweredRequest
from models.login_failure import LoginFailure
from models.login_session import LoginSession
from models.outbox_entry import EntryState, OutboxEntry
from models.rate_counter import RateCounter
from models.reset_token import ResetToken
from models.used_ticket import UsedTicket
from models.verification_code import VerificationCode

# Longer than any limit, lock or life looks back; a month for what somebody may ask about.
_SHORT = timedelta(days=2)
_LONG = timedelta(days=30)


def sweep(session: Session, now: datetime) -> None:
    """Removes what is long over, in every tenant that the session sees."""
    short, long = now - _SHORT, now - _LONG
    ended = col(OutboxEntry.state).in_((EntryState.DONE, EntryState.EXPIRED))
    over: dict[type[SQLModel], tuple[ColumnElement[bool], ...]] = {
        RateCounter: (col(RateCounter.since) < short,),
        LoginFailure: (col(LoginFailure.since) < short, not_(_is_locked(now))),
        VerificationCode: (col(VerificationCode.expires_at) < short,),
        UsedTicket: (col(UsedTicket.used_at) < short,),
        ResetToken: (col(ResetToken.expires_at) < long,),
        LoginSession: (col(LoginSession.expires_at) < long,),
        AnsweredRequest: (col(AnsweredRequest.answered_at) <= now - KEPT_FOR,),
        OutboxEntry: (ended, col(OutboxEntry.due_at) < long),
    }
    for table, conditions in over.items():
        session.execute(delete(table).where(*conditions))


def _is_locked(now: datetime) -> ColumnElement[bool]:
    until = col(LoginFailure.locked_until)
    return until.is_not(None) & (until > now)
