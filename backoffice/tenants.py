"""Setting up a broker."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlmodel import Session

from models.boundaries import InTenant
from models.captcha_setting import CaptchaSetting
from models.cashier_setting import CashierSetting
from models.company_setting import CompanySetting
from models.offer_setting import OfferSetting
from models.permission import Action, MenuAction, Role, RoleGrant
from models.portal_setting import PortalSetting
from models.security_setting import SecuritySetting
from models.tenant import Portal, Tenant, TenantDomain
from models.trading_setting import TradingSetting

Json = Any

_LANGUAGES = ("en", "zh-CN", "zh-TW")
_MENUS = Path(__file__).parent / "menus.yaml"


def open_tenant(
    session: Session,
    tenant: Tenant,
    hosts: Mapping[str, Portal] | None = None,
    setting: SecuritySetting | None = None,
    cashier: CashierSetting | None = None,
) -> Tenant:
    """A broker with the usual menus and roles, and with the usual settings if there are no others;
    `hosts` are those of its portals. The session must be one for all tenants.
    """
    session.add(tenant)
    session.flush()
    for row in (setting or SecuritySetting(), cashier or CashierSetting(), *_settings(tenant)):
        row.tenant_id = tenant.id
        session.add(row)
    for host, portal in (hosts or {}).items():
        session.add(TenantDomain(tenant_id=tenant.id, host=host.lower(), portal=portal))
    for kind, menus in _menus().items():
        role = Role(tenant_id=tenant.id, user_type=Portal(kind), name="default", is_default=True)
        session.add(role)
        session.flush()
        _grow(session, role, menus, None)
    return tenant


def _settings(tenant: Tenant) -> Iterator[InTenant]:
    """What it is until somebody sets it otherwise."""
    yield CompanySetting(broker_name={"en": tenant.name})
    yield CaptchaSetting()
    yield TradingSetting()
    languages = dict.fromkeys([tenant.default_language, *_LANGUAGES])
    yield OfferSetting(languages=list(languages), currencies=["USD"], countries=[])
    for portal in Portal:
        yield PortalSetting(portal=portal, login_copy={"en": ""})


def _grow(session: Session, role: Role, entries: list[Json], parent_id: int | None) -> None:
    """Adds the entries under their parent, and grants them to the role."""
    actions = [_action(role, entry, place, parent_id) for place, entry in enumerate(entries, 1)]
    session.add_all(actions)
    session.flush()
    session.add_all(
        RoleGrant(tenant_id=role.tenant_id, role_id=role.id, menu_action_id=action.id)
        for action in actions
    )
    for action, entry in zip(actions, entries, strict=True):
        _grow(session, role, entry.get("children", []), action.id)


def _action(role: Role, entry: Json, place: int, parent_id: int | None) -> MenuAction:
    return MenuAction(
        tenant_id=role.tenant_id,
        user_type=role.user_type,
        parent_id=parent_id,
        action=Action(entry.get("action", "access")),
        sort_order=place,
        **{name: entry[name] for name in ("key", "title", "description", "icon", "path")},
        url=entry.get("url", ""),
    )


@cache
def _menus() -> dict[str, list[Json]]:
    menus: dict[str, list[Json]] = yaml.safe_load(_MENUS.read_text("utf-8"))
    return menus
