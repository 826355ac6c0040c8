"""Everything that a request or the worker needs, made once of the settings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cashier.consequences import OF_ORDERS
from cashier.payment_ports import PaymentPorts
from gateways.audit_log import AuditLog
from gateways.captcha import CaptchaPort, EmbeddedCaptcha
from gateways.inbox import Inbox
from gateways.mail import MailPort
from gateways.outbox import Outbox
from gateways.passwords import Passwords
from gateways.payment_gateways import PaymentGateways
from gateways.secret_box import SecretBox
from gateways.smtp import SmtpMail
from gateways.storage import FolderStorage
from gateways.trading_servers import TradingServers
from models.database import Database
from trading.consequences import OF_ACCOUNTS
from trading.delivery import Delivery
from trading.orders import Orders
from trading.outcomes import Outcomes
from trading.ports import Ports
from trading.refreshing import Refreshing
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
    orders: Orders
    ports: Ports
    payments: PaymentPorts
    audit: AuditLog
    passwords: Passwords
    mail: MailPort
    captcha: CaptchaPort
    storage: FolderStorage

    @property
    def outcomes(self) -> Outcomes:
        """What follows when operations are done, or refused."""
        return Outcomes(self.orders, OF_ACCOUNTS | OF_ORDERS)

    @property
    def delivery(self) -> Delivery:
        """What brings operations to trading servers."""
        doubt = timedelta(seconds=self.settings.trading_doubt_seconds)
        return Delivery(self.database, self.outcomes, self.ports, self.clock, doubt)

    @property
    def refreshing(self) -> Refreshing:
        """What keeps the figures of trading accounts fresh."""
        every = timedelta(seconds=self.settings.refresh_seconds)
        return Refreshing(self.database, self.ports, self.clock, every)


def utc_now() -> datetime:
    """The clock of a real server."""
    return datetime.now(UTC)


def services(settings: Settings, clock: Clock = utc_now) -> Services:
    """Raises UnsafeSecretError or UnsafeDatabaseError."""
    box = SecretBox(settings.secret_bytes())
    outbox = Outbox(box)
    database = Database(settings.database_url)
    return Services(
        settings=settings,
        clock=clock,
        database=database,
        box=box,
        outbox=outbox,
        orders=Orders(outbox, box),
        ports=Ports(box, _trading_servers(settings, clock)),
        payments=PaymentPorts(box, PaymentGateways(settings.data, clock, settings.public_address)),
        audit=AuditLog(box),
        passwords=Passwords(settings.data),
        mail=_mail(settings) or Inbox(database, box, clock),
        captcha=EmbeddedCaptcha(database, clock),
        storage=FolderStorage(settings.data / "uploads", box, clock),
    )


def _trading_servers(settings: Settings, clock: Clock) -> TradingServers:
    seconds = settings.trading_call_seconds
    return TradingServers(settings.data, clock, total_seconds=seconds)


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
