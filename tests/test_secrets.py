"""A sweep for secrets: known ones go through every operation; then everything that is kept or
written is searched for them.
"""

import logging
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from backoffice.applications import ACCOUNT
from backoffice.clients import approve_client
from models import tables
from models.captcha_setting import CaptchaSetting
from models.database import Database
from models.user import User
from tests.server import DATABASES, PASSWORD, Broker, Server, database_url, running
from tests.trading import Floor

Json = Any

WRONG = "canary-Wrong-password-93"
NEW = "canary-New-password-27"
NEWEST = "canary-Newest-password-64"
CAPTCHA = "pass-canary-ticket-51"
TRADING = {
    name: f"Cnry-{name}-{number}"
    for number, name in enumerate(("live", "look", "demo", "watch", "new", "short", "refused"), 10)
}


@pytest.fixture(params=DATABASES)
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    """One of its own: the whole database is searched."""
    with database_url(request.param, tmp_path) as url, running(url, tmp_path) as started:
        yield started


@pytest.fixture
def all_logs(logs: StringIO, monkeypatch: pytest.MonkeyPatch) -> StringIO:
    """Down to the smallest line, but for those of the test's own client."""
    logging.getLogger().setLevel(logging.DEBUG)
    monkeypatch.setattr(logging.getLogger("httpx2"), "disabled", True)
    return logs


class Walk:
    """Somebody who does everything that there is to do with a secret, right and wrong."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.answers: list[str] = []
        self.waiting = b""
        self.secrets = {WRONG, NEW, NEWEST, PASSWORD, CAPTCHA, *TRADING.values()}

    def call(self, name: str, body: Json = None, **options: Json) -> Json:
        answer = self.broker.call(name, body, **options)
        told = answer.json()
        self.secrets |= {told[key] for key in ("token", "security_token") if told.get(key)}
        kept = {key: value for key, value in told.items() if key not in ("token", "security_token")}
        self.answers.append(f"{kept} {answer.headers}")
        return told

    def take(self) -> None:
        broker, call = self.broker, self.call
        broker.set(
            re_captcha_enabled=True,
            email_verification_scenarios=["password_change"],
        )
        broker.set(CaptchaSetting, tencent_web_app_id=1)
        user = broker.user()
        captcha = {"Captcha-Token": CAPTCHA}
        credentials = {"email": user.email, "password": PASSWORD}
        token = call("login", credentials, headers=captcha)["token"]
        call("login", {**credentials, "password": WRONG}, headers={"Captcha-Token": "pass-2"})
        call("login", {**credentials, "password": [WRONG]})
        call("login", {**credentials, "email": WRONG, "extra": WRONG})
        call("issue_upload_credentials", token=token)
        call("send_email_code", {"scene": "password_change", "received_at": 0}, token=token)
        self.waiting = kept(broker.server.services.database)
        code = broker.code()
        passwords = {"old_password": WRONG, "new_password": NEW, "email_code": code}
        call("change_password", passwords, token=token)
        call("change_password", {**passwords, "old_password": PASSWORD}, token=token)
        call("send_password_reset_email", {"email": user.email})
        reset = broker.mails()[-1][2].partition("token=")[2].split()[0]
        self.secrets |= {code, reset}
        call("check_password_reset_token", query={"token": reset})
        call("check_password_reset_token", query={"token": reset, "extra": WRONG})
        call("reset_password", {"password": "short", "token": reset})
        call("reset_password", {"password": NEWEST, "token": reset})
        ticket = {"app_id": 1, "rand_str": "x", "ticket": CAPTCHA, "user_ip": "203.0.113.9"}
        call("verify_tencent_captcha", ticket)
        self.trade(user)
        for name in broker.operations:
            call(name, {"password": WRONG, "token": WRONG}, token=token, query={"q": WRONG})
        call("logout", token=token)
        broker.mails()

    def trade(self, user: User) -> None:
        """Accounts wait for the operator and the worker, are opened, refused, get new passwords."""
        floor = Floor(self.broker)
        floor.broker.desk(lambda desk: approve_client(desk, user.email))
        token = self.broker.token(user)
        wanted = floor.wanted(password=TRADING["live"], observe_password=TRADING["look"])
        number = self.call("create_account_application", wanted, token=token)
        demo = floor.wanted(
            is_demo=True,
            trading_account_type_id=floor.demo_type,
            password=TRADING["demo"],
            observe_password=TRADING["watch"],
        )
        opened = self.call("create_trading_account", demo, token=token)["id"]
        self.call("create_trading_account", {**demo, "password": TRADING["short"]}, token=token)
        self.waiting += kept(self.broker.server.services.database)
        floor.approve(ACCOUNT, number["application_account_id"])
        change = {"id": opened, "password": TRADING["new"], "type": "observe"}
        self.call("change_trading_password", change, token=token)
        self.waiting += kept(self.broker.server.services.database)
        self.broker.server.deliver()
        again = self.call(
            "create_account_application", {**wanted, "password": TRADING["refused"]}, token=token
        )
        floor.reject(ACCOUNT, again["application_account_id"])


def kept(database: Database) -> bytes:
    """All that the database holds: every row as text, and SQLite's file as it is."""
    with database.engine.connect() as connection:
        rows = [
            str(connection.execute(text(f'SELECT * FROM "{name}"')).all())
            for name in tables.metadata().tables
        ]
    whole = "\n".join(rows).encode()
    if database.url.get_backend_name() == "sqlite":
        path = Path(str(database.url.database))
        whole += b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    return whole


@pytest.mark.long
def test_no_secret_is_kept_or_written_in_clear(server: Server, all_logs: StringIO) -> None:
    walk = Walk(server.broker())
    walk.take()
    assert isinstance(server.http, TestClient)
    with TestClient(server.http.app, client=("127.0.0.1", 1)) as http:
        metrics = http.get("/metrics").text
    places = {
        "database": kept(server.services.database),
        "database while a mail waits": walk.waiting,
        "logs": all_logs.getvalue().encode(),
        "metrics": metrics.encode(),
        "answers": "\n".join(walk.answers).encode(),
        "trading servers": (server.services.settings.data / "simulator.sqlite").read_bytes(),
    }
    assert len(walk.secrets) == 16
    for place, content in places.items():
        assert len(content) > 500, f"{place} must have been written"
        found = {secret for secret in walk.secrets if secret.encode() in content}
        assert not found, place


def test_the_sweep_finds_a_secret_in_the_database(server: Server) -> None:
    broker = server.broker()
    broker.user(full_name=WRONG)
    assert WRONG.encode() in kept(server.services.database)
