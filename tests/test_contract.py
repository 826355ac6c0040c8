"""The contract says what the documents say, and keeps the house's own rules."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import validate

from contract import documents
from contract.bundling import Bundle
from contract.checks import check, examples, subschemas
from contract.operations import Operation, lookup
from contract.problems import catalogue
from contract.schemas import Validators

Json = Any

CROSS_CUTTING = {"VALIDATION_ERROR", "RATE_LIMITED"}
IDEMPOTENT = {"IDEMPOTENCY_KEY_REUSED", "IDEMPOTENCY_IN_PROGRESS"}
WITH_BODY = {"PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"}
SCHEMES = {
    "none": [],
    "user": ["user"],
    "client": ["client"],
    "ib": ["ib"],
    "partner": ["tenant", "partner"],
}


def plain(contract: Bundle, schema: dict[str, Json]) -> dict[str, Json]:
    while "type" not in schema and "oneOf" not in schema:
        schema = lookup(contract.document, schema) if "$ref" in schema else schema["allOf"][0]
    return schema


def whole(contract: Bundle, schema: dict[str, Json]) -> dict[str, Json]:
    """The schema with what stands beside its reference."""
    return {**plain(contract, schema), **{k: v for k, v in schema.items() if k == "default"}}


def as_written(facts: dict[str, Json]) -> str:
    return "object" if facts["type"] == "map" else str(facts["type"])


def field_faults(
    contract: Bundle, where: str, facts: dict[str, Json], schema: dict[str, Json]
) -> Iterator[str]:
    found = whole(contract, schema)
    if "|" in facts["type"]:
        return
    if found.get("type") != as_written(facts):
        yield f"{where}: type is {found.get('type')}"
    items = plain(contract, found["items"]) if "items" in found else {}
    if "items" in facts and found.get("type") == "array" and items["type"] != facts["items"]:
        yield f"{where}: items are {items['type']}"
    listed = facts.get("items_enum", facts.get("enum"))
    held = items if found.get("type") == "array" else found
    if listed and sorted(map(str, held.get("enum", []))) != sorted(map(str, listed)):
        yield f"{where}: enum is {held.get('enum')}"
    if "default" in facts and str(found.get("default")) != str(facts["default"]):
        yield f"{where}: default is {found.get('default')}"


def nested_faults(
    contract: Bundle, where: str, rows: dict[str, Json], name: str, schema: dict[str, Json]
) -> Iterator[str]:
    """The documented fields of an object, of the items of a list, or of the values of a map."""
    found = plain(contract, schema)
    if "oneOf" in found:
        return
    if found["type"] == "array":
        found = plain(contract, found["items"])
    if "properties" not in found and isinstance(found.get("additionalProperties"), dict):
        found = plain(contract, found["additionalProperties"])
    for facts in rows.get(name, []):
        at = f"{where}.{facts['name']}"
        if facts["name"] not in found.get("properties", {}):
            yield f"{at}: missing"
            continue
        if "required" in facts and facts["required"] != (
            facts["name"] in found.get("required", [])
        ):
            yield f"{at}: required is not {facts['required']}"
        inner = found["properties"][facts["name"]]
        yield from field_faults(contract, at, facts, inner)
        if "schema" in facts and facts["schema"] != name:
            yield from nested_faults(contract, at, rows, facts["schema"], inner)


def request_fields(
    contract: Bundle, operation: Operation
) -> dict[tuple[str, str], tuple[dict[str, Json], bool]]:
    """(place, name) to (schema, required) of everything that the operation takes."""
    fields = {(p["in"], p["name"]): (p["schema"], p["required"]) for p in operation.parameters}
    body = plain(contract, operation.body) if operation.body else {}
    for name, schema in body.get("properties", {}).items():
        fields["body", name] = (schema, name in body.get("required", []))
    return fields


def operation_faults(
    contract: Bundle, operation: Operation, facts: dict[str, Json], rows: dict[str, Json]
) -> Iterator[str]:
    where = f"{facts['number']} {facts['operation_id']}"
    if (operation.method, operation.path) != (facts["method"], facts["path"]):
        yield f"{where}: is {operation.method} {operation.path}"
    expected = {k: facts[k] for k in ("number", "group", "title")} | {"name": facts["document"]}
    if operation.definition["x-document"] != expected or operation.tag != facts["tag"]:
        yield f"{where}: x-document or tag"
    fields = request_fields(contract, operation)
    ours = {key for key in fields if key[0] in ("query", "path", "body")}
    for key in ours - {(f["in"], f["name"]) for f in facts["request"]}:
        yield f"{where}: {key} is not documented"
    for field in facts["request"]:
        key = (field["in"], field["name"])
        if key not in fields:
            yield f"{where}: {key} is missing"
            continue
        schema, required = fields[key]
        if required != field["required"]:
            yield f"{where}: {key} required is {required}"
        yield from field_faults(contract, f"{where} {key}", field, schema)
        if "schema" in field:
            yield from nested_faults(contract, f"{where} {key}", rows, field["schema"], schema)
    rows = {**rows, "answer": facts["response"]}
    yield from nested_faults(contract, where, rows, "answer", operation.answer_schema)


def test_every_documented_operation_is_there_as_documented(
    contract: Bundle, all_operations: dict[str, Operation], documented: dict[str, Json]
) -> None:
    names = [facts["operation_id"] for facts in documented["operations"]]
    assert sorted(all_operations) == sorted(names)
    assert len(names) == 127
    faults = [
        fault
        for facts in documented["operations"]
        for fault in operation_faults(
            contract, all_operations[facts["operation_id"]], facts, documented["schemas"]
        )
    ]
    assert faults == []


def test_every_operation_asks_for_the_login_that_is_documented(
    all_operations: dict[str, Operation], documented: dict[str, Json]
) -> None:
    for facts in documented["operations"]:
        operation = all_operations[facts["operation_id"]]
        if operation.operation_id == "send_email_code":  # the login is optional there
            assert operation.definition["security"] == [{"user": []}, {}]
        else:
            assert list(operation.schemes) == SCHEMES[facts["auth"]], operation.operation_id


def test_problems_follow_from_the_documented_row_and_the_cross_cutting_ones(
    all_operations: dict[str, Operation], documented: dict[str, Json]
) -> None:
    for facts in documented["operations"]:
        operation = all_operations[facts["operation_id"]]
        expected = set(facts["problems"]) | CROSS_CUTTING
        if operation.document == "wlink":
            expected.add("API_SIGNATURE_INVALID")
        if operation.body:
            expected |= WITH_BODY
        if any(p["name"] == "Idempotency-Key" for p in operation.parameters):
            expected |= IDEMPOTENT
        assert set(operation.problems) == expected, operation.operation_id
        assert len(operation.problems) == len(expected), operation.operation_id


def test_statuses_follow_from_the_problems(
    all_operations: dict[str, Operation], documented: dict[str, Json]
) -> None:
    statuses = documented["problems"]
    for operation in all_operations.values():
        expected = {statuses[code] for code in operation.problems} - {500} | {200}
        assert set(map(int, operation.answers)) == expected, operation.operation_id


def test_the_catalogue_has_every_code_with_its_status_and_an_example(
    documented: dict[str, Json],
) -> None:
    entries = catalogue()
    assert {code: entry.status for code, entry in entries.items()} == documented["problems"]
    for code, entry in entries.items():
        assert entry.problem["code"] == code
        assert entry.problem["type"].endswith(f":{code}")


def test_an_answer_shows_the_examples_of_its_own_operation_and_no_others(
    all_operations: dict[str, Operation],
) -> None:
    entries = catalogue()
    for operation in all_operations.values():
        for status, answer in operation.answers.items():
            (media,) = answer["content"].values()
            expected = {code for code in operation.problems if entries[code].status == int(status)}
            assert set(media["examples"]) == (expected or {"success"}), operation.operation_id


def test_every_lwork_code_has_an_mcode_of_its_own(all_operations: dict[str, Operation]) -> None:
    lwork = [o for o in all_operations.values() if o.document == "lwork"]
    entries = catalogue()
    codes = {code for operation in lwork for code in operation.problems}
    mcodes = [str((entries[code].envelope or {})["mcode"]) for code in codes]
    assert len(set(mcodes)) == len(codes)
    for code in codes:
        envelope = entries[code].envelope or {}
        assert re.fullmatch(rf"m1{entries[code].status}[0-9]{{3}}", envelope["mcode"])


def with_key(all_operations: dict[str, Operation]) -> set[str]:
    return {
        operation.operation_id
        for operation in all_operations.values()
        for parameter in operation.parameters
        if parameter["name"] == "Idempotency-Key" and parameter["x-addition"]
    }


def test_idempotency_keys_are_an_addition_to_operations_that_move_money(
    all_operations: dict[str, Operation],
) -> None:
    assert with_key(all_operations) == {
        "create_transfer",
        "create_withdrawal",
        "create_deposit_draft",
        "submit_deposit",
        "cancel_deposit",
        "deposit_to_demo_account",
        "create_account_application",
        "create_trading_account",
    }


def test_an_answer_that_is_kept_belongs_to_somebody_and_says_that_it_was_kept(
    all_operations: dict[str, Operation],
) -> None:
    for operation in all_operations.values():
        is_kept = operation.operation_id in with_key(all_operations)
        headers = operation.answers["200"].get("headers", {})
        assert ("Idempotent-Replayed" in headers) is is_kept, operation.operation_id
        assert not is_kept or list(operation.schemes) == ["client"]


def test_no_answer_that_is_kept_holds_a_secret(
    all_operations: dict[str, Operation], contract: Bundle
) -> None:
    def secrets(schema: Json) -> Iterator[str]:
        """The fields that are none of a database's business."""
        schema = lookup(contract.document, schema)
        for name, part in schema.get("properties", {}).items():
            is_one = re.search("password|token|secret|code", name)
            yield from [name] if is_one else secrets(part)
        inner = [*schema.get("allOf", []), *schema.get("oneOf", []), schema.get("items")]
        for part in filter(None, inner):
            yield from secrets(part)

    kept = with_key(all_operations)
    found = {name: list(secrets(all_operations[name].answer_schema)) for name in kept}
    assert found == {name: [] for name in kept}
    assert list(secrets(all_operations["login"].answer_schema)) == ["token"], "it finds some"


@pytest.mark.parametrize("name", ["wlink", "lwork", "merged"])
def test_the_documents_are_valid_openapi(name: str) -> None:
    bundle = documents.merged() if name == "merged" else documents.bundle(name)
    validate(bundle.document)
    check(bundle)


def test_every_operation_has_a_success_example_and_texts(
    all_operations: dict[str, Operation],
) -> None:
    for operation in all_operations.values():
        definition = operation.definition
        media = operation.answers["200"]["content"]["application/json"]
        assert "success" in media["examples"], operation.operation_id
        if operation.body:
            body = definition["requestBody"]["content"]["application/json"]
            assert "request" in body["examples"]
        assert definition["summary"] and len(definition["description"]) > 20
        assert all(p.get("description") for p in operation.parameters)


def test_every_example_is_valid(contract: Bundle) -> None:
    validators = Validators(contract.document)
    number = 0
    for holder, schema, example in examples(contract):
        assert validators.compiled(schema).is_valid(example), contract.place(holder)
        number += 1
    assert number > 400


def all_schemas(contract: Bundle) -> Iterator[tuple[str, dict[str, Json]]]:
    for name, schema in contract.document["components"]["schemas"].items():
        for part in subschemas(schema):
            yield name, part


def request_schemas(
    contract: Bundle, all_operations: dict[str, Operation]
) -> Iterator[dict[str, Json]]:
    def reached(schema: dict[str, Json], seen: set[str]) -> Iterator[dict[str, Json]]:
        for part in subschemas(schema):
            yield part
            name = part.get("$ref", "")
            if name and name not in seen:
                seen.add(name)
                yield from reached(lookup(contract.document, part), seen)

    seen: set[str] = set()
    for operation in all_operations.values():
        for schema in [*(p["schema"] for p in operation.parameters), operation.body]:
            if schema:
                yield from reached(schema, seen)


def test_integers_have_bounds_that_javascript_can_hold(contract: Bundle) -> None:
    for name, schema in all_schemas(contract):
        if schema.get("type") == "integer":
            assert schema["format"] in ("int32", "int64"), name
            assert -(2**53) < schema["minimum"] <= schema["maximum"] < 2**53, name


def test_objects_say_which_fields_they_have(contract: Bundle) -> None:
    for name, schema in all_schemas(contract):
        if schema.get("type") == "object":
            assert "properties" in schema or "additionalProperties" in schema, name
            assert "additionalProperties" in schema, name


def test_requests_take_no_numbers_and_only_strings_with_limits(
    contract: Bundle, all_operations: dict[str, Operation]
) -> None:
    for schema in request_schemas(contract, all_operations):
        assert schema.get("type") != "number"
        if schema.get("type") == "string" and "enum" not in schema:
            assert "maxLength" in schema, schema
        if schema.get("type") == "array":
            assert "maxItems" in schema, schema


def test_no_pattern_means_other_digits_than_ascii(contract: Bundle) -> None:
    for name, schema in all_schemas(contract):
        assert r"\d" not in schema.get("pattern", "") and r"\w" not in schema.get("pattern", ""), (
            name
        )


def test_a_leap_day_that_does_not_exist_is_no_time(contract: Bundle) -> None:
    validator = Validators(contract.document).compiled(
        {"$ref": "#/components/schemas/TenantTimeFilter"}
    )
    assert validator.is_valid("2024-02-29 12:00:00")
    assert not validator.is_valid("2026-02-29 12:00:00")
    assert not validator.is_valid("2026-02-30 12:00:00")
    assert not validator.is_valid("2026-01-01T12:00:00")
