"""The mock as a frontend developer meets it: over HTTP."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from contract.operations import Operation, lookup
from contract.schemas import Validators
from mock.answers import Answers
from mock.app import create_app
from mock.personas import PARTNER_TENANT, PARTNER_TOKEN, PERSONAS
from mock.world import World
from tests.conftest import caller_of, request_example, usual_query

Json = Any

PAGE = {"page": 1, "size": 3}
MESSAGES = "/v1/client/message/list"
DEPOSITS = "/v1/client/trading/history/deposit/list"
PARTNER = {"x-api-tenantId": PARTNER_TENANT, "x-api-token": PARTNER_TOKEN}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def headers_of(operation: Operation) -> dict[str, str]:
    if operation.document == "lwork":
        return PARTNER
    return bearer(caller_of(operation).name) if operation.schemes else {}


def call(client: TestClient, operation: Operation, contract: Any, **headers: str) -> Any:
    query = usual_query(operation)
    path = operation.path.format(**query)
    names = {p["name"] for p in operation.parameters if p["in"] == "query"}
    body = {"json": request_example(operation, contract)} if operation.body else {}
    return client.request(
        operation.method,
        path,
        params={name: value for name, value in query.items() if name in names},
        headers=headers_of(operation) | headers,
        **body,
    )


def test_every_operation_answers_its_example_request_with_a_valid_answer(
    client: TestClient, all_operations: dict[str, Operation], contract: Any
) -> None:
    validators = Validators(contract.document)
    for operation in all_operations.values():
        answer = call(client, operation, contract)
        assert answer.status_code == 200, (operation.operation_id, answer.text)
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-mock-source"] == "schema"
        assert validators.compiled(operation.answer_schema).is_valid(answer.json())


def test_every_documented_problem_can_be_asked_for(
    client: TestClient, all_operations: dict[str, Operation], contract: Any
) -> None:
    validators = Validators(contract.document)
    for operation in all_operations.values():
        for status in operation.answers:
            answer = call(client, operation, contract, Prefer=f"code={status}")
            assert answer.status_code == int(status), operation.operation_id
            media = answer.headers["content-type"]
            schema = operation.answers[status]["content"][media]["schema"]
            assert validators.compiled(schema).is_valid(answer.json()), operation.operation_id
            for name, header in operation.answers[status].get("headers", {}).items():
                needed = lookup(contract.document, header).get("required", False)
                assert name in answer.headers or not needed, (operation.operation_id, status)


def test_a_problem_can_be_asked_for_by_its_code(client: TestClient) -> None:
    preferred = {"Prefer": 'code=409, example="KYC_REQUIRED"'} | bearer("mock-client")
    body = {"deposit_amount": "500.00", "remittance_id": 7, "trading_account_id": 2101}
    answer = client.post("/v1/client/trading/deposit/draft/create", json=body, headers=preferred)
    assert (answer.status_code, answer.json()["code"]) == (409, "KYC_REQUIRED")


def test_a_status_that_the_operation_does_not_have_is_not_found(client: TestClient) -> None:
    answer = client.get(
        MESSAGES, params=PAGE, headers={"Prefer": "code=418"} | bearer("mock-client")
    )
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("token", "path", "status", "code"),
    [
        ("mock-client", MESSAGES, 200, None),
        ("mock-anyone", MESSAGES, 200, None),
        ("mock-anyone", "/v1/ib/message/list", 200, None),
        ("mock-ib", "/v1/ib/message/list", 200, None),
        ("mock-ib", MESSAGES, 403, "WRONG_PORTAL"),
        ("mock-client", "/v1/ib/message/list", 403, "WRONG_PORTAL"),
        ("mock-expired", MESSAGES, 401, "TOKEN_EXPIRED"),
        ("mock-disabled", MESSAGES, 403, "USER_DISABLED"),
        ("somebody-else", MESSAGES, 401, "UNAUTHENTICATED"),
        ("", MESSAGES, 401, "UNAUTHENTICATED"),
    ],
)
def test_a_token_is_somebody(
    client: TestClient, token: str, path: str, status: int, code: str | None
) -> None:
    answer = client.get(path, params=PAGE, headers=bearer(token) if token else {})
    assert answer.status_code == status
    if code:
        assert answer.json()["code"] == code
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["request_id"] == answer.headers["x-request-id"]
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_login_hands_out_a_token_that_works_in_its_portal(client: TestClient) -> None:
    body = {"email": "somebody.new@example.com", "password": "anything"}
    session = client.post("/v1/auth/account/login", json=body).json()
    assert session["user_info"]["email"] == body["email"]
    assert session["user_info"]["user_type"] == "client"
    headers = bearer(session["token"])
    assert client.get(MESSAGES, params=PAGE, headers=headers).status_code == 200
    assert client.get("/v1/ib/message/list", params=PAGE, headers=headers).status_code == 403


def test_a_login_at_the_ib_portal_is_an_ib(client: TestClient) -> None:
    body = {"email": "somebody.new@example.com", "password": "anything"}
    session = client.post("/v1/auth/account/login", json=body, headers={"X-Portal": "ib"}).json()
    assert session["user_info"]["user_type"] == "ib"
    headers = bearer(session["token"])
    assert client.get("/v1/ib/user/get", headers=headers).status_code == 200


@pytest.mark.parametrize("persona", [p for p in PERSONAS if p.problem is None])
def test_every_persona_can_log_in_with_its_address(client: TestClient, persona: Any) -> None:
    body = {"email": persona.email.upper(), "password": "anything"}
    session = client.post("/v1/auth/account/login", json=body).json()
    assert session["user_info"]["user_type"] == ("ib" if persona.name == "mock-ib" else "client")
    headers = bearer(session["token"])
    own = client.get("/v1/auth/account/security-setting", headers=headers)
    assert own.json() == client.get(own.request.url.path, headers=bearer(persona.name)).json()


def test_the_email_of_a_login_is_not_forgotten(client: TestClient) -> None:
    body = {"email": "somebody.new@example.org", "password": "anything"}
    token = client.post("/v1/auth/account/login", json=body).json()["token"]
    own = client.get("/v1/auth/account/security-setting", headers=bearer(token)).json()
    assert own["email"] == "s***@example.org"


def test_somebody_for_every_portal_is_a_user_of_the_portal_that_is_asked(
    client: TestClient,
) -> None:
    body = {"email": "anyone@example.com", "password": "anything"}
    for portal in ("client", "ib"):
        headers = {"X-Portal": portal}
        session = client.post("/v1/auth/account/login", json=body, headers=headers).json()
        assert session["user_info"]["user_type"] == portal


def test_half_a_character_is_refused(client: TestClient) -> None:
    content = b'{"email":"a@example.org","password":"aaaaaaaa\\ud800"}'
    headers = {"Content-Type": "application/json"}
    answer = client.post("/v1/auth/account/login", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")


def test_an_unexpected_error_is_logged_with_its_request_and_says_nothing_else(
    contract: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: Any) -> bytes:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr(Answers, "body", broken)
    with TestClient(create_app(contract, World()), raise_server_exceptions=False) as broken_client:
        answer = broken_client.get("/v1/public/setting/version/get")
    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL_ERROR")
    assert "secret" not in answer.text
    assert answer.json()["request_id"] in caplog.text and "a secret of ours" in caplog.text


def test_a_disabled_user_cannot_log_in(client: TestClient) -> None:
    body = {"email": "disabled@example.com", "password": "anything"}
    answer = client.post("/v1/auth/account/login", json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "USER_DISABLED")


def test_a_new_client_has_an_empty_registration(client: TestClient) -> None:
    profile = client.get("/v1/client/user/get", headers=bearer("mock-new")).json()
    assert profile["apply_status"] == profile["identity_status"] == "filling"
    assert profile["completed_module"] == [] and profile["kyc_approved_at"] == ""
    assert profile["kyc_data"] == {"identity": {}}


def test_partners_are_known_by_both_headers(client: TestClient) -> None:
    query = {"type": "UserName", "value": "a", "page": "1", "size": "2"}
    assert client.get("/v1/api/user/list", params=query, headers=PARTNER).json()["result"] is True
    for wrong in ({}, {**PARTNER, "x-api-token": "other"}, {"x-api-tenantId": PARTNER_TENANT}):
        answer = client.get("/v1/api/user/list", params=query, headers=wrong)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/json"
        assert answer.json()["result"] is False
        assert answer.json()["mcode"].startswith("m1401")


def test_an_optional_login_may_be_left_out(client: TestClient) -> None:
    body = {"received_at": 1768467600, "scene": "register", "email": "new.one@example.com"}
    path = "/v1/public/email-verification/send"
    assert client.post(path, json=body).status_code == 200
    assert client.post(path, json=body, headers=bearer("mock-client")).status_code == 200


def test_a_message_in_the_list_is_read_by_its_id(client: TestClient) -> None:
    headers = bearer("mock-client")
    row = client.get(MESSAGES, params=PAGE, headers=headers).json()["list"][0]
    message = client.get("/v1/client/message/get", params={"id": row["id"]}, headers=headers).json()
    assert (message["id"], message["title"]) == (row["id"], row["title"])
    assert message["created_at"] == row["created_at"]


def test_texts_come_in_the_language_that_is_asked_for(client: TestClient) -> None:
    def titles(**headers: str) -> str:
        rows = client.get(MESSAGES, params=PAGE, headers=bearer("mock-client") | headers).json()
        return " ".join(row["title"] for row in rows["list"])

    english, chinese = titles(**{"X-Language": "en"}), titles(**{"X-Language": "zh-CN"})
    assert english.isascii() and not chinese.isascii()
    assert titles(**{"Accept-Language": "en-GB,en;q=0.8"}) == english
    assert titles(**{"X-Language": "xx", "Accept-Language": "zh-CN"}) == chinese
    assert titles(**{"X-Language": "", "Accept-Language": ""}) == chinese
    assert titles(**{"Accept-Language": "en;q=0.1, fr, zh-CN;q=0.9"}) == chinese
    assert titles(**{"Accept-Language": "fr-CH, en;q=0.5, zh;q=0.4"}) == english


def test_deposits_in_chinese_have_chinese_channels(client: TestClient) -> None:
    headers = bearer("mock-client") | {"X-Language": "zh-CN"}
    rows = client.get(DEPOSITS, params={"page": 1, "size": 20}, headers=headers).json()["list"]
    assert {row["remittance_name"] for row in rows} == {"银行汇款", "信用卡", "泰达币（TRC20）"}


def test_what_was_sent_comes_back(client: TestClient) -> None:
    headers = bearer("mock-client")
    body = {"order_number": "D26000004711"}
    cancelled = client.post("/v1/client/trading/deposit/cancel", json=body, headers=headers).json()
    assert cancelled == {"order_number": "D26000004711", "status": "cancelled"}
    account = client.get("/v1/trading/account/get", params={"id": 4711}, headers=headers).json()
    assert account["id"] == 4711


def test_an_online_deposit_has_a_payment_page(client: TestClient) -> None:
    def draft(channel: int) -> Json:
        body = {"deposit_amount": "500.00", "remittance_id": channel, "trading_account_id": 2101}
        path = "/v1/client/trading/deposit/draft/create"
        return client.post(path, json=body, headers=bearer("mock-client")).json()

    assert draft(8)["pay_url"].startswith("https://") and draft(8)["pay_type"] == "redirect"
    assert draft(7)["pay_url"] == draft(7)["pay_type"] == ""
    assert draft(7)["status"] == "drafted"


def test_a_phone_code_is_answered_only_when_none_is_sent(client: TestClient) -> None:
    query = {"phone": "15912345678", "type": "Register"}
    path = "/v1/api/sys/mobile/code"
    assert "data" not in client.get(path, params=query, headers=PARTNER).json()
    silent = client.get(path, params={**query, "sendSms": "false"}, headers=PARTNER).json()
    assert silent["data"].isdecimal()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/docs/assets/nothing.js", 404),
        ("GET", "/docs/assets/../cli.py", 404),
        ("GET", "/docs/assetsfoo", 404),
        ("GET", "/v1/api/nowhere", 404),
        ("DELETE", MESSAGES, 405),
        ("PUT", "/v1/api/user/list", 405),
    ],
)
def test_what_is_not_there_is_a_problem_too(
    client: TestClient, method: str, path: str, status: int
) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    key = "requestId" if path.startswith("/v1/api/") else "request_id"
    assert answer.json()[key] == answer.headers["x-request-id"]


def test_a_violation_names_the_field_and_never_the_value(client: TestClient) -> None:
    body = {"email": "hunter2-is-no-address", "password": "x"}
    answer = client.post("/v1/auth/account/login", json=body)
    assert answer.status_code == 400
    assert {"pointer": "/body/email", "rule": "format"} in answer.json()["errors"] or {
        "pointer": "/body/email",
        "rule": "pattern",
    } in answer.json()["errors"]
    assert "hunter2" not in answer.text


def test_a_missing_page_is_named(client: TestClient) -> None:
    answer = client.get(MESSAGES, params={"size": 1}, headers=bearer("mock-client"))
    assert answer.json()["errors"] == [{"pointer": "/query/page", "rule": "required"}]


def test_browsers_of_other_origins_may_call(client: TestClient) -> None:
    origin = {"Origin": "http://localhost:5173"}
    asked = origin | {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, prefer",
    }
    allowed = client.options(MESSAGES, headers=asked)
    assert allowed.status_code == 200
    assert "prefer" in allowed.headers["access-control-allow-headers"]
    for path in ("/nowhere", "/v1/public/setting/version/get"):
        answer = client.get(path, headers=origin)
        assert answer.headers["access-control-allow-origin"] == origin["Origin"]
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert "X-Mock-Source" in answer.headers["access-control-expose-headers"]
        assert {"Origin", "Prefer"} <= set(answer.headers["vary"].split(", "))


def test_the_documents_are_served(client: TestClient) -> None:
    answer = client.get("/openapi.json", headers={"Origin": "http://localhost:5173"})
    assert answer.headers["access-control-allow-origin"] == "*"
    merged = answer.json()
    wlink, lwork = (client.get(f"/openapi/{name}.json").json() for name in ("wlink", "lwork"))
    assert len(wlink["paths"]) == 112 and len(lwork["paths"]) == 15
    assert merged["paths"] == wlink["paths"] | lwork["paths"]


def test_the_docs_page_comes_with_its_own_files(client: TestClient) -> None:
    assert client.get("/").headers["location"] == "/docs"
    page = client.get("/docs").text
    assert "mock-client" in page and "http" not in page.replace("http-equiv", "")
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"):
        assert f"/docs/assets/{name}" in page
        assert client.get(f"/docs/assets/{name}").status_code == 200
