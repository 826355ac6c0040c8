"""The contract that all peers serve: wlink's own 127 operations, and after them four to measure."""

from copy import deepcopy
from typing import Any

from contract import documents
from contract.bundling import Bundle

Json = Any

POST = "/benchmark/orders"
SECURED_POST = "/benchmark/secured-orders"
GET_BY_PATH = "/benchmark/orders/{order_number}"

BODY = {
    "symbol": "EURUSD",
    "side": "buy",
    "volume": "1.50",
    "price": "1.08455",
    "login": 8100123,
    "comment": "opened by the trader",
    "email": "xuemei.zhao26@example.com",
    "one_click": True,
}
ANSWER = {"order_number": "T26000001", "status": "open"}

_SYMBOL = {"type": "string", "pattern": "^[A-Z]{6}$", "maxLength": 6}
_STATUS = {"type": "string", "enum": ["open", "closed"]}
_DECIMAL = {"type": "string", "format": "decimal", "pattern": "^[0-9]{1,9}\\.[0-9]{2,5}$"}
_COUNT = {"type": "integer", "format": "int32", "minimum": 1, "maximum": 1000}
_ORDER_NUMBER = {"type": "string", "pattern": "^T[0-9]{8}$", "maxLength": 9}
_FIELDS = {
    "symbol": _SYMBOL,
    "side": {"type": "string", "enum": ["buy", "sell"]},
    "volume": _DECIMAL,
    "price": _DECIMAL,
    "login": {"type": "integer", "format": "int64", "minimum": 1, "maximum": 9007199254740991},
    "comment": {"type": "string", "maxLength": 200},
    "email": {"type": "string", "pattern": "^[^@ ]+@[^@ ]+$", "maxLength": 254},
    "one_click": {"type": "boolean"},
}


def measured_contract() -> Bundle:
    """The contract with the four operations."""
    contract = documents.merged()
    document = deepcopy(contract.document)
    body = _object(_FIELDS)
    document["paths"][POST] = {
        "post": _operation("benchmark_post", body=body),
        "get": _operation("benchmark_get", parameters=_QUERY),
    }
    document["paths"][SECURED_POST] = {
        "post": _operation("benchmark_secured_post", body=body, security=[{"user": []}])
    }
    document["paths"][GET_BY_PATH] = {
        "get": _operation("benchmark_get_by_path", parameters=[_parameter("order_number", "path")])
    }
    return Bundle(document)


def _parameter(name: str, place: str) -> dict[str, Json]:
    schema = {"page": _COUNT, "size": _COUNT, "status": _STATUS, "symbol": _SYMBOL}.get(name)
    return {"name": name, "in": place, "required": True, "schema": schema or _ORDER_NUMBER}


_QUERY = [_parameter(name, "query") for name in ("page", "size", "status", "symbol")]


def _object(fields: dict[str, Json]) -> dict[str, Json]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(fields),
        "properties": fields,
    }


def _operation(
    name: str,
    *,
    body: Json = None,
    parameters: Json = (),
    security: Json = (),
) -> dict[str, Json]:
    answer = _object({"order_number": _ORDER_NUMBER, "status": _STATUS})
    operation = {
        "operationId": name,
        "tags": ["benchmark"],
        "x-document": {"name": "wlink"},
        "x-problems": ["INTERNAL_ERROR"],
        "security": list(security),
        "parameters": list(parameters),
        "responses": {"200": {"description": "Done", "content": _media(answer, ANSWER)}},
    }
    if body:
        operation["requestBody"] = {"required": True, "content": _media(body, BODY)}
    return operation


def _media(schema: Json, example: Json) -> dict[str, Json]:
    examples = {"example": {"value": example}}
    return {"application/json": {"schema": schema, "examples": examples}}
