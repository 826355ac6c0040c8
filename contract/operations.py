"""The operations of the contract, as the rest of the product asks for them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Json = Any

LWORK_PREFIX = "/v1/api/"
METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")


@dataclass(frozen=True)
class Operation:
    """One operation with what it refers to looked up. Schemas keep their `$ref`s."""

    operation_id: str
    method: str
    path: str
    document: str
    tag: str
    problems: tuple[str, ...]
    schemes: tuple[str, ...]
    parameters: tuple[dict[str, Json], ...]
    body: dict[str, Json] | None
    answers: dict[str, dict[str, Json]]
    definition: dict[str, Json]

    @property
    def answer_schema(self) -> dict[str, Json]:
        """Schema of the body that status 200 comes with."""
        schema: dict[str, Json] = self.answers["200"]["content"]["application/json"]["schema"]
        return schema


def lookup(document: dict[str, Json], part: Json) -> Json:
    """The part itself, or what it refers to."""
    while isinstance(part, dict) and "$ref" in part:
        target: Json = document
        for key in part["$ref"].removeprefix("#/").split("/"):
            target = target[key]
        part = target
    return part


def definitions(document: dict[str, Json]) -> Iterator[tuple[str, str, dict[str, Json]]]:
    """(method, path, operation object) of each operation, in the order of the document."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method.upper(), path, item[method]


def operations(document: dict[str, Json]) -> dict[str, Operation]:
    """All operations by operationId."""
    found = {}
    for method, path, definition in definitions(document):
        body = lookup(document, definition.get("requestBody"))
        found[definition["operationId"]] = Operation(
            operation_id=definition["operationId"],
            method=method,
            path=path,
            document=definition["x-document"]["name"],
            tag=definition["tags"][0],
            problems=tuple(definition["x-problems"]),
            schemes=tuple(name for need in definition["security"] for name in need),
            parameters=tuple(lookup(document, p) for p in definition.get("parameters", [])),
            body=body and body["content"]["application/json"]["schema"],
            answers={
                status: lookup(document, answer)
                for status, answer in definition["responses"].items()
            },
            definition=definition,
        )
    return found
