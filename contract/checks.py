"""What must hold before a server starts. Each fault is one line that names file and place."""

import re
from collections.abc import Iterator
from typing import Any

from jsonschema_rs import ValidationError

from contract.bundling import Bundle
from contract.errors import ContractError
from contract.operations import METHODS, definitions, lookup
from contract.problems import catalogue
from contract.schemas import CHECKED, TOLD, Validators

Json = Any

_OPERATION = frozenset(
    "operationId tags summary description x-document x-problems security parameters requestBody "
    "responses".split()
)
_PARAMETER = frozenset(
    "name in required description schema style explode example x-addition".split()
)
_MEDIA = frozenset(["schema", "examples"])
_NEVER_LISTED = 500


def check(bundle: Bundle) -> None:
    """Raises ContractError at the first fault."""
    seen: set[str] = set()
    for method, path, operation in definitions(bundle.document):
        _check_operation(bundle, method, path, operation, seen)
    for item in bundle.document["paths"].values():
        _known(bundle, item, frozenset(METHODS))
    for schema in bundle.document["components"]["schemas"].values():
        _check_schema(bundle, schema)
    _check_examples(bundle)


def _check_operation(
    bundle: Bundle, method: str, path: str, operation: dict[str, Json], seen: set[str]
) -> None:
    for key in ("operationId", "security", "tags", "x-document", "x-problems", "responses"):
        if key not in operation:
            raise ContractError(bundle.place(operation), f"{method} {path} has no {key}")
    _known(bundle, operation, _OPERATION)
    name = operation["operationId"]
    if name in seen:
        raise ContractError(bundle.place(operation), f"another operation is called {name}, too")
    seen.add(name)
    parameters = [lookup(bundle.document, p) for p in operation.get("parameters", [])]
    for parameter in parameters:
        _known(bundle, parameter, _PARAMETER)
        _check_schema(bundle, parameter["schema"])
    declared = {p["name"] for p in parameters if p["in"] == "path"}
    if declared != set(re.findall(r"{(\w+)}", path)):
        raise ContractError(bundle.place(operation), f"the path parameters are not those of {path}")
    _check_statuses(bundle, operation)


def _check_statuses(bundle: Bundle, operation: dict[str, Json]) -> None:
    codes = catalogue()
    for code in operation["x-problems"]:
        if code not in codes:
            raise ContractError(bundle.place(operation), f"{code} is not in the catalogue")
    wanted = {codes[code].status for code in operation["x-problems"]} - {_NEVER_LISTED}
    listed = {int(status) for status in operation["responses"]} - {200}
    for status in wanted ^ listed:
        fault = "is missing" if status in wanted else "does not follow from x-problems"
        raise ContractError(bundle.place(operation), f"status {status} {fault}")


def _known(bundle: Bundle, part: dict[str, Json], keys: frozenset[str]) -> None:
    for key in part:
        if key not in keys:
            raise ContractError(bundle.place(part), f"unknown keyword {key}")


def _check_schema(bundle: Bundle, schema: dict[str, Json]) -> None:
    for part in subschemas(schema):
        _known(bundle, part, CHECKED | TOLD)


def subschemas(schema: dict[str, Json]) -> Iterator[dict[str, Json]]:
    """The schema and all that are written inside it."""
    yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("allOf", [])]
    inner += [*schema.get("oneOf", []), schema.get("items"), schema.get("additionalProperties")]
    for part in inner:
        if isinstance(part, dict):
            yield from subschemas(part)


def _check_examples(bundle: Bundle) -> None:
    validators = Validators(bundle.document)
    seen: set[tuple[int, str]] = set()
    for holder, schema, example in examples(bundle):
        key = (id(holder), schema.get("$ref", ""))
        if key in seen:  # problems are shared by many operations
            continue
        seen.add(key)
        try:
            validators.compiled(schema).validate(example)
        except ValidationError as error:
            where = "/".join(str(key) for key in error.instance_path)
            fault = (
                f"the example breaks the schema{f' at {where}' if where else ''}: {error.kind.name}"
            )
            raise ContractError(bundle.place(holder), fault) from None


def examples(bundle: Bundle) -> Iterator[tuple[dict[str, Json], dict[str, Json], Json]]:
    """(where it stands, schema, value) of every example of the document."""
    document = bundle.document
    for schema in document["components"]["schemas"].values():
        for part in subschemas(schema):
            if "example" in part:
                yield part, {k: v for k, v in part.items() if k != "example"}, part["example"]
    for _, _, operation in definitions(document):
        for parameter in (lookup(document, p) for p in operation.get("parameters", [])):
            if "example" in parameter:
                yield parameter, parameter["schema"], parameter["example"]
        holders = [operation.get("requestBody"), *operation["responses"].values()]
        for holder in (lookup(document, holder) for holder in holders if holder):
            for media in holder["content"].values():
                _known(bundle, media, _MEDIA)
                for entry in media["examples"].values():
                    example = lookup(document, entry)
                    yield example, media["schema"], example["value"]
