"""What a portal must know of its broker before anybody has logged in."""

from typing import Any

from sqlmodel import Session

from handlers.pages import paged
from models.captcha_setting import CaptchaSetting
from models.channel import Channel, ChannelMethod
from models.codes import Country, Currency, Language
from models.company_setting import CompanySetting
from models.global_leverage import GlobalLeverage
from models.offer_setting import OfferSetting
from models.portal_setting import PortalSetting
from models.security_setting import SecuritySetting
from models.tenant import Portal, Site

Json = Any

# What the documents call the portal of the broker's own people.
_PREFIXES = {"admin": Portal.BROKER, "client": Portal.CLIENT, "ib": Portal.IB}


def get_app_keys(*, session: Session) -> Json:
    """What captchas are shown with, no secrets (wlink 17)."""
    return CaptchaSetting.of_tenant(session).model_dump(exclude={"id", "tenant_id"})


def get_appearance(*, session: Session) -> Json:
    """The login pages of all portals (wlink 18)."""
    answer: dict[str, Json] = {}
    for prefix, portal in _PREFIXES.items():
        setting = PortalSetting.of_portal(session, portal)
        answer[f"{prefix}_login_bg_image_url"] = setting.login_background_url
        answer[f"{prefix}_login_copy_i18n"] = setting.login_copy
        answer[f"{prefix}_login_layout"] = setting.login_layout
    return answer


def get_company(*, session: Session, site: Site) -> Json:
    """The broker, and the time zone of every moment that this API tells (wlink 19)."""
    setting = CompanySetting.of_tenant(session)
    shown = setting.model_dump(exclude={"id", "tenant_id", "broker_name"})
    return {**shown, "broker_name_i18n": setting.broker_name, "timezone": site.zone}


def list_countries(*, session: Session) -> Json:
    """Where the broker's clients may live (wlink 20)."""
    chosen = OfferSetting.of_tenant(session).countries
    countries = Country.in_order(session, chosen) if chosen else Country.all(session)
    return {"list": [country.model_dump() for country in countries]}


def list_currencies(method: str = "all", *, session: Session) -> Json:
    """Those of the broker, or those among them that a method of payment takes (wlink 21)."""
    codes = OfferSetting.of_tenant(session).currencies
    if method != "all":
        taken = Channel.currencies_of(session, ChannelMethod(method))
        codes = [code for code in codes if code in taken]
    found = [_currency(currency) for currency in Currency.in_order(session, codes)]
    return {"list": found, "total": len(found)}


def _currency(currency: Currency) -> Json:
    return {"code": currency.code, "name": currency.name}


def list_global_leverages(page: int, size: int, *, session: Session) -> Json:
    """The broker's leverages (wlink 22)."""
    leverages = GlobalLeverage.enabled(session)
    return paged(leverages, page, size, lambda each: {"id": each.id, "value": each.value})


def list_languages(*, session: Session) -> Json:
    """Those of the portals (wlink 23)."""
    codes = OfferSetting.of_tenant(session).languages
    return {"language": [language.model_dump() for language in Language.in_order(session, codes)]}


def get_security_settings(*, session: Session) -> Json:
    """What a form must ask for (wlink 24). There is no second factor of Google's yet."""
    setting = SecuritySetting.of_tenant(session)
    return {
        "email_verification_scenarios": setting.email_verification_scenarios,
        "google_two_factor_enabled": False,
        "re_captcha_enabled": setting.re_captcha_enabled,
        "required_password_strength": setting.required_password_strength,
        "tencent_two_factor_enabled": setting.tencent_captcha_enabled,
    }


def get_tenant_version(*, session: Session, site: Site) -> Json:
    """The version of the portal that the host belongs to (wlink 25)."""
    return {"version": PortalSetting.of_portal(session, site.portal).version}
