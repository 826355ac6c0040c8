"""The real server around its operations: hosts, headers, health, figures, logs."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import structlog
from httpx2 import Response
from pydantic import SecretStr
from sqlmodel import select
from starlette.testclient import TestClient

from handlers.planned import PLANNED
from models.database import Database
from models.rate_counter import RateCounter
from models.tenant import Portal, Tenant, TenantDomain
from tests.server import ADDRESS, Broker, Server, problem
from wlink.app import create_app
from wlink.demo import demo
from wlink.settings import Settings

Json = Any

SAFE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


def assert_safe(answer: Response) -> None:
    assert {name: answer.headers[name] for name in SAFE} == SAFE


def test_every_operation_answers_with_headers_that_keep_it_out_of_caches(broker: Broker) -> None:
    for name, operation in broker.operations.items():
        answer = broker.call(name)
        assert_safe(answer)
        if operation.schemes and {} not in operation.definition["security"]:
            assert answer.status_code == 401, name


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("DELETE", "/v1/auth/account/login", 405),
        ("TRACE", "/v1/auth/account/login", 405),
        ("GET", "/health/live", 200),
        ("GET", "/health/ready", 200),
    ],
)
def test_so_does_everything_else(broker: Broker, method: str, path: str, status: int) -> None:
    headers = {"Host": f"client.t{broker.number}.example"}
    answer = broker.server.http.request(method, path, headers=headers)
    assert answer.status_code == status
    assert_safe(answer)


def test_operations_that_are_not_built_say_so_to_whoever_may_call_them(broker: Broker) -> None:
    token = broker.login(broker.user())
    answer = broker.call("get_registration_template", token=token)
    assert problem(answer) == (501, "NOT_IMPLEMENTED")
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem(broker.call("get_registration_template"))[0] == 401
    assert len(PLANNED) == 127 - 77


def test_a_host_that_is_nobody_s_is_not_found(server: Server) -> None:
    answer = server.http.get("/v1/auth/account/security-setting", headers={"Host": "x.example"})
    assert problem(answer) == (404, "NOT_FOUND")


def test_the_host_may_have_a_port_and_capitals(broker: Broker) -> None:
    headers = {"Host": f"Client.T{broker.number}.Example:8443"}
    assert broker.login(broker.user())
    answer = broker.call("login", {"email": "x@example.com", "password": "x"}, headers=headers)
    assert problem(answer) == (401, "BAD_CREDENTIALS")


def test_a_new_host_is_known_within_a_second(broker: Broker) -> None:
    headers = {"Host": f"new.t{broker.number}.example"}
    assert broker.call("login", {}, headers=headers).status_code == 404
    parts = broker.server.services
    domain = TenantDomain(host=headers["Host"], portal=Portal.CLIENT, is_main=False)
    parts.database.write(broker.boundary, lambda session: session.add(domain))
    broker.server.clock.forward(seconds=1)
    assert broker.call("login", {}, headers=headers).status_code == 400


@pytest.fixture
def demo_server(server: Server) -> Iterator[Server]:
    """Where a demo broker serves the hosts that are nobody's."""

    def serve_unknown_hosts(yes: bool) -> None:
        def change(session: Any) -> None:
            session.exec(
                select(Tenant).where(Tenant.code == "demo")
            ).one().serves_unknown_hosts = yes

        server.services.database.write(None, change)
        server.clock.forward(seconds=2)

    demo(server.services)
    serve_unknown_hosts(True)
    yield server
    serve_unknown_hosts(False)


def test_a_demo_broker_shows_content_in_chinese_and_english(demo_server: Server) -> None:
    login = demo(demo_server.services)[0]
    body = {"email": login.email, "password": login.password}
    path = "/v1/auth/account/login"
    token = demo_server.http.post(path, json=body).json()["token"]
    shown: dict[str, str] = {}
    for language in ("zh-CN", "en"):
        headers = {"Authorization": f"Bearer {token}", "X-Language": language}
        told = [
            demo_server.http.get(f"/v1/{path}", headers=headers).json()["list"]
            for path in (
                "operation/delivery/list",
                "operation/popup/list",
                "client/tool/list",
                "client/message/list?page=1&size=20",
            )
        ]
        assert all(told)
        shown[language] = str(told)
    assert "出金提速" in shown["zh-CN"]
    assert "Withdrawals are faster now" in shown["en"]


def test_the_demo_client_has_somewhere_to_be_paid_to(demo_server: Server) -> None:
    login = demo(demo_server.services)[0]
    body = {"email": login.email, "password": login.password}
    token = demo_server.http.post("/v1/auth/account/login", json=body).json()["token"]
    path, headers = "/v1/client/withdrawal/account-book", {"Authorization": f"Bearer {token}"}
    found = demo_server.http.get(f"{path}/list", headers=headers).json()
    assert found["total"] == len(found["cryptocurrency"]) + len(
        found["international_wire_transfer"]
    )
    assert found["total"] == 2


def test_a_demo_broker_serves_unknown_hosts_and_says_how_to_log_in(demo_server: Server) -> None:
    logins = demo(demo_server.services)
    assert all(login.is_valid for login in logins)
    for login in logins:
        if login.portal is Portal.BROKER:
            continue  # operators work at the console
        answer = demo_server.http.post(
            "/v1/auth/account/login",
            json={"email": login.email, "password": login.password},
            headers={"X-Portal": login.portal},
        )
        assert answer.json()["user_info"]["user_type"] == login.portal
    again = demo(demo_server.services)
    assert again == logins
    assert len({login.password for login in logins}) == len(logins)


@pytest.mark.parametrize(
    ("origin", "admitted"),
    [
        ("https://ib.t{n}.example", True),
        ("https://IB.T{n}.example", True),
        ("http://ib.t{n}.example", False),
        ("https://ib.t{other}.example", False),
        ("https://ib.t{n}.example.evil.example", False),
        ("https://evil.example", False),
        ("null", False),
        ("http://[", False),
        ("http://localhost:5173", False),
    ],
)
def test_pages_of_the_tenant_s_own_hosts_may_call(
    broker: Broker, origin: str, admitted: bool
) -> None:
    other = broker.server.broker()
    sent = origin.format(n=broker.number, other=other.number)
    answer = broker.call("login", {}, headers={"Origin": sent})
    assert answer.headers.get("access-control-allow-origin") == (sent if admitted else None)
    assert answer.headers["vary"] == "Origin"
    preflight = broker.server.http.options(
        "/v1/auth/account/login",
        headers={
            "Host": f"client.t{broker.number}.example",
            "Origin": sent,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization",
        },
    )
    assert preflight.status_code == 204
    assert ("access-control-allow-methods" in preflight.headers) is admitted
    assert "access-control-allow-credentials" not in preflight.headers


def test_on_one_machine_a_page_at_any_port_may_call(demo_server: Server) -> None:
    headers = {"Host": "localhost:8000", "Origin": "http://localhost:5173"}
    answer = demo_server.http.post("/v1/auth/account/login", json={}, headers=headers)
    assert answer.headers["access-control-allow-origin"] == "http://localhost:5173"
    elsewhere = {**headers, "Host": "192.0.2.1"}
    answer = demo_server.http.post("/v1/auth/account/login", json={}, headers=elsewhere)
    assert "access-control-allow-origin" not in answer.headers


def test_a_server_is_alive_and_ready(server: Server) -> None:
    assert server.http.get("/health/live").json() == {"status": "live"}
    assert server.http.get("/health/ready").json() == {"status": "ready"}


def test_without_its_database_a_server_is_alive_but_not_ready(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/nothing")
    monkeypatch.setattr(server.services.database, "_reading", away.engine)
    assert server.http.get("/health/live").status_code == 200
    ready = server.http.get("/health/ready")
    assert (ready.status_code, ready.json()) == (503, {"status": "not ready"})
    assert server.http.get("/metrics").status_code in (404, 503)
    server.clock.forward(minutes=2)
    answer = server.http.get("/v1/auth/account/security-setting")
    assert problem(answer) == (503, "OVERLOADED")
    assert answer.headers["retry-after"]


def test_hosts_are_remembered_for_a_minute_without_a_database(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker.call("logout")
    away = Database("postgresql://nobody@127.0.0.1:1/nothing")
    monkeypatch.setattr(broker.server.services.database, "_reading", away.engine)
    broker.server.clock.forward(seconds=30)
    assert problem(broker.call("logout")) == (401, "UNAUTHENTICATED")


def metrics(server: Server, address: str, **headers: str) -> Response:
    with TestClient(create_app(server.services), client=(address, 1)) as http:
        return http.get("/metrics", headers=headers)


def test_figures_are_for_this_machine_alone(broker: Broker) -> None:
    assert metrics(broker.server, ADDRESS).status_code == 404
    text = metrics(broker.server, "127.0.0.1").text
    assert "# TYPE wlink_requests_total counter" in text
    assert "wlink_outbox_entries" in text


@pytest.mark.parametrize(
    ("host", "place"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("testclient", "testclient"),
    ],
)
def test_callers_are_counted_by_what_a_provider_gives_to_one_customer(
    broker: Broker, host: str, place: str
) -> None:
    app = create_app(broker.server.services)
    with TestClient(app, client=(host, 1)) as http:
        body = {"email": "x@example.com"}
        header = {"Host": f"client.t{broker.number}.example"}
        http.post("/v1/auth/account/reset-password/email", json=body, headers=header)
    counted = broker.server.services.database.read(
        broker.boundary, lambda session: session.exec(select(RateCounter.caller)).all()
    )
    assert list(counted) == [place]


def test_figures_count_answers_by_operation_and_status(broker: Broker) -> None:
    with TestClient(create_app(broker.server.services), client=("::1", 1)) as http:
        host = {"Host": f"client.t{broker.number}.example"}
        for _ in range(3):
            http.post("/v1/auth/account/login", json={}, headers=host)
        text = http.get("/metrics").text
    assert 'wlink_requests_total{operation="login",status="400"} 3.0' in text
    assert 'wlink_request_seconds_count{operation="login"} 3.0' in text


def test_figures_may_be_read_from_elsewhere_with_a_token(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.services.settings, "metrics_token", SecretStr("figures"))
    assert metrics(server, ADDRESS, Authorization="Bearer figures").status_code == 200
    assert metrics(server, ADDRESS, Authorization="Bearer other").status_code == 404
    assert metrics(server, "127.0.0.1").status_code == 404


def lines(logs: StringIO) -> list[Json]:
    """Since the last look."""
    found = [json.loads(line) for line in logs.getvalue().splitlines()]
    logs.seek(0)
    logs.truncate()
    return found


def test_each_answer_is_a_line_of_json(broker: Broker, logs: StringIO) -> None:
    user = broker.user()
    token = broker.login(user)
    lines(logs)
    answer = broker.call("get_security_profile", token=token, query={})
    (line,) = lines(logs)
    assert line.pop("milliseconds") > 0
    assert line.pop("timestamp")
    assert line == {
        "event": "answered",
        "level": "info",
        "logger": "wlink.request",
        "operation": "get_security_profile",
        "method": "GET",
        "status": 200,
        "tenant": broker.tenant_id,
        "user": user.id,
        "request_id": answer.headers["x-request-id"],
    }


def test_a_key_that_may_not_be_logged_is_not(logs: StringIO) -> None:
    structlog.get_logger("wlink.test").info("something", password="hunter2", status=1)
    (line,) = lines(logs)
    assert line["status"] == 1
    assert "hunter2" not in json.dumps(line)


def test_a_line_break_in_a_value_begins_no_line(logs: StringIO) -> None:
    structlog.get_logger("wlink.test").info('one\n{"event": "two"}')
    assert len(lines(logs)) == 1


def test_an_error_of_ours_has_the_number_of_its_request(
    broker: Broker, logs: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Json) -> None:
        raise RuntimeError("out of paper")

    token = broker.login(broker.user())
    monkeypatch.setattr(type(broker.server.services.storage), "issue_upload", fail)
    lines(logs)
    answer = broker.call("issue_upload_credentials", token=token)
    assert problem(answer) == (500, "INTERNAL_ERROR")
    error, _ = lines(logs)
    assert answer.json()["request_id"] in error["event"]
    assert "out of paper" in error["exception"]
    assert "out of paper" not in answer.text


def test_the_contract_is_shown_only_where_it_is_switched_on(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert server.http.get("/openapi.json").status_code == 404
    monkeypatch.setattr(server.services.settings, "docs", True)
    with TestClient(create_app(server.services)) as http:
        assert len(http.get("/openapi.json").json()["paths"]) > 100
        page = http.get("/docs")
        assert page.status_code == 200
        assert "'unsafe-inline'" in page.headers["content-security-policy"]


def test_docs_list_every_setting() -> None:
    text = (Path(__file__).parent.parent / "docs" / "server.md").read_text("utf-8")
    for name in Settings.model_fields:
        assert f"`WLINK_{name.upper()}`" in text
