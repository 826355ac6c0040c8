"""The hosts of a broker's portals."""

import re

from sqlmodel import select

from backoffice.desk import Desk
from contract.errors import RefusedError
from models.audit_entry import Deed
from models.tenant import Portal, TenantDomain
from models.upsert import inserted

_HOST = re.compile(
    r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?"
)


def add_domain(desk: Desk, host: str, portal: Portal, *, is_main: bool) -> None:
    """The portal answers there, too. Links in mails lead to its main host, which is the first one
    unless told otherwise. Raises RefusedError.
    """
    name = host.lower().rstrip(".")
    if not _HOST.fullmatch(name):
        raise RefusedError("a host is a name like portal.example.com, without https:// and port")
    others = [each for each in domains(desk) if each.portal is portal]
    main = is_main or not any(each.is_main for each in others)
    # Hosts of other brokers cannot be seen from here.
    if not inserted(desk.session, TenantDomain, {"host": name}, portal=portal, is_main=main):
        raise RefusedError(f"{name} is taken")
    if main:
        for each in others:
            each.is_main = False
    desk.note(Deed.DOMAIN_ADDED, name, after={"portal": portal.value, "is_main": main})


def remove_domain(desk: Desk, host: str) -> None:
    """Nobody answers there any more. Raises RefusedError."""
    found = [each for each in domains(desk) if each.host == host.lower()]
    if not found:
        raise RefusedError(f"the broker has no host {host}")
    before = {"portal": found[0].portal.value, "is_main": found[0].is_main}
    desk.session.delete(found[0])
    desk.note(Deed.DOMAIN_REMOVED, found[0].host, before)


def domains(desk: Desk) -> list[TenantDomain]:
    """All hosts of the broker, in alphabetical order."""
    return list(desk.session.exec(select(TenantDomain).order_by(TenantDomain.host)))
