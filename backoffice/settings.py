"""Setting what makes a tenant what it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import select

from backoffice.cashier_forms import CashierForm
from backoffice.desk import Desk
from backoffice.fields import Form
from backoffice.setting_forms import (
    CaptchaForm,
    CompanyForm,
    OfferForm,
    PortalForm,
    SecurityForm,
    TenantForm,
)
from backoffice.trading_forms import TradingForm
from contract.errors import RefusedError
from models.audit_entry import Deed
from models.captcha_setting import CaptchaSetting
from models.cashier_setting import CashierSetting
from models.codes import Coded, Country, Currency, Language
from models.company_setting import CompanySetting
from models.global_leverage import GlobalLeverage
from models.locking import fresh
from models.offer_setting import OfferSetting
from models.portal_setting import PortalSetting
from models.security_setting import SecuritySetting
from models.tenant import Portal, Tenant
from models.trading_setting import TradingSetting

Json = Any

MOST_LEVERAGE = 5000


@dataclass(frozen=True)
class Group:
    """Settings that stand in one row."""

    form: type[Form]
    row: Callable[[Desk], Any]


def _one(table: Any) -> Callable[[Desk], Any]:
    return lambda desk: desk.session.exec(fresh(select(table))).one()


def _portal(portal: Portal) -> Callable[[Desk], Any]:
    own = fresh(select(PortalSetting).where(PortalSetting.portal == portal))
    return lambda desk: desk.session.exec(own).one()


GROUPS: Mapping[str, Group] = {
    "tenant": Group(TenantForm, Desk.tenant),
    "company": Group(CompanyForm, _one(CompanySetting)),
    "security": Group(SecurityForm, _one(SecuritySetting)),
    "captcha": Group(CaptchaForm, _one(CaptchaSetting)),
    "offer": Group(OfferForm, _one(OfferSetting)),
    "trading": Group(TradingForm, _one(TradingSetting)),
    "cashier": Group(CashierForm, _one(CashierSetting)),
    **{f"portal-{portal}": Group(PortalForm, _portal(portal)) for portal in Portal},
}


def current(desk: Desk, group: str) -> dict[str, Json]:
    """What is set, as plain JSON."""
    kind = GROUPS[group]
    shown: dict[str, Json] = kind.form.of(kind.row(desk)).as_json()
    return shown


def change(desk: Desk, group: str, given: Mapping[str, Json]) -> None:
    """Sets some fields of a group; of texts by language, those that are given. Raises RefusedError,
    and pydantic's ValidationError for what is no value of a field.
    """
    kind = GROUPS[group]
    _take_turn(desk)
    row = kind.row(desk)
    before = kind.form.of(row)
    wanted = kind.form.model_validate(_merged(before.model_dump(warnings=False), given))
    _require_sound(desk, wanted)
    changed = {name for name, value in wanted if value != getattr(before, name)}
    for name, value in wanted.model_dump(include=changed).items():
        setattr(row, name, value)
    if changed:
        desk.note(Deed.SETTING_CHANGED, group, before.as_json(changed), wanted.as_json(changed))


def set_leverages(desk: Desk, values: Sequence[int]) -> None:
    """The broker offers these, and no others. Raises RefusedError."""
    if not values or not all(1 <= value <= MOST_LEVERAGE for value in values):
        raise RefusedError(f"leverages are numbers from 1 to {MOST_LEVERAGE}")
    known = {row.value: row for row in desk.session.exec(fresh(select(GlobalLeverage)))}
    before = sorted(value for value, row in known.items() if row.is_enabled)
    for value in sorted({*values, *known}):
        row = known.get(value) or GlobalLeverage(value=value)
        row.is_enabled = value in values
        desk.session.add(row)
    desk.note(Deed.SETTING_CHANGED, "leverages", before, sorted(set(values)))


def _take_turn(desk: Desk) -> None:
    """What is set in one group must fit to another one: so nobody changes both at once."""
    desk.session.exec(fresh(select(Tenant).where(Tenant.id == desk.tenant().id))).one()


def _merged(old: dict[str, Json], given: Mapping[str, Json]) -> dict[str, Json]:
    """Texts by language are changed one by one; None takes one away."""
    result = {**old, **given}
    for name, value in given.items():
        if isinstance(value, Mapping) and isinstance(old.get(name), Mapping):
            texts = {**old[name], **value}
            result[name] = {tag: text for tag, text in texts.items() if text is not None}
    return result


def _require_sound(desk: Desk, form: Form) -> None:
    """What is right by itself must fit to the rest. Raises RefusedError."""
    if isinstance(form, OfferForm):
        for table, codes in (
            (Language, form.languages),
            (Currency, form.currencies),
            (Country, form.countries),
        ):
            require_known(desk, table, codes)
        if desk.tenant().default_language not in form.languages:
            raise RefusedError("languages must hold the broker's default language")
    if isinstance(form, TenantForm):
        offered = OfferSetting.of_tenant(desk.session).languages
        if form.default_language not in offered:
            raise RefusedError("default_language must be one that the broker offers")


def require_known(desk: Desk, table: type[Coded], codes: Sequence[str]) -> None:
    """The world knows all of the codes. Raises RefusedError."""
    known = {each.code for each in table.in_order(desk.session, codes)}
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise RefusedError(f"there is no {table.__name__.lower()} {unknown[0]}")
