"""Sending a message to many users."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import Field
from sqlmodel import Session, col, func, select

from backoffice.desk import Desk
from backoffice.fields import Form, LanguageTag, LongHtml, Portals, Title
from backoffice.languages import require_languages
from contract.errors import RefusedError
from gateways.outbox import Outbox
from models.audit_entry import Deed
from models.locking import fresh
from models.message import Audience, Message
from models.message_recipient import MessageRecipient
from models.permission import Role
from models.tenant import Portal
from models.user import User, normal

BATCH = 1000
MOST_NAMED = 10_000
KIND = "message"
# Longer than any worker is away.
_LIFE = timedelta(days=365)


class MessageForm(Form):
    """A message by language, and whom it is for: all of the portals, those of them who have a role,
    or those whose addresses are told.
    """

    title: dict[LanguageTag, Title]
    content: dict[LanguageTag, LongHtml]
    portals: Portals = Field(default=[Portal.CLIENT, Portal.IB])
    role: str = ""
    users: list[str] = Field(default=[], max_length=MOST_NAMED)

    @property
    def audience(self) -> Audience:
        """Which of the three it is."""
        if self.users:
            return Audience.LIST
        return Audience.ROLE if self.role else Audience.ALL


def send(desk: Desk, outbox: Outbox, form: MessageForm) -> int:
    """Sends a message to those who are users by now; the worker brings it to them. Returns its id.
    Raises RefusedError.
    """
    if form.users and form.role:
        raise RefusedError("a message goes to a role or to a list of users, not to both")
    require_languages(desk, {"title": form.title, "content": form.content})
    last = desk.session.exec(select(func.max(User.id))).one() or 0
    message = Message(
        title=form.title,
        content=form.content,
        audience=form.audience,
        portals=list[str](form.portals),
        role_id=_role_id(desk, form) if form.role else None,
        named=_user_ids(desk, form),
        sent_at=desk.now,
        last=last,
    )
    desk.session.add(message)
    desk.session.flush()
    _go_on(desk.session, outbox, message.id, desk.now)
    desk.note(Deed.MESSAGE_SENT, f"message {message.id}", after=form.as_json())
    return message.id


def deliver_batch(
    session: Session, outbox: Outbox, content: Mapping[str, str], now: datetime
) -> None:
    """Brings a message to the next thousand users, and sees to it that there is a next time. What
    is done is committed together with how far it has come: so it goes on there after a crash.
    """
    own = fresh(select(Message).where(col(Message.id) == int(content["message"])))
    message = session.exec(own).one()
    users = message.next_users(session, BATCH)
    if users:
        MessageRecipient.deliver(session, message.id, users)
        message.reach(users)
    if len(users) == BATCH:
        _go_on(session, outbox, message.id, now)
    else:
        message.delivered_at = now


def _go_on(session: Session, outbox: Outbox, message_id: int, now: datetime) -> None:
    outbox.add(session, KIND, {"message": str(message_id)}, now, _LIFE)


def _role_id(desk: Desk, form: MessageForm) -> int:
    own = select(Role).where(Role.name == form.role, col(Role.user_type).in_(form.portals))
    roles = desk.session.exec(own).all()
    if len(roles) != 1:
        fault = "there is no role" if not roles else "name one portal: more than one has a role"
        raise RefusedError(f"{fault} {form.role}")
    return roles[0].id


def _user_ids(desk: Desk, form: MessageForm) -> list[int]:
    wanted = {normal(email) for email in form.users}
    own = select(User.id, User.email).where(
        col(User.email).in_(wanted), col(User.user_type).in_(form.portals)
    )
    found = desk.session.exec(own).all()
    unknown = sorted(wanted - {email for _, email in found})
    if unknown:
        raise RefusedError(f"no user of {' or '.join(form.portals)} has the address {unknown[0]}")
    return sorted(number for number, _ in found)
