"""Changing a password: knowing the old one, or with a mailed link."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from contract.problems import Problem
from gateways.audit_log import AuditLog
from gateways.letters import post_letter
from gateways.outbox import Outbox
from gateways.passwords import Passwords
from gateways.secret_box import SecretBox
from handlers.email_codes import code_seal
from models.audit_entry import Deed
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


def change(
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
    audit: AuditLog,
) -> Json:
    """Changes the password of who knows the old one (wlink 1). The code is looked at last: a wrong
    password does not use it up.
    """
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

    def put_into_force(session: BoundSession) -> Problem | None:
        """Returns what is wrong with the code, so that the try is counted."""
        locked = User.locked(session, user.id)
        if locked.password_hash != user.password_hash:
            raise Problem("OLD_PASSWORD_WRONG")
        if needs_code:
            fault = VerificationCode.spend(session, caller.portal, scene, user.email, seal, now)
            if fault:
                return fault
        _set_password(session, locked, new_hash, now, but=caller.session_id)
        audit.record(session, Deed.PASSWORD_CHANGED, actor_id=user.id, address=address, at=now)
        _tell(session, outbox, user, now)
        return None

    fault = transaction.write(put_into_force)
    if fault:
        raise fault
    return {}


def ask_for_reset(
    email: str, *, session: Session, site: Site, language: str, now: datetime, outbox: Outbox
) -> Json:
    """Has a link mailed (wlink 5). Whether the address has a user is found out later, see
    password_resets.py: so neither the answer nor the time that it takes can tell.
    """
    content = {"email": normal(email), "portal": site.portal, "language": language}
    outbox.add(session, "password_reset", {**content, "address": site.address}, now, LIFE)
    return {}


def is_reset_over(token: str, *, session: Session, now: datetime) -> Json:
    """Whether a link is past use (wlink 6)."""
    row = ResetToken.of_token(session, token)
    return {"expired": row is None or not row.is_usable(now)}


def reset(
    password: str,
    token: str,
    *,
    site: Site,
    address: str,
    now: datetime,
    transaction: Transaction,
    passwords: Passwords,
    outbox: Outbox,
    audit: AuditLog,
) -> Json:
    """Sets the password by a mailed link (wlink 4). Whoever has it has shown that the address is
    his.
    """
    user, setting = transaction.read(
        lambda session: (_owner(session, token, now), SecuritySetting.of_tenant(session))
    )
    require_strong(password, setting.required_password_strength, user.guessable(site.broker))
    new_hash = passwords.hashed(password)

    def put_into_force(session: BoundSession) -> None:
        owner = _owner(session, token, now)
        owner.email_verified_at = owner.email_verified_at or now
        _set_password(session, owner, new_hash, now)
        LoginFailure.forget(session, owner.user_type, owner.email)
        audit.record(session, Deed.PASSWORD_RESET, actor_id=owner.id, address=address, at=now)
        _tell(session, outbox, owner, now)

    transaction.write(put_into_force)
    return {}


def _owner(session: Session, token: str, now: datetime) -> User:
    """Whose password the token sets. Raises Problem RESET_TOKEN_INVALID or RESET_TOKEN_EXPIRED."""
    found = ResetToken.of_token(session, token)
    if found is None:
        raise Problem("RESET_TOKEN_INVALID")
    user = User.locked(session, found.user_id)  # first, as everywhere
    ResetToken.usable(session, token, now)
    if user.status is UserStatus.DISABLED:
        raise Problem("RESET_TOKEN_INVALID")
    return user


def _set_password(
    session: Session, locked: User, new_hash: str, now: datetime, *, but: int = 0
) -> None:
    """Puts it into force and ends the user's sessions, but for one; mailed links end, too."""
    locked.set_password(new_hash, now)
    LoginSession.revoke_all(session, locked.id, now, but=but)
    ResetToken.end_all(session, locked.id, now)


def _tell(session: Session, outbox: Outbox, user: User, now: datetime) -> None:
    """Lets the user know, in case it was not he."""
    time = f"{now:%F %T}"
    post_letter(outbox, session, "password_changed", user.email, user.language, now, time=time)
