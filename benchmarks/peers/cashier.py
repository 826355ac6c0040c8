"""Clients of a benchmark's broker with money on trading accounts."""

from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlmodel import select

from benchmarks.peers.broker import Broker
from gateways.storage import own_folder
from models.account_type import AccountType
from models.boundaries import BoundSession
from models.channel import Channel, ChannelMethod
from models.client_profile import ApplyStatus, ClientProfile
from models.money import Denomination, Money
from models.tenant import Tenant
from models.trading_account import AccountStatus, TradingAccount
from models.trading_server import Platform, TradingServer
from models.user import User
from wlink.demo_content import fill

Json = Any

FUNDS = "10000.00"


class Client(NamedTuple):
    """Somebody who is logged in, and his live accounts; there is money on each."""

    user: User
    token: str
    accounts: list[int]


def bring_clients(tenant: Broker, clients: int, accounts: int) -> list[Client]:
    """So many clients with so many accounts each, at a broker who offers what the demo's does."""
    tenant.services.database.write(tenant.boundary, _speak_chinese)
    fill(tenant.services, tenant.boundary)
    users = tenant.users([f"client{number}@example.com" for number in range(clients)])
    tenant.services.database.write(tenant.boundary, lambda session: _approve(session, users))
    return [Client(user, tenant.token(user), _accounts(tenant, user, accounts)) for user in users]


def _speak_chinese(session: BoundSession) -> None:
    """As the demo's broker does, whose content is written for it."""
    for tenant in session.exec(select(Tenant)):
        tenant.default_language = "zh-CN"


def channel(tenant: Broker, method: ChannelMethod) -> Channel:
    """One of the broker's."""
    found = select(Channel).where(Channel.method == method).limit(1)
    return tenant.services.database.read(tenant.boundary, lambda session: session.exec(found).one())


def bring_receipt(tenant: Broker, client: Client) -> str:
    """The address of a file that a client has uploaded."""
    folder = own_folder(tenant.boundary.tenant_id, client.user.id)
    place = tenant.services.settings.data / "uploads" / folder
    place.mkdir(parents=True, exist_ok=True)
    (place / "receipt.png").write_bytes(b"a picture")
    return f"https://files.example/{folder}receipt.png"


def _approve(session: BoundSession, users: list[User]) -> None:
    for user in users:
        ClientProfile.of_user_id(session, user.id).apply_status = ApplyStatus.APPROVED


def _accounts(tenant: Broker, user: User, number: int) -> list[int]:
    """Opened at the simulator first, and written down as its answer would be."""
    parts, boundary = tenant.services, tenant.boundary
    kind, server = parts.database.read(boundary, _offered)
    port = parts.ports.of(server)
    logins = []
    for each in range(number):
        login = port.open_account(
            group=kind.group_name,
            name=user.full_name,
            leverage=100,
            password="Trade-2026x",
            observe_password="",
            currency=kind.currency,
            key=f"B:{user.id}.{each}",
        )
        port.balance_operation(login, Decimal(FUNDS), f"B:{user.id}.{each}.in")
        logins.append(login)
    now = parts.clock()
    return parts.database.write(
        boundary, lambda session: [_written(session, user, kind, login, now) for login in logins]
    )


def _offered(session: BoundSession) -> tuple[AccountType, TradingServer]:
    kind = AccountType.offered(session, Platform.MT4, is_demo=False)[0]
    return kind, TradingServer.present(session, kind.server_id)


def _written(
    session: BoundSession, user: User, kind: AccountType, login: str, now: datetime
) -> int:
    stands = Money.reported(FUNDS, Denomination.of(session, kind.currency)).minor
    account = TradingAccount(
        user_id=user.id,
        server_id=kind.server_id,
        account_type_id=kind.id,
        login=login,
        currency=kind.currency,
        leverage=100,
        is_demo=False,
        balance=stands,
        equity=stands,
        free_margin=stands,
        moved_at=now,
    )
    session.add(account)
    session.flush()
    account.move("status", AccountStatus.OPEN, now)
    return account.id
