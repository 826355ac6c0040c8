"""What must hold before a server starts. Each fault is one line that names file and place."""

import re
from collections.abc import Iterator
from typing import Any

from jsonschema_rs import ValidationError

from contract.bundling import Bundle
from contract.errors import ContractError
from contract.formats import KNOWN
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
_PLACES = ("query", "path", "header")
_PARAMETER_TYPES = ("string", "integer", "boolean")
_STYLES = {("form", True), (None, None)}
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
    _check_examples(bundle, _compiled_each(bundle))


def _check_operation(
    bundle: Bundle, method: str, path: str, operation: dict[str, Json], seen: set[str]
) -> None:
    for key in ("operationId", "tags", "x-document", "x-problems", "responses"):
        if not operation.get(key):
            raise ContractError(bundle.place(operation), f"{method} {path} has no {key}")
    _known(bundle, operation, _OPERATION)
    name = operation["operationId"]
    if name in seen:
        raise ContractError(bundle.place(operation), f"another operation is called {name}, too")
    seen.add(name)
    _check_security(bundle, f"{method} {path}", operation)
    _check_parameters(bundle, path, operation)
    _check_body(bundle, operation)
    _check_statuses(bundle, operation)


def _check_security(bundle: Bundle, where: str, operation: dict[str, Json]) -> None:
    """Connexion would serve an operation without `security` to everybody."""
    if "security" not in operation:
        raise ContractError(bundle.place(operation), f"{where} has no security")
    schemes = bundle.document["components"].get("securitySchemes", {})
    needs = operation["security"]
    for scheme in (name for need in needs for name in need):
        if scheme not in schemes:
            raise ContractError(bundle.place(operation), f"there is no security scheme {scheme}")
    if {} in needs[:-1]:
        raise ContractError(bundle.place(operation), "nothing is looked at behind {}")
    headers = [schemes[name].get("name", "authorization") for need in needs for name in need]
    if len(set(headers)) < len(headers):
        raise ContractError(bundle.place(operation), "two security schemes read one header")


def _check_parameters(bundle: Bundle, path: str, operation: dict[str, Json]) -> None:
    parameters = [lookup(bundle.document, p) for p in operation.get("parameters", [])]
    for parameter in parameters:
        _known(bundle, parameter, _PARAMETER)
        _check_schema(bundle, parameter["schema"])
        _check_readable(bundle, parameter)
    declared = {p["name"] for p in parameters if p["in"] == "path"}
    if declared != set(re.findall(r"{(\w+)}", path)):
        raise ContractError(bundle.place(operation), f"the path parameters are not those of {path}")


def _check_readable(bundle: Bundle, parameter: dict[str, Json]) -> None:
    """What is read from a text must be one value, or a list of them in the query. Numbers with a
    point are sent as decimal strings.
    """
    schema = lookup(bundle.document, parameter["schema"])
    if schema.get("type") == "array" and parameter["in"] == "query":
        schema = lookup(bundle.document, schema.get("items", {}))
    style = (parameter.get("style"), parameter.get("explode"))
    for known, fault in (
        (parameter["in"] in _PLACES, f"there are no parameters in {parameter['in']}"),
        (schema.get("type") in _PARAMETER_TYPES, "no parameter can be of this type"),
        (style in _STYLES, "only the style form, exploded, is known"),
    ):
        if not known:
            raise ContractError(bundle.place(parameter), fault)


def _check_body(bundle: Bundle, operation: dict[str, Json]) -> None:
    body = lookup(bundle.document, operation.get("requestBody"))
    if body is None:
        return
    if body.get("required") is not True:
        raise ContractError(bundle.place(body), "a body that may be left out is not known")
    if list(body["content"]) != ["application/json"]:
        raise ContractError(bundle.place(body), "only bodies of application/json are known")


def _check_statuses(bundle: Bundle, operation: dict[str, Json]) -> None:
    codes = catalogue()
    for code in operation["x-problems"]:
        if code not in codes:
            raise ContractError(bundle.place(operation), f"{code} is not in the catalogue")
    wanted = {codes[code].status for code in operation["x-problems"]} - {_NEVER_LISTED}
    for status in operation["responses"]:
        if not re.fullmatch("[2-5][0-9]{2}", status):
            raise ContractError(bundle.place(operation), f"{status} is no status")
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
        if part.get("format", "password") not in KNOWN:
            raise ContractError(bundle.place(part), f"unknown format {part['format']}")
        if part.get("nullable") and "type" not in part:
            raise ContractError(bundle.place(part), "nullable stands beside a type")


def subschemas(schema: dict[str, Json]) -> Iterator[dict[str, Json]]:
    """The schema and all that are written inside it."""
    yield schema
    inner = [*schema.get("properties", {}).values(), *schema.get("allOf", [])]
    inner += [*schema.get("oneOf", []), schema.get("items"), schema.get("additionalProperties")]
    for part in inner:
        if isinstance(part, dict):
            yield from subschemas(part)


def _compiled_each(bundle: Bundle) -> Validators:
    """Validators, after each schema has shown by itself that it can be one."""
    validators = Validators(bundle.document)
    for name, schema in bundle.document["components"]["schemas"].items():
        try:
            validators.compiled(_alone(schema))
        except (ValidationError, ValueError) as error:
            fault = str(error).splitlines()[0]
            raise ContractError(bundle.place(schema), f"{name} is no schema: {fault}") from None
    return validators


def _alone(schema: Json) -> Json:
    """The schema without those that it refers to, so that each is blamed for itself."""
    if isinstance(schema, dict):
        return {} if "$ref" in schema else {key: _alone(part) for key, part in schema.items()}
    return [_alone(part) for part in schema] if isinstance(schema, list) else schema


def _check_examples(bundle: Bundle, validators: Validators) -> None:
    seen: set[tuple[int, str]] = set()
    for holder, schema, example in examples(bundle):
        key = (id(holder), repr(example) if "type" in holder else schema.get("$ref", ""))
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
    """(where it stands, schema, value) of every example and default of the document."""
    document = bundle.document
    for schema in document["components"]["schemas"].values():
        yield from _said_by(schema)
    for _, _, operation in definitions(document):
        for parameter in (lookup(document, p) for p in operation.get("parameters", [])):
            yield from _said_by(parameter["schema"])
            if "example" in parameter:
                yield parameter, parameter["schema"], parameter["example"]
        holders = [operation.get("requestBody"), *operation["responses"].values()]
        for holder in (lookup(document, holder) for holder in holders if holder):
            for media in holder["content"].values():
                yield from _shown(bundle, media)


def _said_by(schema: dict[str, Json]) -> Iterator[tuple[dict[str, Json], dict[str, Json], Json]]:
    for part in subschemas(schema):
        for key in ("example", "default"):
            if key in part:
                yield part, {k: v for k, v in part.items() if k != key}, part[key]


def _shown(
    bundle: Bundle, media: dict[str, Json]
) -> Iterator[tuple[dict[str, Json], dict[str, Json], Json]]:
    _known(bundle, media, _MEDIA)
    if set(media) != _MEDIA:
        raise ContractError(bundle.place(media), "it needs a schema and examples")
    for entry in media["examples"].values():
        example = lookup(bundle.document, entry)
        yield example, media["schema"], example["value"]
