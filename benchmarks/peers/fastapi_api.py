"""Operations 19 and 37 as the documentation of FastAPI and SQLModel has one write them: plain
`def` endpoints and dependencies, one session per request, models of the answers.

    python -m benchmarks.peers.fastapi_api <port> <database>
"""

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, NamedTuple
from zoneinfo import ZoneInfo

import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel import Session, SQLModel, col, create_engine, select
from starlette.concurrency import run_in_threadpool

from models.company_setting import CompanySetting
from models.login_session import LoginSession, token_hash
from models.message import Message
from models.message_recipient import MessageBox, MessageRecipient
from models.tenant import Portal, Tenant, TenantDomain
from models.user import User

# As many connections as wlink has.
engine = create_engine(
    sys.argv[2].replace("postgresql:", "postgresql+psycopg:"), pool_size=20, max_overflow=0
)
app = FastAPI(openapi_url=None)


class Known(NamedTuple):
    """A tenant, and until when that is certain enough."""

    tenant: Tenant
    until: float


class Company(SQLModel):
    broker_name_i18n: dict[str, str]
    company_logo_url: str
    login_page_logo_url: str
    watermark_logo_url: str
    email: str
    support_phone: str
    timezone: str


class ListedMessage(SQLModel):
    id: int
    title: str
    sender: str
    created_at: str
    is_read: bool


class MessagePage(SQLModel):
    list: list[ListedMessage]
    total: int


def _session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


OneSession = Annotated[Session, Depends(_session)]
_known: dict[str, Known] = {}


async def _tenant(request: Request) -> Tenant:
    """By the host, at most a second old. What is known needs no thread."""
    host = request.url.hostname or ""
    known = _known.get(host)
    if known is None or known.until < time.monotonic():
        found = await run_in_threadpool(_looked_up, host)
        known = _known[host] = Known(found, time.monotonic() + 1)
    return known.tenant


def _looked_up(host: str) -> Tenant:
    with Session(engine) as session:
        of_host = select(Tenant).join(TenantDomain, col(TenantDomain.tenant_id) == Tenant.id)
        tenant = session.exec(of_host.where(TenantDomain.host == host)).first()
        tenant = tenant or session.exec(select(Tenant).where(Tenant.serves_unknown_hosts)).first()
        if tenant is None:
            raise HTTPException(404)
        return tenant


ThisTenant = Annotated[Tenant, Depends(_tenant)]
Credentials = Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]


def _client(session: OneSession, tenant: ThisTenant, credentials: Credentials) -> User:
    """Whose token it is; once a minute it is noted that it was used."""
    both = select(LoginSession, User).join(User, col(User.id) == LoginSession.user_id)
    own = both.where(
        LoginSession.token_hash == token_hash(credentials.credentials),
        LoginSession.tenant_id == tenant.id,
    )
    login, user = session.exec(own).first() or (None, None)
    now = datetime.now(UTC)
    if login is None or user is None or login.revoked_at:
        raise HTTPException(401)
    idle_until = login.last_seen_at + timedelta(seconds=login.idle_seconds)
    if now >= min(login.expires_at, idle_until):
        raise HTTPException(401)
    if not user.may_log_in or user.user_type is not Portal.CLIENT:
        raise HTTPException(403)
    if now - login.last_seen_at >= timedelta(minutes=1):
        login.last_seen_at = now
        session.commit()
    return user


Client = Annotated[User, Depends(_client)]


@app.get("/v1/public/setting/company/get")
def _get_company(session: OneSession, tenant: ThisTenant) -> Company:
    own = select(CompanySetting).where(CompanySetting.tenant_id == tenant.id)
    setting = session.exec(own).one()
    return Company(
        **setting.model_dump(exclude={"broker_name"}),
        broker_name_i18n=setting.broker_name,
        timezone=tenant.timezone,
    )


@app.get("/v1/client/message/list")
def _list_messages(
    session: OneSession,
    tenant: ThisTenant,
    client: Client,
    page: Annotated[int, Query(ge=1, le=1_000_000)],
    size: Annotated[int, Query(ge=1, le=200)],
    x_language: Annotated[str, Header()] = "",
) -> MessagePage:
    shown = (
        select(Message.id, Message.sent_at, Message.title, MessageRecipient.read_at)
        .join(MessageRecipient, col(MessageRecipient.message_id) == Message.id)
        .where(MessageRecipient.user_id == client.id, col(MessageRecipient.hidden_at).is_(None))
        .order_by(col(MessageRecipient.message_id).desc())
    )
    rows = session.exec(shown.offset((page - 1) * size).limit(size))
    zone, language = ZoneInfo(tenant.timezone), x_language or tenant.default_language
    listed = [
        ListedMessage(
            id=number,
            title=title.get(language) or next(iter(title.values()), ""),
            sender="Admin",
            created_at=f"{sent_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
            is_read=read_at is not None,
        )
        for number, sent_at, title, read_at in rows
    ]
    box = session.exec(select(MessageBox).where(MessageBox.user_id == client.id)).one()
    return MessagePage(list=listed, total=box.total)


if __name__ == "__main__":
    uvicorn.run(
        app,
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
