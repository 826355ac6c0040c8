import asyncio
import gc
import logging
import threading
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any

import connexion
import orjson
import pytest
from connexion.context import context
from connexion.exceptions import Forbidden, InvalidSpecification
from connexion.middleware import ConnexionMiddleware
from connexion.resolver import Resolver
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contract.bundling import Bundle
from contract.documents import merged
from contract.operations import LWORK_PREFIX, Operation
from contract.problems import Problem, Violation, catalogue
from contract.schemas import Validators
from dispatch.answer import Answer
from dispatch.body import Body
from dispatch.compile import LoadedSpecification, Settings
from dispatch.dispatcher import Dispatcher, dispatcher
from tests.asgi import called

Json = Any
Handlers = dict[str, Callable[..., Json]]

LOGIN = "/v1/auth/account/login"
MESSAGES = "/v1/client/message/list"
VERSION = "/v1/public/setting/version/get"
CANCEL = "/v1/client/trading/deposit/cancel"
PLACEMENTS = "/v1/operation/delivery/list"
PHONE_CODE = "/v1/api/sys/mobile/code"
TOKEN = {"Authorization": "Bearer good"}
PARTNER = {"x-api-tenantId": "good", "x-api-token": "good"}
GOOD_LOGIN = {"email": "xuemei.zhao26@example.com", "password": "Pass-word-1"}


async def authenticate(sent: str, _: Scope) -> Json:
    if sent != "good":
        raise Problem("WRONG_PORTAL" if sent == "foreign" else "UNAUTHENTICATED")
    return {"sub": "somebody", "role": "client"}


def serving(handlers: Handlers, settings: Settings | None = None) -> TestClient:
    """The whole contract; operations without a handler of the test's own answer {}."""

    async def nothing() -> Json:
        return {}

    contract = merged()
    callers = dict.fromkeys(contract.document["components"]["securitySchemes"], authenticate)
    resolver = Resolver(lambda name: handlers.get(name, nothing))
    app = dispatcher(contract, resolver, callers, settings)
    return TestClient(app, follow_redirects=False, raise_server_exceptions=False)


async def _run(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await app(scope, receive, send)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with serving({}) as test_client:
        yield test_client


def test_a_handler_gets_what_it_names_and_nothing_else() -> None:
    seen: list[Json] = []

    async def cancel_deposit(body: Json, user: str, idempotency_key: str | None = None) -> Json:
        seen.append((body, user, idempotency_key))
        return {}

    async def get_message(id_: int, token_info: Json, context_: Json) -> Json:
        seen.append((id_, token_info["role"], context_["user"]))
        return {}

    test_client = serving({"cancel_deposit": cancel_deposit, "get_client_message": get_message})
    body = {"order_number": "D26000004711"}
    key = {"Idempotency-Key": "4711"}
    assert test_client.post(CANCEL, json=body, headers=TOKEN | key).status_code == 200
    assert test_client.post(CANCEL, json=body, headers=TOKEN).status_code == 200
    test_client.get("/v1/client/message/get", params={"id": 17}, headers=TOKEN)
    assert seen == [
        (body, "somebody", "4711"),
        (body, "somebody", None),
        (17, "client", "somebody"),
    ]


def test_defaults_are_filled_in() -> None:
    seen: list[Json] = []

    def send_phone_code(send_sms: bool) -> Json:
        seen.append(send_sms)
        return {}

    def list_placements(x_language: str) -> Json:
        seen.append(x_language)
        return {}

    test_client = serving({"send_phone_code": send_phone_code, "list_placements": list_placements})
    query = {"phone": "15912345678", "type": "Register"}
    test_client.get(PHONE_CODE, params=query, headers=PARTNER)
    test_client.get(PHONE_CODE, params={**query, "sendSms": "false"}, headers=PARTNER)
    test_client.get(PLACEMENTS, headers=TOKEN)
    test_client.get(PLACEMENTS, headers=TOKEN | {"X-Language": "en"})
    assert seen[:2] == [True, False]
    assert seen[2:] == ["zh-CN", "en"]


def test_plain_functions_run_in_a_thread_and_coroutines_in_the_loop() -> None:
    threads: dict[str, int] = {}

    def plain() -> Json:
        threads["plain"] = threading.get_ident()
        assert threading.current_thread().name.startswith("wlink")
        return {}

    async def coroutine() -> Json:
        threads["coroutine"] = threading.get_ident()
        threads["loop"] = threading.get_ident()
        return {}

    handlers: Handlers = {"get_tenant_version": plain, "list_languages": coroutine}
    with serving(handlers) as test_client:
        assert test_client.get(VERSION).status_code == 200
        assert test_client.get("/v1/public/setting/language/list").status_code == 200
    assert threads["plain"] != threads["loop"] == threads["coroutine"]


def test_connexion_hands_the_request_to_handlers_body_included() -> None:
    seen: list[Json] = []

    async def login() -> Json:
        request: Any = connexion.request
        seen.extend([request.headers["user-agent"], await request.json()])
        seen.extend([context["request_id"], "user" in context])
        return {}

    answer = serving({"login": login}).post(LOGIN, json=GOOD_LOGIN)
    assert seen == ["testclient", GOOD_LOGIN, answer.headers["x-request-id"], False]


def test_every_violated_field_is_named_in_one_answer(client: TestClient) -> None:
    body = {"email": "hunter2", "extra/~": 1}
    headers = {"Captcha-Token": "a b", "Captcha-Action": "x" * 101, "X-Language": "en"}
    answer = client.post(f"{LOGIN}?page=hunter3", json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    found = {(violation["pointer"], violation["rule"]) for violation in answer.json()["errors"]}
    assert found == {
        ("/query/page", "additionalProperties"),
        ("/header/Captcha-Token", "pattern"),
        ("/header/Captcha-Action", "maxLength"),
        ("/body/email", "pattern"),
        ("/body/email", "format"),
        ("/body/password", "required"),
        ("/body/extra~1~0", "additionalProperties"),
    }


def test_a_long_name_is_cut(client: TestClient) -> None:
    answer = client.post(LOGIN, json={**GOOD_LOGIN, "x" * 5000: 1})
    assert [len(violation["pointer"]) for violation in answer.json()["errors"]] == [1000]


def test_the_rejected_value_is_told_to_nobody(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "hunter2"
    answers = [
        client.post(LOGIN, json={"email": secret, "password": secret}),
        client.post(
            LOGIN, content=f'{{"password":"{secret}', headers={"Content-Type": "application/json"}
        ),
        client.post(LOGIN, content=secret, headers={"Content-Type": secret}),
        client.get(MESSAGES, params={"page": secret, "size": secret}, headers=TOKEN),
        client.get(f"/v1/api/user/{secret}/detail", headers=PARTNER),
        client.post(LOGIN, json=GOOD_LOGIN, headers={"Captcha-Token": f"{secret} {secret}"}),
        client.get(MESSAGES, headers={"Authorization": f"Bearer {secret}"}),
        client.get(f"/{secret}"),
    ]
    assert [answer.status_code for answer in answers] == [400, 400, 415, 400, 400, 400, 401, 404]
    for answer in answers:
        assert secret not in answer.text + str(answer.headers)
    logged = [record for record in caplog.records if record.name != "httpx2"]
    assert secret not in str([record.getMessage() for record in logged])


def test_who_asks_counts_before_what_is_sent() -> None:
    test_client = serving({}, Settings(body_bytes=50))
    good, text = {"Content-Type": "application/json"}, {"Content-Type": "text/plain"}
    foreign = {"Authorization": "Bearer foreign"}

    def status(headers: dict[str, str], content: bytes = b"{") -> int:
        return test_client.post(f"{CANCEL}?a=1", content=content, headers=headers).status_code

    assert status(text) == 401
    assert status(text | foreign) == 403
    assert status(text | TOKEN | {"Accept": "text/html"}) == 406
    assert status(text | TOKEN, b"x" * 100) == 415
    assert status(good | TOKEN, b"x" * 100) == 413
    assert status(good | TOKEN) == 400


def test_nothing_is_read_beyond_the_limit() -> None:
    read = 0

    async def receive() -> Message:
        nonlocal read
        read += 65536
        return {"type": "http.request", "body": b" " * 65536, "more_body": True}

    async def statuses(*headers: tuple[bytes, bytes]) -> int:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": LOGIN, "raw_path": LOGIN.encode()}
        kind = (b"content-type", b"application/json")
        await app({**scope, "query_string": b"", "headers": [kind, *headers]}, receive, send)
        status: int = sent[0]["status"]
        return status

    app = serving({}).app
    assert asyncio.run(statuses((b"content-length", b"100000000"))) == 413
    assert read == 0
    assert asyncio.run(statuses()) == 413
    assert read <= 1024 * 1024 + 65536


@pytest.mark.parametrize(
    ("content", "violations"),
    [
        (b"[" * 64 + b"]" * 64, []),
        (b"[" * 65 + b"]" * 65, [("/body", "depth")]),
        (b'{"a":' * 64 + b"1" + b"}" * 64, []),
        (b'{"a":' * 65 + b"1" + b"}" * 65, [("/body", "depth")]),
        (b"[" + b"[],{}," * 100 + b"1]", []),
        (rb'{"a":["b\u0000"],"c\u0000":{"\u0000":1}}', ["/a/0", "/c\0", "/c\0/\0"]),
        (rb'["\\u0000"]', []),
        (b"", [("/body", "required")]),
        (b"{", [("/body", "json")]),
    ],
)
def test_json_has_limits_where_no_schema_sets_any(content: bytes, violations: Json) -> None:
    anything = Validators({"components": {"schemas": {}}}).compiled({})
    found: list[Violation] = []
    Body(anything, 1000, lambda body: body).checked(content, found)
    assert found == [(f"/body{v}", "nul") if isinstance(v, str) else v for v in violations]


def test_somebody_who_hangs_up_gets_no_answer(caplog: pytest.LogCaptureFixture) -> None:
    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        pytest.fail("nobody is listening")

    scope = {"type": "http", "method": "POST", "path": LOGIN, "raw_path": LOGIN.encode()}
    headers = [(b"content-type", b"application/json")]
    app = serving({}).app
    asyncio.run(_run(app, {**scope, "query_string": b"", "headers": headers}, receive, send))
    assert not [record for record in caplog.records if record.name.startswith("wlink")]


def test_a_wrong_method_is_told_all_that_the_path_allows(client: TestClient) -> None:
    for method, path, allow in (
        ("DELETE", MESSAGES, "GET, HEAD, OPTIONS"),
        ("GET", LOGIN, "OPTIONS, POST"),
        ("PUT", "/v1/api/user/list", "GET, HEAD, OPTIONS"),
    ):
        answer = client.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allow)
        asked = client.options(path)
        assert (asked.status_code, asked.headers["allow"], asked.content) == (204, allow, b"")
        assert "content-length" not in asked.headers


def test_head_is_a_get_without_its_body(client: TestClient) -> None:
    full, head = client.get(VERSION), client.head(VERSION)
    assert head.content == b"" and full.content
    assert head.headers["content-length"] == full.headers["content-length"]
    for path, status in ((VERSION, 200), (MESSAGES, 401), ("/nowhere", 404)):
        reply = asyncio.run(called(client.app, "HEAD", path))
        assert (reply.status, reply.body) == (status, b"")


@pytest.mark.parametrize("path", [VERSION, "/v1/api/user/list", "/nowhere", MESSAGES])
def test_every_answer_has_a_number_of_its_own(client: TestClient, path: str) -> None:
    answers = [client.get(path) for _ in range(20)]
    assert len({answer.headers["x-request-id"] for answer in answers}) == 20
    for answer in answers:
        if answer.status_code >= 400:
            told = {answer.json().get("request_id"), answer.json().get("requestId")}
            assert answer.headers["x-request-id"] in told


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({}, "zh-CN"),
        ({"X-Language": "en"}, "en"),
        ({"X-Language": "en-GB", "Accept-Language": "zh-CN"}, "en"),
        ({"X-Language": "xx", "Accept-Language": "fr, en;q=0.8, zh;q=0.1"}, "en"),
        ({"Accept-Language": "zh-TW"}, "zh-CN"),
        ({"Accept-Language": "en;q=0"}, "zh-CN"),
    ],
)
def test_problems_speak_the_language_of_the_caller(
    client: TestClient, headers: dict[str, str], language: str
) -> None:
    entry = catalogue()["NOT_FOUND"]
    texts = entry.problem if language == "en" else entry.translations[language]
    problem = client.get("/nowhere", headers=headers).json()
    assert (problem["title"], problem["detail"]) == (texts["title"], texts["detail"])
    envelope = client.get(f"{LWORK_PREFIX}nowhere", headers=headers).json()
    assert envelope["message"] == texts["detail"]


def test_a_message_of_lwork_s_own_has_a_translation_of_its_own() -> None:
    def set_avatar() -> Json:
        raise Problem("FILE_URL_FOREIGN")

    test_client = serving({"set_lwork_avatar": set_avatar})
    path = "/v1/api/user/3f6c1c1e-8a55-4a0e-9a37-5d0f6b1c2a90/avatar"
    body = {"avatar": "https://static.trade-max.example/avatar/17.png"}
    told = {
        language: test_client.post(path, json=body, headers=PARTNER | {"X-Language": language})
        for language in ("zh-CN", "en")
    }
    assert told["en"].json()["message"] == "The picture is not on an allowed host."
    assert told["zh-CN"].json()["message"] == "图片不在允许的主机上。"


def test_every_code_is_worded_in_both_languages() -> None:
    for entry in catalogue().values():
        chinese = entry.translations["zh-CN"]
        assert not chinese["title"].isascii() and not chinese["detail"].isascii(), entry.code
        assert entry.problem["title"].isascii() and entry.problem["detail"].isascii(), entry.code


@pytest.mark.parametrize(
    ("path", "headers", "challenge"),
    [
        (MESSAGES, {}, 'Bearer realm="wlink"'),
        (
            MESSAGES,
            {"Authorization": "Bearer bad"},
            'Bearer realm="wlink", error="invalid_token"',
        ),
        ("/v1/api/user/list", {}, 'ApiKey realm="lwork"'),
    ],
)
def test_a_refused_caller_learns_how_to_log_in(
    client: TestClient, path: str, headers: dict[str, str], challenge: str
) -> None:
    answer = client.get(path, headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, challenge)


def test_a_wrong_token_is_refused_where_a_login_is_optional(client: TestClient) -> None:
    body = {"received_at": 1768467600, "scene": "register", "email": "new.one@example.com"}
    path = "/v1/public/email-verification/send"
    for token, status in (("good", 200), ("bad", 401), ("", 401)):
        headers = {"Authorization": f"Bearer {token}"}
        assert client.post(path, json=body, headers=headers).status_code == status
    assert client.post(path, json=body).status_code == 200


def test_authenticators_may_be_plain_functions_which_run_in_a_thread() -> None:
    threads = []

    def plain(sent: str, _: Scope) -> Json:
        threads.append(threading.current_thread().name)
        return {"sub": sent}

    def list_messages(user: str) -> Json:
        return {"user": user}

    contract = merged()
    callers = dict.fromkeys(contract.document["components"]["securitySchemes"], plain)
    resolver = Resolver(lambda name: list_messages if name == "list_client_messages" else dict_)
    with TestClient(dispatcher(contract, resolver, callers)) as test_client:
        answer = test_client.get(f"{MESSAGES}?page=1&size=2", headers={"Authorization": "Bearer x"})
    assert answer.json() == {"user": "x"}
    assert [name.startswith("wlink") for name in threads] == [True]


def dict_() -> Json:
    return {}


def test_a_handler_refuses_with_a_problem_of_the_catalogue() -> None:
    def login() -> Json:
        raise Problem("ACCOUNT_LOCKED", details={"retry_at": 1768467600})

    def version() -> Json:
        raise Problem("OVERLOADED", headers={"Retry-After": "3"})

    def languages() -> Json:
        raise Forbidden("a text of Connexion's own")

    def cancel() -> Json:
        raise Problem("IDEMPOTENCY_IN_PROGRESS")

    handlers: Handlers = {"login": login, "get_tenant_version": version, "cancel_deposit": cancel}
    test_client = serving(handlers | {"list_languages": languages})
    locked = test_client.post(LOGIN, json=GOOD_LOGIN)
    assert (locked.status_code, locked.json()["details"]) == (423, {"retry_at": 1768467600})
    busy = test_client.get(VERSION)
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "3")
    waiting = test_client.post(CANCEL, json={"order_number": "D26000004711"}, headers=TOKEN)
    assert (waiting.status_code, waiting.headers["retry-after"]) == (409, "60")
    refused = test_client.get("/v1/public/setting/language/list")
    assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")
    assert "Connexion" not in refused.text


def test_a_handler_may_have_its_bytes_ready() -> None:
    def version() -> Answer:
        return Answer(b'{"version":"1.00"}', headers=((b"idempotent-replayed", b"true"),))

    answer = serving({"get_tenant_version": version}).get(VERSION)
    assert answer.content == b'{"version":"1.00"}'
    assert answer.headers["idempotent-replayed"] == "true"


@pytest.mark.parametrize("path", [VERSION, PHONE_CODE])
def test_an_unexpected_error_tells_its_number_and_no_more(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> Json:
        raise RuntimeError("a secret of ours")

    test_client = serving({"get_tenant_version": broken, "send_phone_code": broken})
    query = {} if path == VERSION else {"phone": "15912345678", "type": "Register"}
    answer = test_client.get(path, params=query, headers=PARTNER)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.headers["x-request-id"] in caplog.text
    assert "a secret of ours" in caplog.text


def test_a_coroutine_in_the_clothes_of_a_function_is_awaited() -> None:
    async def version() -> Json:
        return {"version": "1.00"}

    @wraps(version)
    def decorated() -> Json:
        return version()

    answer = serving({"get_tenant_version": decorated}).get(VERSION)
    assert (answer.status_code, answer.json()) == (200, {"version": "1.00"})


@pytest.mark.parametrize("error", [StopIteration, SystemExit])
def test_what_cannot_leave_a_thread_is_an_unexpected_error(error: type[BaseException]) -> None:
    def version() -> Json:
        raise error

    answer = serving({"get_tenant_version": version}).get(VERSION)
    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL_ERROR")


@pytest.mark.parametrize(
    "problem",
    [
        Problem("TYPO"),
        Problem("FORBIDDEN"),  # which lwork does not have
        Problem("KYC_LOCKED", details={"at": object()}),
        HTTPException(418),
    ],
)
def test_a_problem_that_cannot_be_told_is_an_unexpected_error(
    problem: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    def send_phone_code() -> Json:
        raise problem

    query = {"phone": "15912345678", "type": "Register"}
    test_client = serving({"send_phone_code": send_phone_code})
    answer = test_client.get(PHONE_CODE, params=query, headers=PARTNER)
    assert (answer.status_code, answer.json()["result"]) == (500, False)
    assert answer.headers["x-request-id"] in caplog.text


@pytest.mark.parametrize("nobody", [None, False, "", 0])
def test_a_caller_whom_nobody_knows_is_refused(nobody: Json) -> None:
    async def authenticate_nobody(sent: str, _: Scope) -> Json:
        return nobody

    contract = merged()
    callers = dict.fromkeys(contract.document["components"]["securitySchemes"], authenticate_nobody)
    with TestClient(dispatcher(contract, Resolver(lambda _: dict_), callers)) as test_client:
        assert test_client.get(f"{MESSAGES}?page=1&size=2", headers=TOKEN).status_code == 401
        query = {"phone": "15912345678", "type": "Register"}
        assert test_client.get(PHONE_CODE, params=query, headers=PARTNER).status_code == 401


def test_two_schemes_together_are_one_caller() -> None:
    seen: list[Json] = []

    async def known(sent: str, scope: Scope) -> Json:
        return {"sub": scope["headers_by_name"][b"x-api-tenantid"].decode(), sent: True}

    def send_phone_code(user: str, token_info: Json) -> Json:
        seen.append((user, token_info))
        return {}

    contract = merged()
    callers = dict.fromkeys(contract.document["components"]["securitySchemes"], known)
    handlers = {"send_phone_code": send_phone_code}
    resolver = Resolver(lambda name: handlers.get(name, dict_))
    with TestClient(dispatcher(contract, resolver, callers)) as test_client:
        query = {"phone": "15912345678", "type": "Register"}
        headers = {"x-api-tenantId": "broker", "x-api-token": "secret"}
        test_client.get(PHONE_CODE, params=query, headers=headers)
    assert seen == [("broker", {"sub": "broker", "broker": True, "secret": True})]


def test_a_server_may_leave_out_what_asgi_calls_optional() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    scope = {"type": "http", "method": "GET", "path": VERSION, "query_string": b"", "headers": []}
    for optional in ({}, {"raw_path": None, "extensions": None}):
        asyncio.run(_run(serving({}).app, {**scope, **optional}, receive, send))
    assert [message["status"] for message in sent[::2]] == [200, 200]


def test_a_connection_that_breaks_is_not_answered_again() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)
        raise OSError

    async def receive() -> Message:
        return {"type": "http.request"}

    scope = {"type": "http", "method": "GET", "path": VERSION, "query_string": b"", "headers": []}
    with pytest.raises(OSError):
        asyncio.run(_run(serving({}).app, scope, receive, send))
    assert len(sent) == 1


def test_an_answer_that_json_cannot_write_is_an_unexpected_error() -> None:
    answer = serving({"get_tenant_version": lambda: {"version": object()}}).get(VERSION)
    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL_ERROR")


def test_answers_are_checked_where_that_is_wanted(caplog: pytest.LogCaptureFixture) -> None:
    def version() -> Json:
        return {"version": ["a secret of ours"], "unknown": 1}

    assert serving({"get_tenant_version": version}).get(VERSION).status_code == 200
    answer = serving({"get_tenant_version": version}, Settings(check_answers=True)).get(VERSION)
    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL_ERROR")
    assert "/answer/unknown additionalProperties" in caplog.text
    assert "secret" not in caplog.text


def test_other_spellings_of_bodies_are_understood(
    all_operations: dict[str, Operation],
) -> None:
    seen: list[Json] = []

    def keep(body: Json) -> Json:
        seen.append(body)
        return {}

    test_client = serving({"export_rebate_detail_report": keep, "update_account_info": keep})
    path = all_operations["export_rebate_detail_report"].path
    test_client.post(path, json={"rebate_aggregation_id": 4711}, headers=TOKEN)
    path = "/v1/api/account/3f6c1c1e-8a55-4a0e-9a37-5d0f6b1c2a90/update"
    test_client.post(path, json={"accountDTO": {"base": {}}}, headers=PARTNER)
    assert seen == [{"rebate_aggregation_id": "4711"}, {"base": {}}]


def test_the_dispatcher_also_fits_behind_connexion_s_own_entrance(contract: Bundle) -> None:
    callers = dict.fromkeys(contract.document["components"]["securitySchemes"], authenticate)
    app = ConnexionMiddleware(Dispatcher(callers), middlewares=[])
    app.add_api(merged().document, base_path="", resolver=Resolver(lambda _: dict_))
    with TestClient(app) as test_client:
        assert test_client.get(VERSION).status_code == 200
        assert test_client.get(MESSAGES).status_code == 401


def test_web_sockets_are_closed() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    asyncio.run(_run(serving({}).app, {"type": "websocket", "path": "/"}, receive, send))
    assert sent == [{"type": "websocket.close"}]


def test_connexion_s_check_of_the_document_is_kept(contract: Bundle) -> None:
    with pytest.raises(InvalidSpecification):
        LoadedSpecification({**contract.document, "paths": []})  # type: ignore[no-untyped-call]  # Connexion annotates its classes in part


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads memory out of /proc")
def test_a_hundred_thousand_requests_leave_nothing_behind() -> None:
    app = serving({}).app
    body = orjson.dumps(GOOD_LOGIN)
    headers = ((b"content-type", b"application/json"),)

    async def requests(count: int) -> None:
        for number in range(count):
            await called(app, "POST", LOGIN, headers=headers, body=body)
            await called(app, "POST", LOGIN, headers=headers, body=b'{"email":%d}' % number)

    def resident_pages() -> int:
        gc.collect()
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])

    asyncio.run(requests(5_000))
    before = resident_pages()
    asyncio.run(requests(45_000))
    assert resident_pages() - before < 512, "more than 2 MB"
