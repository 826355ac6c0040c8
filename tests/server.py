"""The real server as tests use it: on both databases, with a clock that they turn."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import pytest
from argon2 import PasswordHasher
from httpx2 import Client, Response
from sqlmodel import delete
from starlette.testclient import TestClient

from backoffice import content, messages, settings
from backoffice.content import Kind
from backoffice.desk import Desk
from backoffice.messages import MessageForm
from backoffice.tenants import open_tenant
from backoffice.users import Person, create_user
from contract.documents import merged
from contract.operations import Operation, operations
from gateways.inbox import Inbox
from models.boundaries import Boundary, BoundSession
from models.login_session import LoginSession
from models.security_setting import SecuritySetting
from models.tenant import Portal, Tenant, TenantDomain
from models.user import User
from tests.databases import fresh_postgresql
from wlink.app import create_app
from wlink.preparing import prepare
from wlink.services import Services, services
from wlink.settings import Settings
from wlink.worker import Worker

Json = Any
Result = TypeVar("Result")

DATABASES = ("sqlite", "postgresql")
PASSWORD = "Tangerine-kettle-41"
NEW_PASSWORD = "Quarry-lantern-58"
ADDRESS = "203.0.113.7"
SECRET = "s" * 40
_POSTGRESQL = os.environ.get("WLINK_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/test")
_NUMBERS = count(1)
PERSON = Person("Mei", "Lin", "Lin Mei", "en")


@contextmanager
def database_url(kind: str, folder: Path) -> Iterator[str]:
    """An empty database that is gone afterwards; skips where no PostgreSQL answers."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'wlink.sqlite'}"
        return
    with ExitStack() as stack:
        try:
            url = stack.enter_context(fresh_postgresql(_POSTGRESQL))
        except psycopg.OperationalError:
            if "CI" in os.environ:
                raise
            pytest.skip(f"no PostgreSQL answers at {_POSTGRESQL}")
        yield url


@dataclass
class Clock:
    """Stands still until it is turned forward."""

    moment: datetime = datetime(2026, 1, 15, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def forward(self, **time: float) -> None:
        self.moment += timedelta(**time)


@cache
def _hashed() -> str:
    """Of PASSWORD, hashed once for everybody: it takes its time on purpose."""
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1).hash(PASSWORD)


@dataclass(frozen=True)
class Server:
    """A server without its worker: what waits in the outbox goes out when a test says so."""

    services: Services
    clock: Clock
    http: Client

    def deliver(self) -> None:
        worker = Worker(self.services)
        while worker.step():
            pass

    def broker(self) -> "Broker":
        """A new tenant with hosts of its own, so that no test sees what another one did."""
        number = next(_NUMBERS)
        hosts = {f"{portal}.t{number}.example": portal for portal in (Portal.CLIENT, Portal.IB)}
        tenant = Tenant(
            code=f"t{number}", name=f"Broker {number}", default_language="en", timezone="UTC"
        )
        self.services.database.write(None, lambda session: open_tenant(session, tenant, hosts))
        self.clock.forward(seconds=2)  # the server looks for new hosts every second
        return Broker(self, tenant.id, number)


@contextmanager
def running(url: str, folder: Path) -> Iterator[Server]:
    """A migrated database and the application on it."""
    setup = Settings(data=folder, database_url=url, secret=SECRET, worker=False)  # type: ignore[arg-type]  # pydantic takes the text
    clock = Clock()
    parts = services(setup, clock)
    prepare(parts.database)
    app = create_app(parts, check_answers=True)
    with TestClient(app, client=(ADDRESS, 50000), raise_server_exceptions=True) as http:
        yield Server(parts, clock, http)
    parts.database.close()


@dataclass
class Broker:
    """A tenant, and the calls that reach it."""

    server: Server
    tenant_id: int
    number: int
    operations: dict[str, Operation] = field(default_factory=lambda: operations(merged().document))

    def call(
        self,
        name: str,
        body: Json = None,
        *,
        token: str = "",
        portal: str = "client",
        headers: dict[str, str] | None = None,
        query: dict[str, Json] | None = None,
    ) -> Response:
        """Calls an operation at the host of a portal."""
        operation = self.operations[name]
        sent = {"Host": f"{portal}.t{self.number}.example", "X-Language": "en", **(headers or {})}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        return self.server.http.request(
            operation.method, operation.path, json=body, headers=sent, params=query
        )

    def user(
        self, email: str = "mei.lin@example.com", portal: Portal = Portal.CLIENT, **changed: Json
    ) -> User:
        """Somebody with PASSWORD as his password."""
        password_hash, now = _hashed(), self.server.clock()

        def create(session: Any) -> User:
            user = create_user(session, portal, email, PERSON, password_hash, now)
            for name, value in changed.items():
                setattr(user, name, value)
            return user

        return self.write(create)

    def login(self, user: User) -> str:
        """The token of a new session."""
        body = {"email": user.email, "password": PASSWORD}
        answer = self.call("login", body, portal=user.user_type)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["token"]
        return token

    def token(self, user: User) -> str:
        """The same for somebody whom no portal lets log in."""
        now, day = self.server.clock(), timedelta(days=1)
        opened, token = LoginSession.opened(user.id, now, day, day)
        self.write(lambda session: session.add(opened))
        return token

    def change(self, user: User, **changed: Json) -> None:
        """Changes a user."""

        def write(session: Any) -> None:
            row = User.locked(session, user.id)
            for name, value in changed.items():
                setattr(row, name, value)

        self.write(write)

    def set(self, table: Any = SecuritySetting, /, **changed: Json) -> None:
        """Changes a setting of the tenant: what is asked of those who log in, or another one."""

        def change(session: Any) -> None:
            setting = table.of_tenant(session)
            for name, value in changed.items():
                setattr(setting, name, value)

        self.write(change)

    def write(self, work: Callable[[BoundSession], Result]) -> Result:
        """A transaction of the broker's, past everybody."""
        return self.server.services.database.write(self.boundary, work)

    def desk(self, work: Callable[[Desk], Result]) -> Result:
        """What an operator does in one transaction. A second later every server knows it."""
        parts = self.server.services
        result = self.write(
            lambda session: work(Desk(session, parts.audit, parts.clock(), "console test"))
        )
        self.server.clock.forward(seconds=1)
        return result

    def configure(self, group: str, **given: Json) -> None:
        """He changes settings."""
        self.desk(lambda desk: settings.change(desk, group, given))

    def publish(self, kind: Kind, **written: Json) -> int:
        """An operator publishes something, for clients unless told otherwise. Its id."""
        form = kind.form(**{"portals": [Portal.CLIENT], **written})
        return self.desk(lambda desk: content.publish(desk, kind, form))

    def rewrite(self, kind: Kind, number: int, **written: Json) -> None:
        """He writes it anew."""
        form = kind.form(**{"portals": [Portal.CLIENT], **written})
        self.desk(lambda desk: content.change(desk, kind, number, form))

    def withdraw(self, kind: Kind, number: int) -> None:
        """He takes it back."""
        self.desk(lambda desk: content.withdraw(desk, kind, number))

    def send(self, title: str = "News", text: str = "<p>Good news.</p>", **written: Json) -> int:
        """He sends a message in English, which waits for the worker. Its id."""
        return self.send_form(title={"en": title}, content={"en": text}, **written)

    def send_form(self, **written: Json) -> int:
        """The same in any languages."""
        form = MessageForm(**written)
        outbox = self.server.services.outbox
        return self.desk(lambda desk: messages.send(desk, outbox, form))

    def leave(self) -> None:
        """Nobody calls it any more: servers, which look all hosts up again and again, need not know
        its own.
        """
        self.write(lambda session: session.exec(delete(TenantDomain)))

    @property
    def boundary(self) -> Boundary:
        return Boundary(self.tenant_id)

    def mails(self) -> list[tuple[str, str, str]]:
        """Recipient, subject and text of every mail so far, the oldest first."""
        self.server.deliver()
        parts = self.server.services
        inbox = Inbox(parts.database, parts.box, parts.clock)
        return [
            (mail.recipient, mail.subject, text)
            for mail, text in reversed(inbox.newest(1000))
            if mail.tenant_id == self.tenant_id
        ]

    def reset_token(self) -> str:
        """That of a link which mei.lin@example.com has just asked for."""
        asked = self.call("send_password_reset_email", {"email": "mei.lin@example.com"})
        assert asked.json() == {}
        return self.mails()[-1][2].partition("token=")[2].split()[0]

    def code(self) -> str:
        """The code in the last mail."""
        text = self.mails()[-1][2]
        return next(word for word in text.replace(".", " ").split() if word.isdigit())


def problem(answer: Response) -> tuple[int, str]:
    """Status and code."""
    return answer.status_code, answer.json()["code"]
