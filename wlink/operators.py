"""What operators do at the console; wlink/operator_commands.py and content_commands.py say how they
ask.
"""

import re
import secrets
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from backoffice import content, domains, messages, settings, users
from backoffice.channels import CHANNEL
from backoffice.content import KINDS
from backoffice.desk import Desk
from backoffice.setting_forms import TenantForm
from backoffice.tenants import open_tenant
from backoffice.trading_offers import ACCOUNT_TYPE, TRADING_SERVER
from backoffice.users import Person
from contract.errors import RefusedError
from models.audit_entry import Deed
from models.boundaries import BoundSession
from models.codes import Language
from models.message import Message
from models.tenant import Portal, Tenant, TenantDomain
from wlink.desks import Console, checked, whoever
from wlink.forms import as_yaml, assignments, filled_in
from wlink.readiness import ready
from wlink.services import Services

Json = Any

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_KINDS = {kind.name: kind for kind in (*KINDS, TRADING_SERVER, ACCOUNT_TYPE, CHANNEL)}


def open_broker(code: str, name: str, language: str, timezone: str) -> None:
    """Raises RefusedError."""
    if not _CODE.fullmatch(code):
        raise RefusedError("a code has lower-case letters, digits and hyphens, at most 32")
    given = {"name": name, "default_language": language, "timezone": timezone}
    form = checked(lambda: TenantForm(**given, serves_unknown_hosts=False))
    with ready() as parts:
        parts.database.write(None, lambda session: _open(session, parts, code, form))


def _open(session: BoundSession, parts: Services, code: str, form: TenantForm) -> None:
    if session.exec(select(Tenant).where(Tenant.code == code)).first():
        raise RefusedError(f"there is a broker {code} already")
    if not Language.in_order(session, [form.default_language]):
        raise RefusedError(f"there is no language {form.default_language}")
    tenant = open_tenant(session, Tenant(code=code, **form.model_dump()))
    parts.audit.record(
        *(session, Deed.TENANT_OPENED, code, None, form.model_dump()),
        actor_id=None,
        address=whoever(),
        at=parts.clock(),
        tenant_id=tenant.id,
    )


def brokers() -> list[str]:
    """A line each: code, name, language, time zone, number of hosts."""

    def read(session: BoundSession) -> list[str]:
        hosts = [domain.tenant_id for domain in session.exec(select(TenantDomain))]
        found = session.exec(select(Tenant).order_by(Tenant.code))
        return [
            f"{each.code:<16}  {each.name}  {each.default_language}  {each.timezone}"
            f"  {hosts.count(each.id)} hosts"
            for each in found
        ]

    with ready() as parts:
        return parts.database.read(None, read)


def hosts(desk: Desk, _: Services) -> list[str]:
    """A line each."""
    return [
        f"{each.portal:<6}  {each.host}{'  main' if each.is_main else ''}"
        for each in domains.domains(desk)
    ]


def invited(
    console: Console, portal: Portal, email: str, first_name: str, last_name: str, language: str
) -> str:
    """The link by which somebody new sets his password."""
    family_first = language.startswith("zh")
    full_name = f"{last_name}{first_name}" if family_first else f"{first_name} {last_name}"
    person = Person(first_name, last_name, full_name, language)

    def invite(desk: Desk, parts: Services) -> str:
        unknown = parts.passwords.hashed(secrets.token_urlsafe(32))
        token = users.invite(desk, portal, email, person, unknown)
        main = [each for each in domains.domains(desk) if each.portal is portal and each.is_main]
        address = f"https://{main[0].host}" if main else parts.settings.public_address
        return f"{address.rstrip('/')}/reset-password?token={token}"

    return console.at_desk(invite)


def people(desk: Desk, portal: Portal) -> list[str]:
    """A line each."""
    return [
        f"{user.id:>8}  {user.status:<8}  {user.email}  {user.full_name}"
        for user in users.everybody(desk, portal)
    ]


def settings_shown(desk: Desk, group: str) -> list[str]:
    """All groups or one of them, as YAML. Raises RefusedError."""
    names = [_group(group)] if group else settings.GROUPS
    return [as_yaml({name: settings.current(desk, name)}) for name in names]


def set_values(desk: Desk, group: str, values: list[str]) -> None:
    """Raises RefusedError."""
    settings.change(desk, _group(group), assignments(values))


def publish(desk: Desk, kind: str, form: Path) -> int:
    """The id of what is published. Raises RefusedError."""
    return content.publish(desk, _KINDS[kind], filled_in(_KINDS[kind].form, form, desk))


def change(desk: Desk, kind: str, number: int, form: Path) -> None:
    """Raises RefusedError."""
    content.change(desk, _KINDS[kind], number, filled_in(_KINDS[kind].form, form, desk))


def withdraw(desk: Desk, kind: str, number: int) -> None:
    """Raises RefusedError."""
    content.withdraw(desk, _KINDS[kind], number)


def content_shown(desk: Desk, kind: str) -> list[str]:
    """Each as the form that it was, behind a line that says whether it is shown."""
    return [
        f"# {kind} {row.id}{'' if row.is_enabled else ', withdrawn'}\n{as_yaml(form.as_json())}\n"
        for row, form in content.everything(desk, _KINDS[kind])
    ]


def send(desk: Desk, parts: Services, form: Path) -> int:
    """The id of the message. Raises RefusedError."""
    return messages.send(desk, parts.outbox, filled_in(messages.MessageForm, form, desk))


def messages_shown(desk: Desk, at_most: int) -> list[str]:
    """A line each, the newest first."""
    newest = select(Message).order_by(col(Message.id).desc()).limit(at_most)
    return [_told(message) for message in desk.session.exec(newest)]


def _told(message: Message) -> str:
    state = "delivered" if message.delivered_at else "on its way"
    title = next(iter(message.title.values()))
    progress = f"to {message.recipients}, {state}"
    return f"{message.id:>8}  {message.sent_at:%F %T} UTC  {progress}  {title}"


def _group(name: str) -> str:
    if name not in settings.GROUPS:
        raise RefusedError(f"no such group of settings: {', '.join(settings.GROUPS)}")
    return name
