"""Six digits sent to an email address to show that somebody reads it."""

from datetime import datetime, timedelta
from enum import StrEnum
from hmac import compare_digest

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, select

from contract.problems import Problem
from models.boundaries import InTenant
from models.columns import moment, row_id, word
from models.locking import fresh
from models.tenant import Portal
from models.upsert import locked

LIFE = timedelta(minutes=10)
RESEND_AFTER = timedelta(seconds=60)
TRIES = 5


class Scene(StrEnum):
    """What a code is for; it is good for nothing else."""

    REGISTER = "register"
    WITHDRAWAL = "withdrawal"
    TRANSFER = "transfer"
    PASSWORD_CHANGE = "password_change"


class VerificationCode(InTenant, table=True):
    """The last code of a scene for an address; a new one takes its place. The code itself is not
    kept: `seal` is its HMAC under a key that is not in the database. A slow hash would be no
    better: a million codes are tried in no time.
    """

    __tablename__ = "verification_code"
    __table_args__ = (UniqueConstraint("tenant_id", "portal", "scene", "email"),)

    id: int = row_id()
    portal: Portal = word(Portal)
    scene: Scene = word(Scene)
    email: str = Field(max_length=254)
    seal: str = Field(max_length=64)
    tries: int = Field(default=0)
    expires_at: datetime = moment()
    can_resend_at: datetime = moment()
    used_at: datetime | None = moment(optional=True)

    @classmethod
    def issue(
        cls, session: Session, portal: Portal, scene: Scene, email: str, seal: str, now: datetime
    ) -> "VerificationCode":
        """Takes the place of the code before. Raises Problem EMAIL_CODE_TOO_FREQUENT."""
        key = {"portal": portal, "scene": scene, "email": email}
        new = {"seal": "", "tries": 0, "expires_at": now, "can_resend_at": now}
        row = locked(session, cls, key, **new)
        if now < row.can_resend_at:
            wait = {"can_resend_at": int(row.can_resend_at.timestamp())}
            seconds = int((row.can_resend_at - now).total_seconds()) + 1
            headers = {"Retry-After": str(seconds)}
            raise Problem("EMAIL_CODE_TOO_FREQUENT", details=wait, headers=headers)
        row.seal, row.tries, row.used_at = seal, 0, None
        row.expires_at, row.can_resend_at = now + LIFE, now + RESEND_AFTER
        return row

    @classmethod
    def spend(
        cls, session: Session, portal: Portal, scene: Scene, email: str, seal: str, now: datetime
    ) -> Problem | None:
        """Uses the code up, or says why not: see `tried`."""
        fault = cls.tried(session, portal, scene, email, seal, now)
        if fault is None:
            cls.use(session, portal, scene, email, seal, now)
        return fault

    @classmethod
    def tried(
        cls, session: Session, portal: Portal, scene: Scene, email: str, seal: str, now: datetime
    ) -> Problem | None:
        """Whether the code is right. The try is counted before the code is looked at, and the row
        stays locked: so what this returns must be committed, not raised.
        """
        row = cls._locked(session, portal, scene, email)
        if row is None or row.used_at is not None or row.tries >= TRIES:
            return Problem("EMAIL_CODE_INVALID")
        if now >= row.expires_at:
            return Problem("EMAIL_CODE_EXPIRED")
        row.tries += 1
        return None if compare_digest(row.seal, seal) else Problem("EMAIL_CODE_INVALID")

    @classmethod
    def use(
        cls, session: Session, portal: Portal, scene: Scene, email: str, seal: str, now: datetime
    ) -> None:
        """Uses up a code that was right when it was tried. Raises Problem EMAIL_CODE_INVALID if
        somebody else has been faster.
        """
        row = cls._locked(session, portal, scene, email)
        if row is None or row.used_at is not None or not compare_digest(row.seal, seal):
            raise Problem("EMAIL_CODE_INVALID")
        row.used_at = now

    @classmethod
    def _locked(
        cls, session: Session, portal: Portal, scene: Scene, email: str
    ) -> "VerificationCode | None":
        found = select(cls).where(cls.portal == portal, cls.scene == scene, cls.email == email)
        return session.exec(fresh(found)).first()
