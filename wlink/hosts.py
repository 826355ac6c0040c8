"""From the host of a request to the tenant and the portal that it has come to."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import inspect, select
from sqlmodel import col

from contract.problems import Problem
from models.boundaries import BoundSession
from models.database import Database
from models.tenant import Portal, Site, Tenant, TenantDomain
from wlink.fresh import is_fresh

_GOOD_ENOUGH = timedelta(minutes=1)
_PATIENCE_SECONDS = 2.5
_NEVER = datetime.min.replace(tzinfo=UTC)
_CHOSEN_PORTALS = {portal.value.encode(): portal for portal in (Portal.CLIENT, Portal.IB)}
_Rows = Sequence[Any]
_DOMAIN = inspect(TenantDomain).columns
# Plain rows, because they are read again and again: every host with its tenant, and whoever serves
# the hosts that nobody has.
_HOSTED = (
    select(*inspect(Tenant).columns, _DOMAIN.host, _DOMAIN.portal, _DOMAIN.is_main)
    .outerjoin(TenantDomain, col(TenantDomain.tenant_id) == Tenant.id)
    .where(col(TenantDomain.host).is_not(None) | col(Tenant.serves_unknown_hosts))
    .order_by(col(Tenant.id), col(TenantDomain.id))
)
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class Address(NamedTuple):
    """What headers say about where a request goes."""

    host: bytes
    portal: bytes


@dataclass(frozen=True)
class _Known:
    """All tenants with their hosts, asked for last `at`, and `seen` as they are here: in the
    database's rows, and as they are looked up.
    """

    at: datetime = _NEVER
    seen: datetime | None = None
    rows: _Rows = ()
    sites: dict[str, Site] = field(default_factory=dict)
    elsewhere: dict[Portal, Site] = field(default_factory=dict)
    failed: bool = False


class Hosts:
    """What the database says, at most a second old."""

    def __init__(
        self, database: Database, public_address: str, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._clock = clock
        self._public_address = public_address.rstrip("/")
        self._known = _Known()
        self._turn = asyncio.Lock()

    async def site(self, address: Address) -> Site:
        """The site of a host; where a tenant serves unknown hosts, X-Portal says which portal.
        Raises Problem NOT_FOUND if the host is nobody's.
        """
        known = await self._fresh()
        site = known.sites.get(_name(address.host.decode("latin-1")))
        if site is None:
            portal = _CHOSEN_PORTALS.get(address.portal, Portal.CLIENT)
            site = known.elsewhere.get(portal)
        if site is None:
            raise Problem("NOT_FOUND")
        return site

    def admits(self, origin: str, site: Site, host: bytes) -> bool:
        """Whether pages of this origin may call the site: those of the tenant's own domains, and
        where both are on this machine, any.
        """
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        name = _name(parts.netloc)
        other = self._known.sites.get(name)
        if other is not None:
            return parts.scheme == "https" and other.tenant_id == site.tenant_id
        return name in _LOOPBACK and _name(host.decode("latin-1")) in _LOOPBACK

    async def _fresh(self) -> _Known:
        """Raises Problem OVERLOADED; with a database that does not answer, what was known a short
        time ago is good enough.
        """
        if not self._is_fresh():
            async with self._turn:
                if not self._is_fresh():
                    self._known = await self._looked_up()
        if self._known.failed:
            raise Problem("OVERLOADED")
        return self._known

    async def _looked_up(self) -> _Known:
        at, before = self._clock(), self._known
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                rows = await asyncio.to_thread(self._database.read, None, _rows)
        except (Problem, TimeoutError):
            if before.seen and at - before.seen < _GOOD_ENOUGH:
                return replace(before, at=at)
            return _Known(at, failed=True)
        if rows == before.rows:
            return replace(before, at=at, seen=at, failed=False)
        return _Known(at, at, rows, *self._sites(rows))

    def _is_fresh(self) -> bool:
        return is_fresh(self._known.at, self._clock())

    def _sites(self, rows: _Rows) -> tuple[dict[str, Site], dict[Portal, Site]]:
        main = {(row.id, row.portal): f"https://{row.host}" for row in rows if row.is_main}

        def site(row: Any, portal: Portal) -> Site:
            address = main.get((row.id, portal), self._public_address)
            return Site(
                *(row.id, row.name, portal, address),
                language=row.default_language,
                zone=row.timezone,
            )

        known = {row.host: site(row, row.portal) for row in rows if row.host}
        default = next((row for row in rows if row.serves_unknown_hosts), None)
        portals = _CHOSEN_PORTALS.values()
        return known, {portal: site(default, portal) for portal in portals if default}


def _rows(session: BoundSession) -> _Rows:
    return session.execute(_HOSTED).all()


def _name(host: str) -> str:
    """The host without its port, in lower case."""
    name, _, port = host.rpartition(":")
    return (name if port.isdigit() else host).lower().rstrip(".")
