"""The messages of users, as their portals show them and as they are kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from httpx2 import Response
from sqlmodel import Session, col, func, select

from models.message import Message
from models.message_recipient import MessageBox, MessageRecipient
from models.tenant import Portal
from models.user import User
from tests.server import Broker

Json = Any


@dataclass(frozen=True)
class Mailbox:
    """Somebody's messages, as his portal shows them."""

    broker: Broker
    user: User
    token: str

    @classmethod
    def of(cls, broker: Broker, email: str, portal: Portal) -> "Mailbox":
        """That of a new user."""
        user = broker.user(email, portal)
        return cls(broker, user, broker.token(user))

    def call(self, name: str, body: Json = None, **query: Json) -> Response:
        """An operation of his portal: `get`, `hide` and so on."""
        portal = self.user.user_type
        operation = {
            "get": f"get_{portal}_message",
            "hide": f"hide_{portal}_message",
            "list": f"list_{portal}_messages",
            "read": f"mark_{portal}_message_read",
            "unread": f"count_unread_{portal}_messages",
        }[name]
        return self.broker.call(operation, body, token=self.token, portal=portal, query=query)

    def page(self, page: int = 1, size: int = 20) -> tuple[list[Json], int]:
        """One page, and how many messages there are."""
        answer = self.call("list", page=page, size=size)
        assert answer.status_code == 200, answer.text
        return answer.json()["list"], answer.json()["total"]

    def ids(self, page: int = 1, size: int = 20) -> list[int]:
        return [each["id"] for each in self.page(page, size)[0]]

    def unread(self) -> int:
        count: int = self.call("unread").json()["count"]
        return count

    def state(self) -> tuple[dict[int, bool], int, int]:
        """Which messages there are and whether they are read; total; unread."""
        shown, total = self.page()
        return {each["id"]: each["is_read"] for each in shown}, total, self.unread()

    def do(self, name: str, number: int) -> None:
        """Reads or hides a message."""
        answer = self.call(name, {"id": number})
        assert (answer.status_code, answer.json()) == (200, {}), answer.text


def sent(broker: Broker, title: str = "News", **written: Json) -> int:
    """A message that has reached its readers."""
    number = broker.send(title, **written)
    broker.server.deliver()
    return number


def progress(broker: Broker, number: int) -> tuple[int, bool]:
    """How many users have a message, and whether that is all of them."""
    own = select(Message).where(Message.id == number)
    read = broker.server.services.database.read
    message = read(broker.boundary, lambda session: session.exec(own).one())
    return message.recipients, message.delivered_at is not None


def held(broker: Broker, people: Sequence[User]) -> list[int]:
    """How many messages each of the users has, all of them unread; his box must say the same."""
    found = boxes(broker, people)
    for total, unread, shown, not_read in found:
        assert total == unread == shown == not_read
    return [shown for _, _, shown, _ in found]


def boxes(broker: Broker, people: Sequence[User]) -> list[tuple[int, int, int, int]]:
    """Of each user: total and unread as his box says, then as his rows do."""

    def read(session: Session) -> list[tuple[int, int, int, int]]:
        return [_box(session, user.id) for user in people]

    return broker.server.services.database.read(broker.boundary, read)


def _box(session: Session, user_id: int) -> tuple[int, int, int, int]:
    box = session.exec(select(MessageBox).where(MessageBox.user_id == user_id)).one()
    own = (MessageRecipient.user_id == user_id, col(MessageRecipient.hidden_at).is_(None))
    count = select(func.count()).select_from(MessageRecipient).where(*own)
    unread = count.where(col(MessageRecipient.read_at).is_(None))
    return box.total, box.unread, session.exec(count).one(), session.exec(unread).one()
