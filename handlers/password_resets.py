"""What follows when somebody has asked for a new password (wlink 5)."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from gateways.letters import post_letter
from gateways.outbox import Outbox
from models.rate_counter import Limit, RateCounter
from models.reset_token import LIFE, ResetToken
from models.tenant import Portal
from models.user import User, UserStatus

_MAILS = Limit(5, 3600)


def mail_reset_link(
    session: Session, asked: Mapping[str, str], outbox: Outbox, now: datetime
) -> None:
    """Mails a link if the address belongs to an enabled user of the portal, and he has not got many
    lately; else does nothing. The last link stays good: a stranger who asks cannot keep him out.
    """
    user = User.by_email(session, Portal(asked["portal"]), asked["email"])
    if user is None or user.status is UserStatus.DISABLED:
        return
    User.locked(session, user.id)  # two at once would leave two links
    if RateCounter.wait(session, "reset mails", f"user {user.id}", _MAILS, now):
        return
    link = f"{asked['address']}/reset-password?token={ResetToken.issue(session, user.id, now)}"
    post_letter(
        outbox, session, "password_reset", user.email, asked["language"], now, LIFE, link=link
    )
