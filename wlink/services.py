"""Everything that a request or the worker needs, made once of the settings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from gateways.audit_log import AuditLog
from gateways.captcha import CaptchaPort, EmbeddedCaptcha
from gateways.inbox import Inbox
from gateways.mail import MailPort
from gateways.outbox import Outbox
from gateways.passwords import Passwords
from gateways.secret_box import SecretBox
from gateways.smtp import SmtpMail
from gateways.storage import FolderStorage
from models.database import Database
from wlink.settings import Settings

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Services:
    """The server's own parts, and the world outside."""

    settings: Settings
    clock: Clock
    database: Database
    box: SecretBox
    outbox: Outbox
    audit: AuditLog
    passwords: Passwords
    mail: MailPort
    captcha: CaptchaPort
    storage: FolderStorage


def utc_now() -> datetime:
    """The clock of a real server."""
    return datetime.now(UTC)


def services(settings: Settings, clock: Clock = utc_now) -> Services:
    """Raises UnsafeSecretError or UnsafeDatabaseError."""
    box = SecretBox(settings.secret_bytes())
    database = Database(settings.database_url)
    return Services(
        settings=settings,
        clock=clock,
        database=database,
        box=box,
        outbox=Outbox(box),
        audit=AuditLog(box),
        passwords=Passwords(settings.data),
        mail=_mail(settings) or Inbox(database, box, clock),
        captcha=EmbeddedCaptcha(database, clock),
        storage=FolderStorage(settings.data / "uploads", box, clock),
    )


def _mail(settings: Settings) -> MailPort | None:
    if not settings.smtp_host:
        return None
    return SmtpMail(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.mail_sender,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value(),
        encrypted=settings.smtp_encrypted,
    )
