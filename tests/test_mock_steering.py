"""The caller's wishes, row by row (tests/data/steering.yaml), and what a table cannot say."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.testclient import TestClient
from starlette.types import Message

from contract.bundling import Bundle
from contract.operations import Operation
from contract.problems import catalogue
from mock import front
from mock.app import create_app
from mock.world import World
from tests.conftest import caller_of, request_example, usual_query

Json = Any

STEERING = yaml.safe_load((Path(__file__).parent / "data" / "steering.yaml").read_text("utf-8"))
MESSAGES = "/v1/client/message/list?page=1&size=5"
VERSION = "/v1/public/setting/version/get"
TOKEN = {"Authorization": "Bearer mock-client"}


def sent(
    client: TestClient, row: dict[str, Json], operations: dict[str, Operation], contract: Bundle
) -> Any:
    """The answer to one row."""
    request = STEERING["requests"][row["to"]]
    operation = operations[request["operation"]]
    headers = {"Authorization": f"Bearer {caller_of(operation).name}"}
    if operation.document == "lwork":
        headers = {"x-api-tenantId": "mock", "x-api-token": "mock-partner"}
    if request.get("without") == "authorization":
        headers = {}
    headers |= {"Prefer": row["prefer"]} if "prefer" in row else {}
    query = "&".join(f"{name}={value}" for name, value in usual_query(operation).items())
    address = f"{operation.path}?{query}&{row.get('query', '')}"
    body = {}
    if operation.body:
        body = {"json": request.get("body", request_example(operation, contract))}
        headers |= {"Content-Type": request.get("media_type", "application/json")}
    return client.request(
        operation.method, address, headers=headers | row.get("headers", {}), **body
    )


@pytest.mark.parametrize("row", STEERING["rows"], ids=str)
def test_a_wish_is_heeded(
    client: TestClient,
    all_operations: dict[str, Operation],
    contract: Bundle,
    row: dict[str, Json],
) -> None:
    answer = sent(client, row, all_operations, contract)
    assert answer.status_code == row["status"], answer.text
    if "source" in row:
        assert answer.headers["x-mock-source"] == row["source"]
    if "code" in row:
        assert answer.json()["code"] == row["code"]
    if "applied" in row:
        assert answer.headers["preference-applied"] == row["applied"]
    assert "Prefer" in answer.headers["vary"]


def test_there_are_enough_rows_and_no_two_alike() -> None:
    assert len(STEERING["rows"]) >= 40
    assert len({str(row) for row in STEERING["rows"]}) == len(STEERING["rows"])


def test_choices_are_listed_where_there_is_no_such_answer(client: TestClient) -> None:
    answer = client.get(MESSAGES, headers=TOKEN | {"Prefer": "code=418"})
    assert answer.headers["content-type"] == "application/problem+json"
    choices = answer.json()["choices"]
    assert choices["200"] == ["success"]
    assert "WRONG_PORTAL" in choices["403"]
    assert "preference-applied" not in answer.headers


def test_a_malformed_wish_says_what_would_be_right(client: TestClient) -> None:
    answer = client.get(MESSAGES, headers=TOKEN | {"Prefer": "delay=soon"})
    assert "milliseconds" in answer.json()["detail"]
    for text in ("x" * 201, "%C3%A9", "a%0D%0ASet-Cookie:b"):
        refused = client.get(f"{MESSAGES}&__seed={text}", headers=TOKEN)
        assert refused.status_code == 422
        assert "set-cookie" not in refused.headers


def test_a_wish_that_chose_nothing_is_not_said_to_be_applied(client: TestClient) -> None:
    answer = client.get(MESSAGES, headers={"Prefer": "code=403, delay=1"})
    assert (answer.status_code, answer.headers["preference-applied"]) == (401, "delay=1")


def test_another_seed_is_other_data_for_this_call_alone(client: TestClient) -> None:
    def titles(**prefer: str) -> Json:
        return client.get(MESSAGES, headers=TOKEN | prefer).json()["list"]

    usual, other = titles(), titles(Prefer="seed=abc")
    assert usual != other != titles(Prefer="seed=abd")
    assert titles(Prefer="seed=abc") == other
    assert titles() == usual


def test_a_lenient_list_has_a_first_page(client: TestClient) -> None:
    lenient = TOKEN | {"Prefer": "handling=lenient"}
    rows = client.get("/v1/client/message/list?page=x&sort=up", headers=lenient).json()["list"]
    assert (
        rows == client.get("/v1/client/message/list?page=1&size=20", headers=TOKEN).json()["list"]
    )


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"a"', b"null", b'{"deposit_amount":[]}'])
def test_a_lenient_call_may_send_anything(client: TestClient, content: bytes) -> None:
    headers = TOKEN | {"Prefer": "handling=lenient", "Content-Type": "application/json"}
    path = "/v1/client/trading/deposit/draft/create"
    assert client.post(path, content=content, headers=headers).status_code == 200


def test_every_operation_answers_a_lenient_call_without_anything(
    client: TestClient, all_operations: dict[str, Operation]
) -> None:
    for operation in all_operations.values():
        headers = {"Authorization": f"Bearer {caller_of(operation).name}"}
        headers |= {"x-api-tenantId": "mock", "x-api-token": "mock-partner"}
        path = operation.path.format(phoneNo="x", userId="x", taskType="x")
        prefer = {"Prefer": "handling=lenient"}
        answer = client.request(operation.method, path, headers=headers | prefer)
        assert answer.status_code == 200, (operation.operation_id, answer.text)


def test_a_documented_problem_comes_with_its_particulars(client: TestClient) -> None:
    invalid = client.get(MESSAGES, headers=TOKEN | {"Prefer": "example=VALIDATION_ERROR"}).json()
    assert invalid["errors"] == catalogue()["VALIDATION_ERROR"].problem["errors"]
    body = {"email": "client@example.com", "password": "anything"}
    locked = client.post("/v1/auth/account/login?__code=423", json=body).json()
    assert locked["details"] == catalogue()["ACCOUNT_LOCKED"].problem["details"]


def test_a_delay_is_as_long_as_wished(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(front, "sleep", sleep)
    for delay in ("800", *["200-900"] * 20):
        client.get(VERSION, headers={"Prefer": f"delay={delay}"})
    client.get(VERSION)
    assert (waited[0], len(waited)) == (0.8, 21)
    assert all(0.2 <= seconds <= 0.9 for seconds in waited[1:])
    assert len(set(waited[1:])) > 10


def test_a_lenient_call_may_leave_out_any_parameter_and_any_field(
    client: TestClient, all_operations: dict[str, Operation], contract: Bundle
) -> None:
    prefer = {"Prefer": "handling=lenient", "x-api-tenantId": "mock", "x-api-token": "mock-partner"}
    for operation in all_operations.values():
        headers = {"Authorization": f"Bearer {caller_of(operation).name}"} | prefer
        query, body = usual_query(operation), {}
        if operation.body:
            body = request_example(operation, contract)
        path = operation.path.format(**{"phoneNo": "x", "userId": "x", "taskType": "x"} | query)
        for left_out in (*query, *body):
            fields = {name: value for name, value in body.items() if name != left_out}
            answer = client.request(
                operation.method,
                path,
                params={name: value for name, value in query.items() if name != left_out},
                headers=headers,
                json=fields if operation.body else None,
            )
            assert answer.status_code == 200, (operation.operation_id, left_out, answer.text)


def test_broken_json_is_broken(client: TestClient) -> None:
    whole = client.get(MESSAGES, headers=TOKEN)
    broken = client.get(MESSAGES, headers=TOKEN | {"Prefer": "fault=bad-json"})
    assert broken.status_code == 200
    assert whole.content.startswith(broken.content) and len(broken.content) < len(whole.content)
    with pytest.raises(ValueError):
        broken.json()


@pytest.mark.parametrize(("fault", "begun"), [("timeout", [(200, b"1")]), ("close", [(200, b"1")])])
def test_nothing_whole_comes_back(client: TestClient, fault: str, begun: Json) -> None:
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        messages.append(message)

    scope = {"type": "http", "method": "GET", "path": VERSION, "raw_path": VERSION.encode()}
    headers = [(b"prefer", b"fault=" + fault.encode())]
    app: Any = client.app
    asyncio.run(app({**scope, "query_string": b"", "headers": headers}, receive, send))
    assert [(m["status"], dict(m["headers"])[b"content-length"]) for m in messages] == begun


def test_a_fault_comes_as_often_as_wished(client: TestClient) -> None:
    prefer = {"Prefer": "fault=503, fault-rate=30"}
    statuses = [client.get(VERSION, headers=prefer).status_code for _ in range(200)]
    assert 30 < statuses.count(503) < 90
    assert statuses.count(503) + statuses.count(200) == 200


def test_faults_with_a_rate_come_again_in_the_same_order(contract: Bundle) -> None:
    def statuses(*between: str) -> list[int]:
        found = []
        with TestClient(create_app(contract, World())) as fresh:
            for _ in range(30):
                prefer = {"Prefer": "fault=500, fault-rate=50"}
                found.append(fresh.get(VERSION, headers=prefer).status_code)
                for path in between:
                    fresh.get(path, headers=prefer)
                    fresh.get(VERSION, headers={"Prefer": "delay=1"})
        return found

    assert statuses() == statuses("/nowhere", "/v1/public/setting/language/list")
    assert set(statuses()) == {200, 500}


def test_a_wish_is_repeated_as_it_was_meant(client: TestClient) -> None:
    headers = TOKEN | {"Prefer": r'seed="a, \"b\"", delay="1"'}
    applied = client.get(MESSAGES, headers=headers).headers["preference-applied"]
    assert applied == r'seed="a, \"b\"", delay=1'


def test_an_encoded_wish_is_a_wish(client: TestClient) -> None:
    assert client.get(f"{MESSAGES}&%5F%5Fcode=403", headers=TOKEN).status_code == 403


def test_a_mock_that_only_logs_lets_everything_pass(
    contract: Bundle, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "wlink.mock")
    with TestClient(create_app(contract, World(), validate=False)) as lax:
        assert lax.get("/v1/client/message/list?page=x", headers=TOKEN).status_code == 200
        assert lax.get("/v1/client/message/list").status_code == 401
    assert "let pass /query/page type" in caplog.text
    assert "let pass /query/size required" in caplog.text


def test_a_line_of_the_log_says_what_was_answered_and_why(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "wlink.mock")
    client.get(f"{MESSAGES}&__code=403", headers=TOKEN)
    client.get(MESSAGES, headers=TOKEN)
    client.get("/v1/client/message/list?page=secret", headers=TOKEN)
    client.post("/v1/auth/account/login", json={"email": "secret", "password": "secret"})
    client.get("/nowhere%0AGET /v1 200")
    client.get("/v1/client/message/list?x%0AGET%20/forged%20200=1", headers=TOKEN)
    lenient = TOKEN | {"Prefer": "handling=lenient"}
    names = {f"\u001b[31m\n{number}": 1 for number in range(500)}
    client.post("/v1/client/message/mark-read", json=names, headers=lenient)
    lines = [record.getMessage() for record in caplog.records if record.name == "wlink.mock"]
    assert lines[0].startswith("GET /v1/client/message/list 403 ")
    assert lines[0].endswith("ms example FORBIDDEN (code=403)")
    assert lines[1].startswith("GET /v1/client/message/list 200 ") and lines[1].endswith(
        "ms schema"
    )
    assert "/query/page type" in lines[2] and "let pass" not in lines[2]
    assert lines[4].startswith("GET /nowhere%0AGET%20/v1%20200 404 ")
    assert len(lines) == 7 and not [line for line in lines if not line.isprintable()]
    assert len(lines[6]) < 500
    assert "secret" not in caplog.text
