"""From the contract's schemas (OpenAPI 3.0) to validators (JSON Schema, Draft 4)."""

from typing import Any

from jsonschema_rs import Draft4, Draft4Validator, RegexOptions, Registry

from contract.formats import FORMATS, PATTERNS

Json = Any

# Everything that a schema of ours may say. A keyword beside these stops the start: a typo such as
# `maxLenght` would otherwise never be noticed.
CHECKED = frozenset(
    "type enum format pattern minimum maximum minLength maxLength minItems maxItems uniqueItems "
    "minProperties maxProperties required properties additionalProperties items allOf oneOf "
    "nullable readOnly writeOnly $ref".split()
)
TOLD = frozenset(["title", "description", "default", "example", "x-faker"])

REQUEST, ANSWER = "readOnly", "writeOnly"  # what does not belong into a request, into an answer

_CONTRACT = "urn:wlink:contract"
_CONVERTED = frozenset(["nullable", "readOnly", "writeOnly"])
_SCHEMAS_WITHIN = ("allOf", "oneOf")
_INTEGERS = {"int32": 2**31, "int64": 2**63}


def draft4(schema: Json, foreign: str) -> Json:
    """The schema without what only informs and without the properties that are marked as
    `foreign`; `nullable` becomes a type of its own, and the formats of integers become bounds.
    """
    if not isinstance(schema, dict):
        return schema
    result = {key: schema[key] for key in schema.keys() & CHECKED - _CONVERTED}
    if "$ref" in result:
        result["$ref"] = _CONTRACT + schema["$ref"]
    if "properties" in result:
        result.pop("required", None)
        result |= _own(schema, foreign)
    for key in ("items", "additionalProperties"):
        if key in result:
            result[key] = draft4(schema[key], foreign)
    for key in _SCHEMAS_WITHIN:
        if key in result:
            result[key] = [draft4(part, foreign) for part in schema[key]]
    _say_format(result)
    if schema.get("nullable"):
        result["type"] = [schema["type"], "null"]
    return result


def _say_format(schema: dict[str, Json]) -> None:
    """Adds bounds or a pattern for the formats that need no function of ours."""
    name = schema.get("format")
    if name in _INTEGERS:
        schema.setdefault("minimum", -_INTEGERS[name])
        schema.setdefault("maximum", _INTEGERS[name] - 1)
    elif name in PATTERNS:
        schema["allOf"] = [*schema.get("allOf", []), {"pattern": PATTERNS[name]}]


def _own(schema: dict[str, Json], foreign: str) -> dict[str, Json]:
    """`properties` and `required` without what is foreign."""
    hidden = {name for name, part in schema["properties"].items() if part.get(foreign)}
    properties = {
        name: draft4(part, foreign)
        for name, part in schema["properties"].items()
        if name not in hidden
    }
    required = [name for name in schema.get("required", []) if name not in hidden]
    return {"properties": properties, **({"required": required} if required else {})}


class Validators:
    """Compiles schemas of one document, for requests or for answers; what they refer to is
    converted once, for all of them.
    """

    def __init__(self, document: dict[str, Json], foreign: str = ANSWER) -> None:
        self._foreign = foreign
        shared = {
            name: draft4(schema, foreign)
            for name, schema in document["components"]["schemas"].items()
        }
        contract = {"components": {"schemas": shared}}
        self._registry = Registry([(_CONTRACT, contract)], draft=Draft4)

    def compiled(self, schema: Json) -> Draft4Validator:
        """A validator that also checks formats. Patterns take linear time, whatever is sent."""
        return Draft4Validator(
            draft4(schema, self._foreign),
            validate_formats=True,
            formats=FORMATS,
            registry=self._registry,
            pattern_options=RegexOptions(),
        )
