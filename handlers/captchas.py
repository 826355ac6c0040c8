"""Whether somebody has to solve a captcha, and has."""

from dataclasses import dataclass

from contract.problems import Problem
from gateways.captcha import CaptchaPort
from models.security_setting import SecuritySetting


@dataclass(frozen=True)
class SolvedCaptcha:
    """What the Captcha-* headers brought, and the network address that it was solved at."""

    token: str
    action: str
    rand_str: str
    address: str


def require_captcha(port: CaptchaPort, setting: SecuritySetting, solved: SolvedCaptcha) -> None:
    """Does nothing where no captcha is switched on. Where both are, a random string tells a ticket
    of Tencent's. Raises Problem CAPTCHA_REQUIRED, CAPTCHA_INVALID or CAPTCHA_UNAVAILABLE.
    """
    if not setting.re_captcha_enabled and not setting.tencent_captcha_enabled:
        return
    if not solved.token:
        raise Problem("CAPTCHA_REQUIRED")
    tencent = setting.tencent_captcha_enabled and bool(solved.rand_str)
    good = _by_tencent if tencent or not setting.re_captcha_enabled else _by_recaptcha
    if not good(port, setting, solved):
        raise Problem("CAPTCHA_INVALID")


def _by_tencent(port: CaptchaPort, setting: SecuritySetting, solved: SolvedCaptcha) -> bool:
    if not setting.tencent_app_ids:
        return False
    app_id = setting.tencent_app_ids[0]
    return port.verify_tencent(
        setting.tenant_id, app_id, solved.token, solved.rand_str, solved.address
    )


def _by_recaptcha(port: CaptchaPort, setting: SecuritySetting, solved: SolvedCaptcha) -> bool:
    return port.verify_recaptcha(setting.tenant_id, solved.token, solved.action, solved.address)
