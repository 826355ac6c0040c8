"""Many rows at once, written past sessions and their rules: a hundred thousand in seconds."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, literal, select, update
from sqlmodel import SQLModel

from benchmarks.peers.broker import PASSWORD, Broker
from models import tables
from models.message import Audience
from models.tenant import Portal
from models.user import UserStatus

Row = dict[str, Any]

_CHUNK = 10_000
# Every third message has been read.
_READ = 3


def bring_messages(broker: Broker, counts: Mapping[int, int]) -> None:
    """As many messages as the largest of the counts, and to each user, by his id, his count of
    them: not the newest ones, but every tenth, say. The users have none yet.
    """
    tenant, now = broker.boundary.tenant_id, broker.services.clock()
    with broker.services.database.engine.begin() as connection:
        _insert(connection, "message", _messages(tenant, max(counts.values()), now))
        message = tables.metadata().tables["message"]
        ids = list(connection.scalars(select(message.c.id).order_by(message.c.id)))
        for user, count in counts.items():
            own = ids[:: len(ids) // count][:count]
            _insert(connection, "message_recipient", _received(tenant, user, own, now))
            unread = count - len(own[::_READ])
            box = tables.metadata().tables["message_box"]
            mine = update(box).where(box.c.user_id == user)
            connection.execute(mine.values(total=count, unread=unread))
    _settle(broker)


def _messages(tenant: int, count: int, now: datetime) -> Iterator[Row]:
    for number in range(1, count + 1):
        yield {
            "tenant_id": tenant,
            "title": {"en": f"Holiday hours, notice {number}", "zh-CN": f"假期安排 {number}"},
            "content": {"en": f"<p>We close early on day {number}.</p>" * 5},
            "audience": Audience.ALL,
            "portals": [Portal.CLIENT.value],
            "role_id": None,
            "named": [],
            "sent_at": now - timedelta(seconds=count - number),
            "reached": 0,
            "last": 0,
            "recipients": 1,
            "delivered_at": now,
        }


def _received(tenant: int, user: int, messages: list[int], now: datetime) -> Iterator[Row]:
    for place, message in enumerate(messages):
        yield {
            "tenant_id": tenant,
            "user_id": user,
            "message_id": message,
            "read_at": None if place % _READ else now,
            "hidden_at": None,
        }


def bring_clients(broker: Broker, count: int) -> None:
    """So many more clients, each with the box that his messages are counted in."""
    password = broker.services.passwords.hashed(PASSWORD)
    tenant, now = broker.boundary.tenant_id, broker.services.clock()
    user, box = (tables.metadata().tables[name] for name in ("user", "message_box"))
    with broker.services.database.engine.begin() as connection:
        last = connection.scalar(select(func.max(user.c.id))) or 0
        _insert(connection, "user", _clients(tenant, count, password, now))
        boxes = select(user.c.tenant_id, user.c.id, literal(0), literal(0)).where(user.c.id > last)
        columns = ["tenant_id", "user_id", "total", "unread"]
        connection.execute(insert(box).from_select(columns, boxes, include_defaults=False))
    _settle(broker)


def _clients(tenant: int, count: int, password: str, now: datetime) -> Iterator[Row]:
    for number in range(1, count + 1):
        yield {
            "tenant_id": tenant,
            "user_type": Portal.CLIENT,
            "email": f"crowd{number}@example.com",
            "password_hash": password,
            "password_changed_at": now,
            "first_name": "Mei",
            "last_name": "Lin",
            "full_name": "Lin Mei",
            "language": "en",
            "status": UserStatus.ENABLED,
            "email_verified_at": now,
            "last_login_at": None,
        }


def _insert(connection: Connection, table: str, rows: Iterator[Row]) -> None:
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _CHUNK:
            connection.execute(insert(SQLModel.metadata.tables[table]), chunk)
            chunk = []
    if chunk:
        connection.execute(insert(SQLModel.metadata.tables[table]), chunk)


def _settle(broker: Broker) -> None:
    """What PostgreSQL would do by itself within a minute, which is the middle of a measurement."""
    engine = broker.services.database.engine
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
