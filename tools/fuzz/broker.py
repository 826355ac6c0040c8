"""The broker that the real server is tested with: what the contract's examples speak of is there,
and so are people whom only one run of Schemathesis knows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, TypeVar
from uuid import uuid4

from sqlmodel import col, delete, select

from backoffice.tenants import open_tenant
from backoffice.users import Person, create_user
from cashier.payees import PayeeBook
from contract.documents import merged
from contract.operations import lookup, operations
from handlers.email_codes import code_seal
from models.account_type import AccountType
from models.boundaries import Boundary, BoundSession
from models.channel import Channel, Direction
from models.client_profile import ApplyStatus, ClientProfile
from models.login_failure import LoginFailure
from models.login_session import LoginSession, token_hash
from models.message import Audience, Message
from models.message_recipient import MessageRecipient
from models.partner import Partner
from models.payee import Payee
from models.payout_method import PayoutMethod
from models.reset_token import ResetToken
from models.security_setting import SecuritySetting
from models.tenant import Portal, Site, Tenant
from models.trading_account import AccountStatus, TradingAccount
from models.trading_operation import new_key
from models.trading_server import Platform, TradingServer
from models.trading_setting import TradingSetting
from models.trading_tool import TradingTool
from models.user import User
from models.verification_code import Scene, VerificationCode
from wlink.demo_content import fill
from wlink.preparing import prepare
from wlink.services import Services

Json = Any
Result = TypeVar("Result")

CODE = "fuzz"
PARTNER_HEADERS = {"x-api-tenantId": CODE, "x-api-token": "fuzz-partner"}

TRADING_PASSWORD = "Trade-2026x"
# One that an account has, and one that it may have besides.
LEVERAGE, OTHER_LEVERAGE = 100, 200
_EMAIL_CODE = "271828"
# That of the contract's example.
_METHOD = PayoutMethod.BANK_TRANSFER
_ANY_NUMBER = 1_000_000
_SOMEBODY = Person("雪梅", "赵", "赵雪梅", "zh-CN")


@cache
def example(name: str) -> Json:
    """The example body of an operation."""
    document = merged().document
    media = operations(document)[name].definition["requestBody"]["content"]["application/json"]
    return lookup(document, media["examples"]["request"])["value"]


@dataclass(frozen=True)
class Broker:
    """The broker of a prepared database, and what its people have at hand at a moment."""

    parts: Services
    tenant_id: int
    password: str
    password_hash: str

    def somebody(self, portal: Portal) -> User:
        """Somebody new."""
        email = f"{portal}.{uuid4().hex[:12]}@example.com"
        return self.write(lambda session: self.add(session, portal, email))

    def add(self, session: BoundSession, portal: Portal, email: str) -> User:
        """A user of this address with the broker's password; a client may have live accounts."""
        now = self.parts.clock()
        user = create_user(session, portal, email, _SOMEBODY, self.password_hash, now)
        if portal is Portal.CLIENT:
            ClientProfile.of_user_id(session, user.id).apply_status = ApplyStatus.APPROVED
        return user

    def token(self, user: User) -> str:
        """The bearer token of a new session."""
        now, life = self.parts.clock(), timedelta(days=1)
        login, token = LoginSession.opened(user.id, now, life, life)
        self.write(lambda session: session.add(login))
        return token

    def restore(self, user: User) -> None:
        """Whatever has happened to him, he can log in with the broker's password."""

        def work(session: BoundSession) -> None:
            User.locked(session, user.id).password_hash = self.password_hash
            LoginFailure.forget(session, user.user_type, user.email)

        self.write(work)

    def reset_token(self, user: User) -> str:
        """A token that sets a new password."""
        return self.write(lambda session: ResetToken.issue(session, user.id, self.parts.clock()))

    def forget_code(self, user: User, scene: Scene) -> None:
        """The next code of the scene can be asked for at once."""
        table = VerificationCode
        own = (
            col(table.portal) == user.user_type,
            col(table.email) == user.email,
            col(table.scene) == scene,
        )
        self.write(lambda session: session.execute(delete(table).where(*own)))

    def email_code(self, user: User, scene: Scene) -> str:
        """A code that was mailed to him just now."""
        self.forget_code(user, scene)
        portal, email, now = user.user_type, user.email, self.parts.clock()
        site = Site(self.tenant_id, "", portal, "", language="en", zone="UTC")
        seal = code_seal(self.parts.box, site, portal, scene, email, _EMAIL_CODE)
        self.write(lambda session: VerificationCode.issue(session, portal, scene, email, seal, now))
        return _EMAIL_CODE

    def message(self, user: User) -> int:
        """The id of a message that only he has got."""

        def work(session: BoundSession) -> int:
            texts = {"en": "Only for you", "zh-CN": "专属消息"}
            message = Message(
                title=texts,
                content=texts,
                audience=Audience.LIST,
                portals=[user.user_type],
                named=[user.id],
                sent_at=self.parts.clock(),
                last=user.id,
            )
            session.add(message)
            session.flush()
            MessageRecipient.deliver(session, message.id, [user.id])
            return message.id

        return self.write(work)

    def tool_column(self) -> int:
        """The id of a tool column that clients see."""
        return self.write(lambda session: session.exec(select(TradingTool.id).limit(1)).one())

    def channel(self) -> int:
        """The id of a channel that takes something."""
        return self.write(lambda session: Channel.offered(session, Direction.DEPOSIT, "")[0].id)

    def account_type(self, *, is_demo: bool) -> int:
        """The id of a type that can be opened on MT4."""
        return self.write(
            lambda session: AccountType.offered(session, Platform.MT4, is_demo=is_demo)[0].id
        )

    def trading_account(self, user: User, *, is_demo: bool) -> int:
        """The id of an open account of his, which only he knows."""
        opened = self.write(lambda session: self._begin_account(session, user, is_demo=is_demo))
        account, kind, server = opened
        login = self.parts.ports.of(server).open_account(
            group=kind.group_name,
            name=user.full_name,
            leverage=account.leverage,
            password=TRADING_PASSWORD,
            observe_password="",
            currency=account.currency,
            key=new_key("F"),
        )
        self.write(lambda session: self._finish_account(session, account.id, login))
        return account.id

    def payee(self, user: User) -> int:
        """The id of the only payee that he has."""
        self.forget_payees(user)
        sent = {_METHOD: example("create_payee")[_METHOD.info_name]}

        def work(session: BoundSession) -> int:
            parts = self.parts
            given = (parts.box, parts.outbox, parts.audit, "", parts.clock())
            return PayeeBook(user.id, *given).add(session, _METHOD, sent, "").id

        return self.write(work)

    def forget_payees(self, user: User) -> None:
        """He has none any more."""
        own = col(Payee.user_id) == user.id
        self.write(lambda session: session.execute(delete(Payee).where(own)))

    def _begin_account(
        self, session: BoundSession, user: User, *, is_demo: bool
    ) -> tuple[TradingAccount, AccountType, TradingServer]:
        kind = AccountType.offered(session, Platform.MT4, is_demo=is_demo)[0]
        account = TradingAccount(
            user_id=user.id,
            server_id=kind.server_id,
            account_type_id=kind.id,
            currency=kind.currency,
            leverage=LEVERAGE,
            is_demo=is_demo,
            moved_at=self.parts.clock(),
        )
        session.add(account)
        session.flush()
        return account, kind, TradingServer.present(session, kind.server_id)

    def _finish_account(self, session: BoundSession, number: int, login: str) -> None:
        account = TradingAccount.locked(session, number)
        account.login = login
        account.move("status", AccountStatus.OPEN, self.parts.clock())

    def write(self, work: Callable[[BoundSession], Result]) -> Result:
        """A transaction of the broker's."""
        return self.parts.database.write(Boundary(self.tenant_id), work)


def furnish(parts: Services) -> None:
    """Makes the database and the broker, who shows what the demo shows."""
    prepare(parts.database)
    parts.database.write(None, _open)
    broker = prepared(parts)
    boundary = Boundary(broker.tenant_id)
    parts.database.write(boundary, lambda session: _fill(session, broker))
    fill(parts, boundary)
    parts.database.write(boundary, _let_everybody_trade)


def _let_everybody_trade(session: BoundSession) -> None:
    """Nobody waits for an operator, or has too many accounts."""
    setting = TradingSetting.of_tenant(session)
    setting.opens_at_once, setting.most_demo_accounts = True, _ANY_NUMBER
    for kind in session.exec(select(AccountType)).all():
        kind.most_per_user = _ANY_NUMBER


def prepared(parts: Services) -> Broker:
    """The broker that is there."""
    wanted = select(Tenant.id).where(Tenant.code == CODE)
    tenant_id = parts.database.read(None, lambda session: session.exec(wanted).one())
    password = example("login")["password"]
    return Broker(parts, tenant_id, password, parts.passwords.hashed(password))


def _open(session: BoundSession) -> None:
    tenant = Tenant(
        code=CODE,
        name="Fuzz Markets",
        default_language="zh-CN",
        timezone="Asia/Shanghai",
        serves_unknown_hosts=True,
    )
    open_tenant(session, tenant)


def _fill(session: BoundSession, broker: Broker) -> None:
    """Settings, the user of the examples, a mailed link, a partner."""
    setting = SecuritySetting.of_tenant(session)
    setting.email_verification_scenarios = [Scene.PASSWORD_CHANGE]
    user = broker.add(session, Portal.CLIENT, example("login")["email"])
    mailed = token_hash(example("reset_password")["token"])
    expires_at = broker.parts.clock() + timedelta(days=1)
    session.add(ResetToken(user_id=user.id, token_hash=mailed, expires_at=expires_at))
    session.add(Partner(name="fuzz", token_hash=token_hash(PARTNER_HEADERS["x-api-token"])))
