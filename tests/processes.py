"""The real server and its workers in processes of their own, as they run in earnest."""

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from argon2 import PasswordHasher
from httpx2 import AsyncClient, Client, HTTPError, Limits, Response
from sqlmodel import col, select

from backoffice.tenants import open_tenant
from backoffice.users import create_user
from contract.documents import merged
from contract.operations import Operation, operations
from models.boundaries import Boundary, BoundSession
from models.captcha_setting import CaptchaSetting
from models.login_session import LoginSession
from models.outbox_entry import OutboxEntry
from models.rate_counter import RateCounter
from models.security_setting import SecuritySetting
from models.tenant import Portal, Site, Tenant
from models.upsert import locked
from models.user import User
from tests.server import PASSWORD, PERSON, database_url
from wlink.idempotency import KEY
from wlink.limits import LIMITS
from wlink.preparing import prepare
from wlink.services import Services, services
from wlink.settings import Settings

Json = Any
Found = TypeVar("Found")

ROOT = Path(__file__).parent.parent
APP_ID = 190023930
_SECRET = "s" * 40
_PATIENCE_SECONDS = 60.0
_LOOK_EVERY_SECONDS = 0.02
# Transactions wait for each other, and none is given up: that would be OVERLOADED, too.
GIVEN_UP = "the database failed"
# Costs next to nothing to compare with, so that a race is about what follows.
_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def until(found: Callable[[], Found], what: str, *, seconds: float = _PATIENCE_SECONDS) -> Found:
    """Looks again and again until there is something to be found."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        result = found()
        if result:
            return result
        time.sleep(_LOOK_EVERY_SECONDS)
    raise AssertionError(f"{what}: not within {seconds} seconds")


def free_port() -> int:
    """One that is free now and stays so: none of those that outgoing connections are given."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as free, suppress(OSError):
            free.bind(("127.0.0.1", port))
            return port


@cache
def _operations() -> dict[str, Operation]:
    return operations(merged().document)


@dataclass(frozen=True)
class Command:
    """A `wlink` command that runs. What it writes goes into a file."""

    process: "subprocess.Popen[bytes]"
    output: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def told(self) -> str:
        return self.output.read_text("utf-8")

    def stop(self) -> int:
        """Asks it to stop, and says with which code it did."""
        self.process.terminate()
        return self.process.wait(_PATIENCE_SECONDS)

    def end(self) -> None:
        """Leaves nothing behind, whatever a test has done to it."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait(_PATIENCE_SECONDS)

    def children(self) -> list[int]:
        """The processes that answer, where there are several."""
        told = subprocess.run(
            ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="],
            capture_output=True,
            text=True,
            check=True,
        )
        lines = [line.split(maxsplit=2) for line in told.stdout.splitlines()]
        own = [line for line in lines if int(line[1]) == self.pid and "spawn_main" in line[2]]
        return [int(pid) for pid, _, _ in own]


@contextmanager
def running_command(
    folder: Path, *arguments: str, prelude: str = "", **told: Json
) -> Iterator[Command]:
    """Runs `wlink`; `told` are settings, the folder is for what it writes, and the prelude is code
    that runs first.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("WLINK_")}
    own |= {f"WLINK_{name.upper()}": str(value) for name, value in told.items()}
    output = folder / f"{arguments[0]}-{time.monotonic_ns()}.log"
    code = f"{prelude}\nfrom wlink.cli import main; main()"
    program = [sys.executable, "-c", code, *arguments]
    with output.open("wb") as file:
        started = subprocess.Popen(
            program, cwd=ROOT, env=own, stdout=file, stderr=file, start_new_session=True
        )
    command = Command(started, output)
    try:
        yield command
    finally:
        command.end()


class Wanted(NamedTuple):
    """A call; `key` is its Idempotency-Key, if it has one."""

    name: str
    body: Json = None
    token: str = ""
    key: str = ""


@dataclass(frozen=True)
class Service:
    """A server that answers."""

    command: Command
    address: str
    port: int
    # What it was too busy for, and was asked again.
    put_off: list[str] = field(default_factory=list)

    def call(self, name: str, body: Json = None, *, token: str = "") -> Response:
        with Client(base_url=self.address, timeout=_PATIENCE_SECONDS) as http:
            return http.request(**_request(name, body, token))

    def at_once(self, name: str, *bodies: Json, token: str = "") -> list[Response]:
        """A call for each body, all at the same time and each on a connection of its own."""
        return self.together([Wanted(name, body, token) for body in bodies])

    def together(self, calls: Sequence[Wanted]) -> list[Response]:
        """The same of calls that need not be alike."""

        async def call_all() -> list[Response]:
            async with self.visited(len(calls)) as http:
                return await asyncio.gather(*(self.decided(http, each) for each in calls))

        answers = asyncio.run(call_all())
        assert GIVEN_UP not in self.command.told()
        return answers

    def visited(self, connections: int) -> AsyncClient:
        """Whoever calls it over so many connections."""
        limits = Limits(max_connections=connections)
        return AsyncClient(base_url=self.address, timeout=_PATIENCE_SECONDS, limits=limits)

    async def decided(self, http: AsyncClient, wanted: Wanted) -> Response:
        """Asks again while the server says that it has too much to do."""
        while True:
            answer = await http.request(**_request(*wanted))
            if answer.status_code != 503 or answer.json()["code"] != "OVERLOADED":
                return answer
            self.put_off.append(wanted.name)

    def is_ready(self) -> bool:
        assert self.command.process.poll() is None, self.command.told()
        try:
            with Client(base_url=self.address, timeout=_PATIENCE_SECONDS) as http:
                return http.get("/health/ready").status_code == 200
        except HTTPError:
            return False


def _request(name: str, body: Json, token: str, key: str = "") -> dict[str, Json]:
    operation = _operations()[name]
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if key:
        headers[KEY] = key
    sent = "params" if operation.method == "GET" else "json"
    return {"method": operation.method, "url": operation.path, "headers": headers, sent: body}


@dataclass(frozen=True)
class Installation:
    """A migrated database with one tenant, who serves every host; and what can be started on it."""

    folder: Path
    services: Services
    site: Site

    @property
    def boundary(self) -> Boundary:
        return Boundary(self.site.tenant_id)

    @contextmanager
    def command(self, *arguments: str, **changed: Json) -> Iterator[Command]:
        """Runs `wlink`; `changed` are settings: `worker` is WLINK_WORKER; see running_command."""
        settings = self.services.settings
        told: Json = {
            "data": settings.data,
            "database_url": settings.database_url,
            "secret": _SECRET,
        }
        with running_command(self.folder, *arguments, **(told | changed)) as command:
            yield command

    @contextmanager
    def served(self, workers: int = 2, **changed: Json) -> Iterator[Service]:
        """A server without a worker, unless `changed` says otherwise."""
        port = free_port()
        options = ("serve", "--workers", str(workers), "--port", str(port))
        with self.command(*options, **{"worker": False, **changed}) as command:
            service = Service(command, f"http://127.0.0.1:{port}", port)
            until(service.is_ready, "a server that is ready")
            yield service

    def user(self, email: str) -> User:
        """Somebody with PASSWORD as his password."""
        password_hash, now = _QUICK.hash(PASSWORD), self.services.clock()
        return self.write(
            lambda session: create_user(session, Portal.CLIENT, email, PERSON, password_hash, now)
        )

    def token(self, user: User) -> str:
        """That of a new session, without the work of a login."""
        now = self.services.clock()

        def enter(session: Any) -> str:
            setting = SecuritySetting.of_tenant(session)
            opened, token = LoginSession.opened(
                user.id, now, setting.session_life, setting.idle_life
            )
            session.add(opened)
            return token

        return self.write(enter)

    def unlimited(self, name: str, caller: str) -> None:
        """Lets a caller off the limits of an operation: he has a thousand calls to his credit."""
        now = self.services.clock()
        for times, seconds in {limit for _, limit in LIMITS[name]}:
            key = {"name": f"{name} {times}/{seconds}", "caller": caller}
            self.write(partial(_credit, key=key, now=now))

    def read(self, work: Callable[[BoundSession], Found]) -> Found:
        return self.services.database.read(self.boundary, work)

    def write(self, work: Callable[[BoundSession], Found]) -> Found:
        return self.services.database.write(self.boundary, work)


def _credit(session: BoundSession, key: dict[str, str], now: datetime) -> None:
    counter = locked(session, RateCounter, key, times=0, since=now)
    counter.times, counter.since = -1000, now


@contextmanager
def installed(kind: str, folder: Path) -> Iterator[Installation]:
    """On a database of its own, which is gone afterwards."""
    with database_url(kind, folder) as url, ExitStack() as closing:
        parts = services(Settings(data=folder, database_url=url, secret=_SECRET))  # type: ignore[arg-type]  # pydantic takes the text
        closing.callback(parts.database.close)
        prepare(parts.database)
        yield Installation(folder, parts, _site(parts))


def _site(parts: Services) -> Site:
    tenant = Tenant(
        code="one",
        name="Broker One",
        default_language="en",
        timezone="UTC",
        serves_unknown_hosts=True,
    )

    setting = SecuritySetting(email_verification_scenarios=["password_change"])
    opened = parts.database.write(None, lambda each: open_tenant(each, tenant, setting=setting))
    parts.database.write(Boundary(opened.id), _set_app_id)
    address = parts.settings.public_address
    return Site(opened.id, tenant.name, Portal.CLIENT, address, language="en", zone="UTC")


def _set_app_id(session: BoundSession) -> None:
    CaptchaSetting.of_tenant(session).tencent_web_app_id = APP_ID


def outbox(parts: Services) -> list[OutboxEntry]:
    """All of it, the oldest first."""
    every = select(OutboxEntry).order_by(col(OutboxEntry.id))
    return parts.database.read(None, lambda session: list(session.exec(every)))


def outcomes(answers: list[Response]) -> dict[str, int]:
    """How often each outcome came about: a problem's code, else the status."""
    told = [answer.json().get("code") or str(answer.status_code) for answer in answers]
    return {outcome: told.count(outcome) for outcome in sorted(set(told))}
