"""From an operation to its handler: arguments by name, one transaction per request."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

import orjson
from connexion.lifecycle import ConnexionRequest
from connexion.resolver import Resolver

from contract.bundling import Bundle
from contract.errors import ContractError
from contract.operations import Operation, operations
from dispatch.answer import Answer
from dispatch.threads import quick
from handlers.planned import PLANNED
from wlink.calls import Call, call_of
from wlink.idempotency import once
from wlink.kept_answers import KEPT, kept
from wlink.limits import count
from wlink.services import Services
from wlink.signatures import Handler, signature

Json = Any


def resolver(contract: Bundle, services: Services) -> Resolver:
    """Finds the handler of every operation. Raises ContractError if one is missing, or is built
    and planned, or does not fit.
    """
    served: dict[str, Handler] = {}
    for name, operation in operations(contract.document).items():
        handler = _found(operation)
        if handler is None:
            served[name] = _not_yet
            continue
        serve = _served(services, operation, contract.document, handler)
        served[name] = kept(serve, services.clock) if name in KEPT else serve
    return Resolver(served.__getitem__)


def _found(operation: Operation) -> Handler | None:
    name, module = operation.operation_id, f"handlers.{operation.tag}"
    handler: Handler | None = (
        getattr(import_module(module), name, None) if find_spec(module) else None
    )
    if (handler is None) != (name in PLANNED):
        fault = "has no handler" if handler is None else "is planned, but has a handler"
        raise ContractError(f"handlers/{operation.tag}.py", f"{name} {fault}")
    return handler


def _served(
    services: Services, operation: Operation, document: dict[str, Json], handler: Handler
) -> Handler:
    wanted = signature(operation, document, handler)
    reads = operation.method == "GET"

    def act(call: Call, sent: dict[str, Json]) -> Json:
        arguments = wanted.arguments(call, sent)
        if wanted.opens == "session":
            run = call.transaction.read if reads else call.transaction.write
            return run(lambda session: handler(session=session, **arguments))
        if wanted.opens == "reading":
            return services.database.reading(
                call.boundary, lambda reading: handler(reading=reading, **arguments)
            )
        return handler(**arguments)

    def serve(request: ConnexionRequest, parameters: dict[str, Json], body: Json) -> Json:
        call = call_of(services, request)
        sent = parameters | (body or {})
        count(call, operation.operation_id, sent)
        return once(call, operation.operation_id, sent, lambda each: act(each, sent))

    if operation.body:
        return serve
    serve_without_body = _without_body(serve)
    return quick(serve_without_body) if wanted.opens == "reading" else serve_without_body


def _without_body(serve: Handler) -> Handler:
    def serve_without_body(request: ConnexionRequest, parameters: dict[str, Json]) -> Json:
        return serve(request, parameters, None)

    return serve_without_body


def _not_yet(request: ConnexionRequest) -> Answer:
    """Status 501, as RFC 9457 writes it."""
    body = {
        "type": "urn:wlink:problem:NOT_IMPLEMENTED",
        "title": "Not built yet",
        "status": 501,
        "detail": "The operation is documented, and this server does not have it yet.",
        "code": "NOT_IMPLEMENTED",
        "request_id": request.context["request_id"],
    }
    return Answer(orjson.dumps(body), 501, b"application/problem+json")
