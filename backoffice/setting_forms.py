"""What an operator may set, group by group."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from backoffice.fields import Email, Form, LanguageTag, Name, Paragraph, Url, Zone
from models.portal_setting import LoginLayout
from models.security_setting import Strength
from models.verification_code import Scene

_MINUTE, _DAY = 60, 86_400
_LANGUAGES_OF_THE_CONTRACT = {"en", "zh-CN", "zh-TW"}


def _as_documented(texts: dict[str, str]) -> dict[str, str]:
    """The contract has room for three languages here, and English is always there."""
    if "en" not in texts or texts.keys() - _LANGUAGES_OF_THE_CONTRACT:
        raise ValueError("must be in en, and may be in zh-CN and zh-TW")
    return texts


def _once(codes: list[str]) -> list[str]:
    if len(set(codes)) < len(codes):
        raise ValueError("names something twice")
    return codes


Names = Annotated[dict[LanguageTag, Name], AfterValidator(_as_documented)]
Copy = Annotated[dict[LanguageTag, Paragraph], AfterValidator(_as_documented)]
Codes = Annotated[list[str], AfterValidator(_once)]
SiteKey = Annotated[str, StringConstraints(max_length=128, pattern=r"^[A-Za-z0-9_-]*$")]
AppId = Annotated[int, Field(ge=0, le=9_007_199_254_740_991)]


class TenantForm(Form):
    """What everything else rests on."""

    name: Name
    default_language: LanguageTag
    timezone: Zone
    serves_unknown_hosts: bool


class CompanyForm(Form):
    """Who the broker is."""

    broker_name: Names
    company_logo_url: Url
    login_page_logo_url: Url
    watermark_logo_url: Url
    email: Email
    support_phone: Annotated[str, StringConstraints(max_length=32, pattern=r"^[+0-9 ()/-]*$")]


class SecurityForm(Form):
    """What is asked of those who log in."""

    required_password_strength: Strength
    email_verification_scenarios: list[Scene]
    re_captcha_enabled: bool
    tencent_captcha_enabled: bool
    session_idle_seconds: int = Field(ge=5 * _MINUTE, le=30 * _DAY)
    session_seconds: int = Field(ge=5 * _MINUTE, le=90 * _DAY)
    reveals_registered: bool


class CaptchaForm(Form):
    """Public keys and ids; empty or 0 where there is none."""

    recaptcha_android_key: SiteKey
    recaptcha_web_key: SiteKey
    tencent_android_app_id: AppId
    tencent_ios_app_id: AppId
    tencent_web_app_id: AppId


class PortalForm(Form):
    """How a portal looks before anybody has logged in."""

    version: Annotated[str, StringConstraints(max_length=32, pattern=r"^[A-Za-z0-9._+-]*$")]
    login_background_url: Url
    login_copy: Copy
    login_layout: LoginLayout


class OfferForm(Form):
    """Codes in display order; no countries stands for all of them."""

    languages: Annotated[Codes, Field(min_length=1, max_length=50)]
    currencies: Annotated[Codes, Field(min_length=1, max_length=400)]
    countries: Annotated[Codes, Field(max_length=400)]
