"""What follows when somebody has asked for a new password (wlink 5)."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from gateways.outbox import Outbox
from handlers.letters import post_letter
from models.reset_token import LIFE, ResetToken
from models.tenant import Portal
from models.user import User, UserStatus


def mail_reset_link(
    session: Session, asked: Mapping[str, str], outbox: Outbox, now: datetime
) -> None:
    """Mails a link if the address belongs to an enabled user of the portal; else does nothing."""
    user = User.by_email(session, Portal(asked["portal"]), asked["email"])
    if user is None or user.status is UserStatus.DISABLED:
        return
    link = f"{asked['address']}/reset-password?token={ResetToken.issue(session, user.id, now)}"
    post_letter(
        outbox, session, "password_reset", user.email, asked["language"], now, LIFE, link=link
    )
