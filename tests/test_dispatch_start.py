"""What stops a start: handlers and callers that do not fit the contract, in one clear line."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from connexion.resolver import Resolver
from connexion.spec import Specification
from jsonschema_rs import ValidationError
from starlette.types import Receive, Scope

from contract.bundling import Bundle
from contract.errors import ContractError
from contract.schemas import ANSWER, REQUEST, Validators
from dispatch.answer import Answer
from dispatch.dispatcher import Dispatcher, dispatcher
from dispatch.route import Routes, allowed

Json = Any


def fault(
    contract: Bundle, handlers: dict[str, Callable[..., Json]], *, without: str | None = None
) -> str:
    """The line that the start ends with."""

    def nothing() -> Json:
        return {}

    schemes = contract.document["components"]["securitySchemes"].keys() - {without}

    async def authenticate(sent: str, _: Scope) -> Json:
        return {}

    resolver = Resolver(lambda name: handlers.get(name, nothing))
    with pytest.raises(ContractError) as stopped:
        dispatcher(contract, resolver, dict.fromkeys(schemes, authenticate))
    line = str(stopped.value)
    assert "\n" not in line
    return line


def test_an_operation_without_a_handler(contract: Bundle) -> None:
    with pytest.raises(ContractError) as stopped:
        dispatcher(contract, Resolver({}.__getitem__), {})
    assert str(stopped.value).startswith("POST /v1/auth/account/change-password: no handler for")


def test_an_operation_whose_handler_cannot_be_imported(contract: Bundle) -> None:
    with pytest.raises(ContractError, match="no handler for change_password"):
        dispatcher(contract, Resolver(), {})


def test_a_handler_that_wants_what_its_operation_does_not_have(contract: Bundle) -> None:
    def login(body: Json, amount: str) -> Json:
        return {}

    def get_tenant_version(body: Json) -> Json:
        return {}

    def list_languages(user: str) -> Json:
        return {}

    line = fault(contract, {"login": login})
    assert "test_dispatch_start.py:" in line
    assert line.endswith("login wants amount, which POST /v1/auth/account/login does not have")
    assert "wants body, which GET" in fault(contract, {"get_tenant_version": get_tenant_version})
    assert "wants user, which GET" in fault(contract, {"list_languages": list_languages})


def test_a_handler_without_a_default_for_what_may_be_left_out(contract: Bundle) -> None:
    def cancel_deposit(body: Json, idempotency_key: str) -> Json:
        return {}

    line = fault(contract, {"cancel_deposit": cancel_deposit})
    assert line.endswith(
        "cancel_deposit needs a default for idempotency_key, which may be left out"
    )


def test_a_handler_that_takes_whatever_comes(contract: Bundle) -> None:
    def login(**arguments: Json) -> Json:
        return {}

    def logout(*arguments: Json) -> Json:
        return {}

    def get_tenant_version(request: Json, /) -> Json:
        return {}

    assert fault(contract, {"login": login}).endswith("login must take arguments by its name")
    assert fault(contract, {"logout": logout}).endswith("logout must take arguments by its name")
    line = fault(contract, {"get_tenant_version": get_tenant_version})
    assert line.endswith("get_tenant_version must take request by its name")


def test_a_security_scheme_that_nobody_checks(contract: Bundle) -> None:
    assert fault(contract, {}, without="ib") == "securitySchemes/ib: nobody checks this scheme"


@pytest.mark.parametrize(
    "scheme",
    [
        {"type": "http", "scheme": "basic"},
        {"type": "apiKey", "in": "query", "name": "token"},
        {"type": "openIdConnect", "openIdConnectUrl": "https://example.com"},
    ],
)
def test_a_security_scheme_that_is_not_known(contract: Bundle, scheme: Json) -> None:
    document = deepcopy(contract.document)
    document["components"]["securitySchemes"]["ib"] = scheme
    line = fault(Bundle(document), {})
    assert line == "securitySchemes/ib: neither a bearer token nor a header"


def test_a_document_that_connexion_refuses(contract: Bundle) -> None:
    broken = {**contract.document, "info": {"title": "no version"}}
    assert fault(Bundle(broken), {}) == 'info: "version" is a required property'


def test_a_prefix_that_the_contract_does_not_have(contract: Bundle) -> None:
    with pytest.raises(ContractError, match="paths are served as the contract has them"):
        Dispatcher({}).add_api(Specification.load(deepcopy(contract.document)), base_path="/api")


def test_two_parameters_of_one_name(contract: Bundle) -> None:
    document = deepcopy(contract.document)
    for name in ("Page", "body", "request"):
        operation = deepcopy(document["paths"]["/v1/client/message/list"]["get"])
        extra = {"name": name, "in": "query", "schema": {"type": "string"}}
        operation["parameters"].append(extra)
        document["paths"]["/v1/client/message/list"]["get"] = operation
        assert f"there are two arguments {name.lower()}" in fault(Bundle(document), {})
        operation["parameters"].pop()


async def endpoint(scope: Scope, receive: Receive) -> Answer:
    """Stands for what can be done on a path."""
    return Answer(b"")


async def other(scope: Scope, receive: Receive) -> Answer:
    """Stands for something else."""
    return Answer(b"")


def routes(*paths: str) -> Routes:
    result = Routes()
    for path in paths:
        result.add("GET", path, endpoint)
    return result


@pytest.mark.parametrize(
    ("first", "second"),
    [("/a/{x}", "/a/{y}"), ("/a/{x}/b", "/a/{y}/b"), ("/a", "/a")],
)
def test_one_path_twice(first: str, second: str) -> None:
    with pytest.raises(ContractError, match=f"GET {second}: the same path as {first}"):
        routes(first, second)


@pytest.mark.parametrize("path", ["/a/{x}.json", "/a/{x}{y}", "/a/x}"])
def test_a_segment_of_text_and_parameter(path: str) -> None:
    with pytest.raises(ContractError, match="is neither a text nor one parameter"):
        routes(path)


@pytest.mark.parametrize("order", [("/a/{x}", "/a/b"), ("/a/b", "/a/{x}")])
def test_a_concrete_path_goes_before_a_templated_one(order: tuple[str, str]) -> None:
    found = Routes()
    for path in order:
        found.add("GET", path, other if "{" in path else endpoint)
    assert found.find(b"/a/b") == ({"GET": endpoint}, ())
    assert found.find(b"/a/%62") == ({"GET": endpoint}, [])
    assert found.find(b"/a/c") == ({"GET": other}, ["c"])
    assert found.find(b"/a/b%2Fc") == ({"GET": other}, ["b/c"])


def test_a_dead_end_behind_a_concrete_segment_is_left_again() -> None:
    found = routes("/a/b/c", "/a/{x}/d", "/{y}/b/e")
    assert found.find(b"/a/b/d") == ({"GET": endpoint}, ["b"])
    assert found.find(b"/a/b/e") == ({"GET": endpoint}, ["a"])
    for path in (
        b"/a/b",
        b"/a//d",
        b"/a/b/c/",
        b"/a/b/x",
        b"x/a/b/c",
        b"",
        b"/\xff/b/e",
        b"/%FF/b/e",
    ):
        assert found.find(path) == ({}, ())


def test_methods_of_one_path_are_allowed_together() -> None:
    found = routes("/a/{x}")
    found.add("POST", "/a/{x}", other)
    methods, _ = found.find(b"/a/1")
    assert allowed(methods) == "GET, HEAD, OPTIONS, POST"


def test_what_is_read_only_is_no_part_of_a_request_nor_write_only_of_an_answer() -> None:
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "password"],
        "properties": {
            "id": {"type": "integer", "readOnly": True},
            "password": {"type": "string", "writeOnly": True},
        },
    }
    document = {"components": {"schemas": {"User": schema}}}
    reference = {"$ref": "#/components/schemas/User"}
    for foreign, good, bad in (
        (REQUEST, {"password": "a"}, {"id": 1, "password": "a"}),
        (ANSWER, {"id": 1}, {"id": 1, "password": "a"}),
    ):
        for each in (schema, reference):
            validator = Validators(document, foreign).compiled(each)
            assert validator.is_valid(good)
            assert not validator.is_valid(bad)
            assert not validator.is_valid({})


@pytest.mark.parametrize("pattern", ["^(?=a)b$", r"^(a)\1$"])
def test_a_pattern_that_may_take_for_ever_is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError):
        Validators({"components": {"schemas": {}}}).compiled({"type": "string", "pattern": pattern})


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "integer", "format": "int32"}, [2**31 - 1, -(2**31)], [2**31, -(2**31) - 1, 1.0]),
        ({"type": "integer", "format": "int64"}, [2**63 - 1, -(2**63)], [2**63, 1e20, True]),
        ({"type": "integer", "format": "int32", "minimum": 1}, [1], [0]),
        (
            {"type": "string", "format": "decimal"},
            ["0", "-1.50"],
            ["", "1.", ".5", "1e3", "\uff11"],
        ),
        ({"type": "string", "format": "date"}, ["2024-02-29"], ["2026-02-29", "2026-W01-1", "1"]),
        (
            {"type": "string", "format": "tenant-time"},
            ["2026-01-15 23:59:59"],
            ["2026-01-15T10:00:00", "2026-01-15 24:00:00", "2026-02-30 10:00:00", "2026-01-15"],
        ),
        ({"type": "string", "format": "date-time"}, ["2026-01-15T10:00:00Z"], ["2026-01-15"]),
        ({"type": "string", "format": "email"}, ["a@example.org"], ["a", "a@"]),
        ({"type": "string", "format": "uri"}, ["https://example.org/a"], ["example", "/a"]),
        (
            {"type": "string", "format": "uuid"},
            ["3f6c1c1e-8a55-4a0e-9a37-5d0f6b1c2a90"],
            ["3f6c1c1e8a554a0e9a375d0f6b1c2a90", "x"],
        ),
        ({"type": "string", "nullable": True}, [None, ""], [1]),
        ({"type": "string", "format": "decimal", "allOf": [{"maxLength": 3}]}, ["1.5"], ["1.50"]),
    ],
)
def test_types_and_formats_mean_what_openapi_says(schema: Json, good: Json, bad: Json) -> None:
    validator = Validators({"components": {"schemas": {}}}).compiled(schema)
    for value in good:
        assert validator.is_valid(value), value
    for value in bad:
        assert not validator.is_valid(value), value
