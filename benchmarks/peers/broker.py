"""Wlink's real server with a broker of its own, for whoever measures it."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from backoffice.tenants import open_tenant
from backoffice.users import Person, create_user
from benchmarks.peers.processes import Running, running
from models.boundaries import Boundary, BoundSession
from models.login_session import LoginSession
from models.security_setting import SecuritySetting
from models.tenant import Portal, Tenant
from models.user import User
from tests.databases import fresh_postgresql
from wlink.preparing import prepare
from wlink.services import Services, services
from wlink.settings import Settings

PASSWORD = "Tangerine-kettle-41"
_PERSON = Person("Mei", "Lin", "Lin Mei", "en")


@dataclass(frozen=True)
class Broker:
    """A tenant that serves every host, in a database that is gone afterwards."""

    services: Services
    boundary: Boundary

    def users(self, emails: list[str]) -> list[User]:
        """Clients with PASSWORD. It is hashed once for all: a thousand hashes take half a minute,
        and how long a hash takes to check does not depend on whose it is.
        """
        shared, now = self.services.passwords.hashed(PASSWORD), self.services.clock()

        def create(session: BoundSession) -> list[User]:
            return [
                create_user(session, Portal.CLIENT, email, _PERSON, shared, now) for email in emails
            ]

        return self.services.database.write(self.boundary, create)

    def token(self, user: User) -> str:
        """Of a session of his, open for a day."""
        day = timedelta(days=1)
        opened, token = LoginSession.opened(user.id, self.services.clock(), day, day)
        self.services.database.write(self.boundary, lambda session: session.add(opened))
        return token

    @property
    def address(self) -> str:
        """Of the database, password included."""
        return self.services.database.url.render_as_string(hide_password=False)

    @contextmanager
    def serving(self, *, workers: int = 1, outbox: bool = True) -> Iterator[Running]:
        """The server, without rate limits: whoever measures calls more often than they allow."""
        environment = {
            "WLINK_DATA": str(self.services.settings.data),
            "WLINK_DATABASE_URL": self.address,
            "WLINK_RATE_LIMITS": "false",
            "WLINK_WORKER": str(outbox).lower(),
        }
        wlink = str(Path(sys.executable).parent / "wlink")
        command = [wlink, "serve", "--port", "{port}", "--workers", str(workers)]
        with running(command, "/health/ready", environment=environment) as server:
            yield server


@contextmanager
def broker(database: str, *, reveals_registered: bool = True) -> Iterator[Broker]:
    """On SQLite, or in a new database of the PostgreSQL server that `database` leads to."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="wlink-measured-"))
        url = f"sqlite:///{folder}/wlink.sqlite"
        if database:
            url = stack.enter_context(fresh_postgresql(database))
        parts = services(Settings(data=Path(folder), database_url=url))
        prepare(parts.database)
        yield Broker(parts, Boundary(_tenant(parts, reveals_registered)))
        parts.database.close()


def _tenant(parts: Services, reveals_registered: bool) -> int:
    tenant = Tenant(
        code="measured",
        name="Measured Markets",
        default_language="en",
        timezone="UTC",
        serves_unknown_hosts=True,
    )
    setting = SecuritySetting(reveals_registered=reveals_registered)
    return parts.database.write(
        None, lambda session: open_tenant(session, tenant, setting=setting).id
    )
