"""Logging in and out, passwords."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from contract.problems import Problem
from gateways.captcha import CaptchaPort
from gateways.outbox import Outbox
from gateways.passwords import Passwords
from gateways.secret_box import SecretBox
from handlers.captchas import SolvedCaptcha, require_captcha
from handlers.email_codes import code_seal
from handlers.letters import post_letter
from models.audit_entry import AuditEntry, Deed
from models.boundaries import BoundSession
from models.database import Transaction
from models.login_failure import LoginFailure
from models.login_session import LoginSession
from models.password_strength import require_strong
from models.reset_token import LIFE, ResetToken
from models.security_setting import SecuritySetting
from models.tenant import Site
from models.user import Caller, User, UserStatus, normal
from models.verification_code import Scene, VerificationCode

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
) -> Json:
    """Wlink 2. An unknown address takes the same way, and as long, as a wrong password."""
    setting = transaction.read(SecuritySetting.of_tenant)
    solved = SolvedCaptcha(captcha_token, captcha_action, captcha_randstr, address)
    require_captcha(captcha, setting, solved)
    user = transaction.read(lambda session: _unlocked(session, site, email, address, now))
    if not passwords.match(user.password_hash if user else None, password) or user is None:
        transaction.write(
            lambda session: LoginFailure.count(session, site.portal, email, address, now)
        )
        raise Problem("BAD_CREDENTIALS")
    user.require_enabled()
    newer = passwords.hashed(password) if passwords.are_weaker(user.password_hash) else None
    token = transaction.write(
        lambda session: _enter(session, user, newer, setting=setting, address=address, now=now)
    )
    return {"token": token, "user_info": _user_info(user)}


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
    session.add(AuditEntry(actor_id=user.id, deed=Deed.LOGGED_IN, address=address, at=now))
    LoginFailure.forget(session, user.user_type, user.email)
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
    """Wlink 3."""
    LoginSession.revoke(session, caller.session_id, now)
    return {}


def change_password(
    old_password: str,
    new_password: str,
    email_code: str = "",
    *,
    caller: Caller,
    site: Site,
    address: str,
    now: datetime,
    transaction: Transaction,
    passwords: Passwords,
    box: SecretBox,
    outbox: Outbox,
) -> Json:
    """Wlink 1. The code is looked at last: a wrong password does not use it up."""
    user, setting = transaction.read(
        lambda session: (User.present(session, caller.user_id), SecuritySetting.of_tenant(session))
    )
    scene = Scene.PASSWORD_CHANGE
    needs_code = scene in setting.email_verification_scenarios
    if needs_code and not email_code:
        raise Problem("EMAIL_CODE_REQUIRED")
    if not passwords.match(user.password_hash, old_password):
        raise Problem("OLD_PASSWORD_WRONG")
    if new_password == old_password:
        raise Problem("PASSWORD_UNCHANGED")
    require_strong(new_password, setting.required_password_strength, user.guessable(site.broker))
    new_hash = passwords.hashed(new_password)
    seal = code_seal(box, site, caller.portal, scene, user.email, email_code)

    def change(session: BoundSession) -> Problem | None:
        """Returns what is wrong with the code, so that the try is counted."""
        if User.locked(session, user.id).password_hash != user.password_hash:
            raise Problem("OLD_PASSWORD_WRONG")
        if needs_code:
            fault = VerificationCode.spend(session, caller.portal, scene, user.email, seal, now)
            if fault:
                return fault
        _set_password(session, user.id, new_hash, now, but=caller.session_id)
        session.add(
            AuditEntry(actor_id=user.id, deed=Deed.PASSWORD_CHANGED, address=address, at=now)
        )
        _tell(session, outbox, user, now)
        return None

    fault = transaction.write(change)
    if fault:
        raise fault
    return {}


def reset_password(
    password: str,
    token: str,
    *,
    site: Site,
    address: str,
    now: datetime,
    transaction: Transaction,
    passwords: Passwords,
    outbox: Outbox,
) -> Json:
    """Wlink 4. Whoever reads the mail has shown that the address is his."""
    user, setting = transaction.read(
        lambda session: (_bearer(session, token, now), SecuritySetting.of_tenant(session))
    )
    require_strong(password, setting.required_password_strength, user.guessable(site.broker))
    new_hash = passwords.hashed(password)

    def reset(session: BoundSession) -> None:
        owner = _bearer(session, token, now)
        ResetToken.end_all(session, owner.id, now)
        owner.email_verified_at = owner.email_verified_at or now
        _set_password(session, owner.id, new_hash, now)
        LoginFailure.forget(session, owner.user_type, owner.email)
        session.add(
            AuditEntry(actor_id=owner.id, deed=Deed.PASSWORD_RESET, address=address, at=now)
        )
        _tell(session, outbox, owner, now)

    transaction.write(reset)
    return {}


def _bearer(session: Session, token: str, now: datetime) -> User:
    """Whose password the token sets. Raises Problem RESET_TOKEN_INVALID or RESET_TOKEN_EXPIRED."""
    row = ResetToken.of_token(session, token)
    if row is None:
        raise Problem("RESET_TOKEN_INVALID")
    row.require_usable(now)
    user = User.locked(session, row.user_id)
    if user.status is UserStatus.DISABLED:
        raise Problem("RESET_TOKEN_INVALID")
    return user


def _set_password(
    session: Session, user_id: int, new_hash: str, now: datetime, *, but: int = 0
) -> None:
    """Puts it into force and ends the user's sessions, but for one."""
    User.locked(session, user_id).set_password(new_hash, now)
    LoginSession.revoke_all(session, user_id, now, but=but)


def _tell(session: Session, outbox: Outbox, user: User, now: datetime) -> None:
    """Lets the user know, in case it was not he."""
    post_letter(
        outbox, session, "password_changed", user.email, user.language, now, time=f"{now:%F %T}"
    )


def send_password_reset_email(
    email: str, *, session: Session, site: Site, language: str, now: datetime, outbox: Outbox
) -> Json:
    """Wlink 5. Whether the address has a user is found out later: so the answer, and the time that
    it takes, cannot tell.
    """
    content = {"email": normal(email), "portal": site.portal, "language": language}
    outbox.add(session, "password_reset", {**content, "address": site.address}, now, LIFE)
    return {}


def check_password_reset_token(token: str, *, session: Session, now: datetime) -> Json:
    """Wlink 6."""
    row = ResetToken.of_token(session, token)
    return {"expired": row is None or not row.is_usable(now)}


def get_security_profile(*, session: Session, caller: Caller) -> Json:
    """Wlink 7."""
    strength = SecuritySetting.of_tenant(session).required_password_strength
    user = User.present(session, caller.user_id)
    return {"email": user.masked_email, "password": _MASK, "required_password": strength}
