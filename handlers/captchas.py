"""Whether somebody has to solve a captcha, and has."""

from collections.abc import Sequence
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


def require_captcha(
    port: CaptchaPort, setting: SecuritySetting, app_ids: Sequence[int], solved: SolvedCaptcha
) -> None:
    """Does nothing where no captcha is switched on. Where both are, a random string tells a ticket
    of Tencent's, which is good for the first of the app ids. Raises Problem CAPTCHA_REQUIRED,
    CAPTCHA_INVALID or CAPTCHA_UNAVAILABLE.
    """
    if not setting.re_captcha_enabled and not setting.tencent_captcha_enabled:
        return
    if not solved.token:
        raise Problem("CAPTCHA_REQUIRED")
    tencent = setting.tencent_captcha_enabled and bool(solved.rand_str)
    if tencent or not setting.re_captcha_enabled:
        good = _by_tencent(port, setting.tenant_id, app_ids, solved)
    else:
        good = port.verify_recaptcha(setting.tenant_id, solved.token, solved.action, solved.address)
    if not good:
        raise Problem("CAPTCHA_INVALID")


def _by_tencent(
    port: CaptchaPort, tenant_id: int, app_ids: Sequence[int], solved: SolvedCaptcha
) -> bool:
    return bool(app_ids) and port.verify_tencent(
        tenant_id, app_ids[0], solved.token, solved.rand_str, solved.address
    )
