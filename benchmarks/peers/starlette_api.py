"""Operations 19 and 37 on bare Starlette, with SQL written by hand: each request runs in a thread,
and each thread has a connection of its own.

    python -m benchmarks.peers.starlette_api <port> <database>
"""

import sqlite3
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson
import psycopg
import uvicorn
from psycopg.types.json import set_json_loads
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from models.login_session import token_hash

Json = Any

_TENANT = (
    "SELECT id, timezone, default_language FROM tenant WHERE id IN"
    " (SELECT tenant_id FROM tenant_domain WHERE host = ?) OR serves_unknown_hosts"
    " ORDER BY serves_unknown_hosts LIMIT 1"
)
_COMPANY = (
    "SELECT broker_name, company_logo_url, login_page_logo_url, watermark_logo_url, email,"
    " support_phone FROM company_setting WHERE tenant_id = ?"
)
_COMPANY_FIELDS = (
    "broker_name_i18n",
    *("company_logo_url", "login_page_logo_url", "watermark_logo_url", "email", "support_phone"),
)
_LOGIN = (
    "SELECT s.id, s.user_id, s.last_seen_at, s.expires_at, s.idle_seconds, u.user_type"
    ' FROM login_session AS s JOIN "user" AS u ON u.id = s.user_id'
    " WHERE s.token_hash = ? AND s.tenant_id = ? AND s.revoked_at IS NULL"
    " AND u.status = 'enabled' AND u.email_verified_at IS NOT NULL"
)
_MARK = "UPDATE login_session SET last_seen_at = ? WHERE id = ?"
_PAGE = (
    "SELECT m.id, m.sent_at, m.title, r.read_at IS NOT NULL FROM message_recipient AS r"
    " JOIN message AS m ON m.id = r.message_id WHERE r.user_id = ? AND r.hidden_at IS NULL"
    " ORDER BY r.message_id DESC LIMIT ? OFFSET ?"
)
_TOTAL = "SELECT total FROM message_box WHERE user_id = ?"


class SQLite(threading.local):
    """A connection a thread."""

    def __init__(self, database: str) -> None:
        path = database.removeprefix("sqlite:///")
        self._connection = sqlite3.connect(path, isolation_level=None)

    def rows(self, statement: str, *values: Json) -> list[tuple[Json, ...]]:
        return self._connection.execute(statement, values).fetchall()

    def moment(self, kept: str) -> datetime:
        return datetime.fromisoformat(kept).replace(tzinfo=UTC)

    def kept(self, moment: datetime) -> str:
        return f"{moment:%Y-%m-%d %H:%M:%S.%f}"

    def texts(self, kept: str) -> dict[str, str]:
        texts: dict[str, str] = orjson.loads(kept)
        return texts


class PostgreSQL(threading.local):
    """The same."""

    def __init__(self, database: str) -> None:
        self._connection = psycopg.connect(database, autocommit=True)

    def rows(self, statement: str, *values: Json) -> list[tuple[Json, ...]]:
        cursor = self._connection.execute(statement.replace("?", "%s").encode(), values)
        return cursor.fetchall() if cursor.description else []

    def moment(self, kept: datetime) -> datetime:
        return kept

    def kept(self, moment: datetime) -> datetime:
        return moment

    def texts(self, kept: dict[str, str]) -> dict[str, str]:
        return kept


class Tenant(NamedTuple):
    """What a host leads to, and until when that is certain enough."""

    until: float
    id: int
    timezone: str
    language: str


set_json_loads(orjson.loads)
_kind = SQLite if sys.argv[2].startswith("sqlite") else PostgreSQL
database: SQLite | PostgreSQL = _kind(sys.argv[2])
_known: dict[str, Tenant] = {}


def _tenant(request: Request) -> Tenant:
    """At most a second old."""
    host = request.headers.get("host", "").partition(":")[0]
    known = _known.get(host)
    if known is None or known.until < time.monotonic():
        for row in database.rows(_TENANT, host):
            known = _known[host] = Tenant(time.monotonic() + 1, *row)
    if known is None:
        raise HTTPException(404)
    return known


def _client(request: Request, tenant: Tenant) -> int:
    """Whose token it is; once a minute it is noted that it was used."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    found = database.rows(_LOGIN, token_hash(token), tenant.id)
    if kind.lower() != "bearer" or not found:
        raise HTTPException(401)
    ((number, user, last_seen_at, expires_at, idle_seconds, portal),) = found
    now, seen = datetime.now(UTC), database.moment(last_seen_at)
    if now >= min(database.moment(expires_at), seen + timedelta(seconds=idle_seconds)):
        raise HTTPException(401)
    if portal != "client":
        raise HTTPException(403)
    if now - seen >= timedelta(minutes=1):
        database.rows(_MARK, database.kept(now), number)
    return int(user)


def get_company(request: Request) -> Response:
    tenant = _tenant(request)
    ((name, *plain),) = database.rows(_COMPANY, tenant.id)
    answer = dict(zip(_COMPANY_FIELDS, [database.texts(name), *plain], strict=True))
    return _json({**answer, "timezone": tenant.timezone})


def list_messages(request: Request) -> Response:
    tenant = _tenant(request)
    client = _client(request, tenant)
    page, size = _number(request, "page", 1_000_000), _number(request, "size", 200)
    zone = ZoneInfo(tenant.timezone)
    language = request.headers.get("x-language") or tenant.language
    listed = []
    for number, sent_at, title, is_read in database.rows(_PAGE, client, size, (page - 1) * size):
        texts = database.texts(title)
        listed.append(
            {
                "id": number,
                "title": texts.get(language) or next(iter(texts.values()), ""),
                "sender": "Admin",
                "created_at": f"{database.moment(sent_at).astimezone(zone):%Y-%m-%d %H:%M:%S}",
                "is_read": bool(is_read),
            }
        )
    ((total,),) = database.rows(_TOTAL, client)
    return _json({"list": listed, "total": total})


def _number(request: Request, name: str, most: int) -> int:
    text = request.query_params.get(name, "")
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise HTTPException(400)
    return int(text)


def _json(answer: Json) -> Response:
    return Response(orjson.dumps(answer), media_type="application/json")


app = Starlette(
    routes=[
        Route("/v1/public/setting/company/get", get_company),
        Route("/v1/client/message/list", list_messages),
    ]
)


if __name__ == "__main__":
    uvicorn.run(
        app,
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
