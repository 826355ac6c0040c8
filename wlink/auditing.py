"""Reading the audit log at the console."""

import orjson
from sqlmodel import col, select

from backoffice.desk import Desk
from models.audit_entry import AuditEntry, AuditHead
from models.user import User
from wlink.desks import Console
from wlink.services import Services


def verified(console: Console) -> tuple[list[str], str]:
    """What is wrong with the chain, and its last link in words. Whoever keeps that elsewhere can
    tell later whether the chain still holds it.
    """
    return console.at_desk(_verified)


def _verified(desk: Desk, parts: Services) -> tuple[list[str], str]:
    faults = list(parts.audit.faults(desk.session))
    head = desk.session.exec(select(AuditHead)).first() or AuditHead()
    state = "FAULTY" if faults else "sound"
    return faults, f"{head.number} entries, {state}; the last seal is {head.seal or 'none'}"


def last_entries(console: Console, at_most: int) -> list[str]:
    """A line each, the oldest of them first."""
    return console.at_desk(lambda desk, _: _last_entries(desk, at_most))


def _last_entries(desk: Desk, at_most: int) -> list[str]:
    both = select(AuditEntry, User.email).join(
        User, col(User.id) == AuditEntry.actor_id, isouter=True
    )
    found = desk.session.exec(both.order_by(col(AuditEntry.number).desc()).limit(at_most)).all()
    return [_line(entry, email) for entry, email in reversed(found)]


def _line(entry: AuditEntry, email: str | None) -> str:
    who = f"{email} from {entry.address}" if email else entry.address
    line = f"{entry.number}  {entry.at:%F %T} UTC  {who}  {entry.deed}  {entry.subject}"
    parts = (("before", entry.before), ("after", entry.after))
    shown = [f"{name} {orjson.dumps(value).decode()}" for name, value in parts if value is not None]
    return "  ".join([line.rstrip(), *shown])
