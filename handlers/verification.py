"""Captchas and email codes."""

import secrets
from datetime import datetime
from typing import Any

from sqlmodel import Session

from contract.problems import Problem, Violation
from gateways.captcha import CaptchaPort
from gateways.letters import post_letter
from gateways.outbox import Outbox
from gateways.secret_box import SecretBox
from handlers.email_codes import code_seal
from models.captcha_setting import CaptchaSetting
from models.database import Transaction
from models.security_setting import SecuritySetting
from models.tenant import Portal, Site
from models.user import Caller, User, normal
from models.verification_code import LIFE, Scene, VerificationCode

Json = Any


def verify_tencent_captcha(
    app_id: int,
    rand_str: str,
    ticket: str,
    *,
    address: str,
    site: Site,
    transaction: Transaction,
    captcha: CaptchaPort,
) -> Json:
    """Whether a Tencent captcha was solved (wlink 13), at the address that we see: the one that is
    told is not to be trusted.
    """
    setting = transaction.read(CaptchaSetting.of_tenant)
    own = app_id in setting.tencent_app_ids
    return {
        "is_valid": own
        and captcha.verify_tencent(site.tenant_id, app_id, ticket, rand_str, address)
    }


def send_email_code(
    scene: str,
    email: str = "",
    *,
    caller: Caller | None,
    session: Session,
    site: Site,
    language: str,
    now: datetime,
    box: SecretBox,
    outbox: Outbox,
) -> Json:
    """Mails a code (wlink 14), in the place of the one before."""
    wanted = Scene(scene)
    if wanted is Scene.REGISTER:
        portal, recipient, letter = site.portal, *_newcomer(session, site.portal, email)
    else:
        portal, recipient, letter = *_own_address(caller, email), "email_code"
    code = f"{secrets.randbelow(1_000_000):06d}"
    seal = code_seal(box, site, portal, wanted, recipient, code)
    issued = VerificationCode.issue(session, portal, wanted, recipient, seal, now)
    post_letter(outbox, session, letter, recipient, language, now, LIFE, code=code)
    return {
        "can_resend_at": int(issued.can_resend_at.timestamp()),
        "expired_at": int(issued.expires_at.timestamp()),
    }


def _newcomer(session: Session, portal: Portal, email: str) -> tuple[str, str]:
    """The address of somebody who wants to register, and which letter goes there. Raises Problem
    EMAIL_TAKEN where the tenant lets it be known. Where he does not, the time must not tell either:
    so both questions are asked of every address.
    """
    if not email:
        raise Problem("VALIDATION_ERROR", errors=[Violation("/body/email", "required")])
    reveals = SecuritySetting.of_tenant(session).reveals_registered
    registered = User.is_registered(session, portal, email)
    if registered and reveals:
        raise Problem("EMAIL_TAKEN")
    return normal(email), "already_registered" if registered else "email_code"


def _own_address(caller: Caller | None, email: str) -> tuple[Portal, str]:
    """Portal and address of who is logged in. Raises Problem UNAUTHENTICATED, or VALIDATION_ERROR
    for an address that is not his.
    """
    if caller is None:
        raise Problem("UNAUTHENTICATED")
    if email and normal(email) != caller.email:
        raise Problem("VALIDATION_ERROR", errors=[Violation("/body/email", "const")])
    return caller.portal, caller.email


def check_email_registered(email: str, *, session: Session, site: Site) -> Json:
    """Names the registered (wlink 15), unless the tenant wants it otherwise; so it is limited
    tightly.
    """
    registered = User.is_registered(session, site.portal, email)
    reveals = SecuritySetting.of_tenant(session).reveals_registered
    return {"is_registered": registered and reveals}
