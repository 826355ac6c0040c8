"""From the contract's schemas (OpenAPI 3.0) to validators (JSON Schema, Draft 4)."""

from typing import Any

from jsonschema_rs import Draft4, Draft4Validator, Registry

from contract.formats import FORMATS

Json = Any

# Everything that a schema of ours may say. A keyword beside these stops the start: a typo such as
# `maxLenght` would otherwise never be noticed.
CHECKED = frozenset(
    "type enum format pattern minimum maximum minLength maxLength minItems maxItems uniqueItems "
    "minProperties maxProperties required properties additionalProperties items allOf oneOf "
    "nullable $ref".split()
)
TOLD = frozenset(["title", "description", "default", "example", "x-faker"])

_CONTRACT = "urn:wlink:contract"
_SCHEMAS_WITHIN = ("allOf", "oneOf")


def draft4(schema: Json) -> Json:
    """The schema without what only informs, and with `nullable` as a type of its own."""
    if not isinstance(schema, dict):
        return schema
    result = {key: schema[key] for key in schema.keys() & CHECKED - {"nullable"}}
    if "$ref" in result:
        result["$ref"] = _CONTRACT + schema["$ref"]
    if "properties" in result:
        result["properties"] = {n: draft4(s) for n, s in schema["properties"].items()}
    for key in ("items", "additionalProperties"):
        if key in result:
            result[key] = draft4(schema[key])
    for key in _SCHEMAS_WITHIN:
        if key in result:
            result[key] = [draft4(part) for part in schema[key]]
    if schema.get("nullable"):
        result["type"] = [schema["type"], "null"]
    return result


class Validators:
    """Compiles schemas of one document; what they refer to is converted once, for all of them."""

    def __init__(self, document: dict[str, Json]) -> None:
        shared = {
            name: draft4(schema) for name, schema in document["components"]["schemas"].items()
        }
        contract = {"components": {"schemas": shared}}
        self._registry = Registry([(_CONTRACT, contract)], draft=Draft4)

    def compiled(self, schema: Json) -> Draft4Validator:
        """A validator that also checks formats."""
        return Draft4Validator(
            draft4(schema),
            validate_formats=True,
            formats=FORMATS,
            registry=self._registry,
        )
