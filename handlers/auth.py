"""Logging in and out, passwords."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from contract.problems import Problem
from gateways.audit_log import AuditLog
from gateways.captcha import CaptchaPort
from gateways.passwords import Passwords
from handlers import password_changes
from handlers.captchas import SolvedCaptcha, require_captcha
from models.audit_entry import Deed
from models.captcha_setting import CaptchaSetting
from models.database import Transaction
from models.login_failure import LoginFailure
from models.login_session import LoginSession
from models.security_setting import SecuritySetting
from models.tenant import Site
from models.user import Caller, User

Json = Any

_MASK = "********"


def login(
    email: str,
    password: str,
    captcha_token: str = "",
    captcha_action: str = "",
    captcha_randstr: str = "",
    *,
    site: Site,
    address: str,
    now: datetime,
    transaction: Transaction,
    passwords: Passwords,
    captcha: CaptchaPort,
    audit: AuditLog,
) -> Json:
    """Opens a session (wlink 2). An unknown address takes the same way, and as long, as a wrong
    password.
    """
    passwords.require_room()
    setting, app_ids = transaction.read(_asked_of_everybody)
    solved = SolvedCaptcha(captcha_token, captcha_action, captcha_randstr, address)
    require_captcha(captcha, setting, app_ids, solved)
    user = transaction.read(lambda session: _unlocked(session, site, email, address, now))
    if not passwords.match(user.password_hash if user else None, password) or user is None:
        transaction.write(
            lambda session: LoginFailure.count(session, site.portal, email, address, now)
        )
        raise Problem("BAD_CREDENTIALS")
    user.require_enabled()
    newer = passwords.hashed(password) if passwords.are_weaker(user.password_hash) else None

    def enter(session: Session) -> str:
        audit.record(session, Deed.LOGGED_IN, actor_id=user.id, address=address, at=now)
        return _enter(session, user, newer, setting=setting, address=address, now=now)

    token = transaction.write(enter)
    return {"token": token, "user_info": _user_info(user)}


def _asked_of_everybody(session: Session) -> tuple[SecuritySetting, list[int]]:
    return SecuritySetting.of_tenant(session), CaptchaSetting.of_tenant(session).tencent_app_ids


def _unlocked(session: Session, site: Site, email: str, address: str, now: datetime) -> User | None:
    LoginFailure.require_unlocked(session, site.portal, email, address, now)
    return User.by_email(session, site.portal, email)


def _enter(
    session: Session,
    known: User,
    newer_hash: str | None,
    *,
    setting: SecuritySetting,
    address: str,
    now: datetime,
) -> str:
    """Opens a session and returns its token. The password may have been changed meanwhile."""
    user = User.locked(session, known.id)
    user.require_enabled()
    if user.password_hash != known.password_hash:
        raise Problem("BAD_CREDENTIALS")
    user.password_hash = newer_hash or user.password_hash
    user.last_login_at = now
    opened, token = LoginSession.opened(user.id, now, setting.session_life, setting.idle_life)
    session.add(opened)
    LoginFailure.forgive(session, user.user_type, user.email, address)
    return token


def _user_info(user: User) -> Json:
    return {
        "id": user.id,
        "email": user.email,
        "user_type": user.user_type,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "full_name": user.full_name,
    }


def logout(*, session: Session, caller: Caller, now: datetime) -> Json:
    """Ends the session of the token (wlink 3)."""
    LoginSession.revoke(session, caller.session_id, now)
    return {}


def get_security_profile(*, session: Session, caller: Caller) -> Json:
    """What a security page shows, masked (wlink 7)."""
    strength = SecuritySetting.of_tenant(session).required_password_strength
    user = User.present(session, caller.user_id)
    return {"email": user.masked_email, "password": _MASK, "required_password": strength}


change_password = password_changes.change
send_password_reset_email = password_changes.ask_for_reset
check_password_reset_token = password_changes.is_reset_over
reset_password = password_changes.reset
