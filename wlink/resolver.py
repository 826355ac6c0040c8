"""From an operation to its handler: arguments by name, one transaction per request."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

import orjson
from connexion.decorators.parameter import pythonic
from connexion.lifecycle import ConnexionRequest
from connexion.resolver import Resolver
from starlette.types import Scope

from contract.bundling import Bundle
from contract.errors import ContractError
from contract.languages import understood
from contract.operations import Operation, lookup, operations
from contract.problems import Problem
from dispatch.answer import Answer
from handlers.planned import PLANNED
from models.boundaries import Boundary, BoundSession
from models.database import Transaction
from models.rate_counter import RateCounter
from models.tenant import Site
from models.user import Caller
from wlink.limits import LIMITS, Who
from wlink.services import Services

Json = Any
Handler = Callable[..., Json]


@dataclass(frozen=True)
class Call:
    """One request on its way to its handler. `now` is the moment at which it is served."""

    services: Services
    scope: Scope
    site: Site
    caller: Caller | None
    address: str
    now: datetime
    boundary: Boundary

    @property
    def language(self) -> str:
        """That of X-Language, else of Accept-Language."""
        headers: Mapping[bytes, bytes] = self.scope["headers_by_name"]
        wanted = headers.get(b"x-language", b"").decode("latin-1")
        return understood(wanted, headers.get(b"accept-language", b"").decode("latin-1"))


# What a handler may name beside the fields of its request, and `session`: a transaction of the
# database that is committed when it returns and undone when it raises.
GIVEN: dict[str, Callable[[Call], Json]] = {
    "site": lambda call: call.site,
    "caller": lambda call: call.caller,
    "address": lambda call: call.address,
    "now": lambda call: call.now,
    "language": lambda call: call.language,
    "transaction": lambda call: Transaction(call.services.database, call.boundary),
    "box": lambda call: call.services.box,
    "outbox": lambda call: call.services.outbox,
    "passwords": lambda call: call.services.passwords,
    "captcha": lambda call: call.services.captcha,
    "storage": lambda call: call.services.storage,
}


def resolver(contract: Bundle, services: Services) -> Resolver:
    """Finds the handler of every operation. Raises ContractError if one is missing, or is built
    and planned, or does not take what its operation brings.
    """
    served = {}
    for name, operation in operations(contract.document).items():
        handler = _found(operation)
        served[name] = _not_yet
        if handler:
            taken = _fields(operation, contract.document)
            served[name] = _served(services, operation, handler, taken)
    return Resolver(served.__getitem__)


def _found(operation: Operation) -> Handler | None:
    name = operation.operation_id
    try:
        handler = getattr(import_module(f"handlers.{operation.tag}"), name, None)
    except ModuleNotFoundError:
        handler = None
    if (handler is None) != (name in PLANNED):
        fault = "has no handler" if handler is None else "is planned, but has a handler"
        raise ContractError(f"handlers/{operation.tag}.py", f"{name} {fault}")
    return handler


def _fields(operation: Operation, document: dict[str, Json]) -> dict[str, str]:
    """Python's name of each field of the request to its documented one."""
    body = lookup(document, operation.body or {})
    names = [parameter["name"] for parameter in operation.parameters]
    return {pythonic(name): name for name in (*names, *body.get("properties", {}))}


def _served(
    services: Services, operation: Operation, handler: Handler, fields: dict[str, str]
) -> Handler:
    wanted = set(inspect.signature(handler).parameters)
    if wanted - fields.keys() - GIVEN.keys() - {"session"} or {"session", "transaction"} <= wanted:
        raise ContractError(f"handlers/{operation.tag}.py", f"{operation.operation_id}{wanted}")
    given = {name: GIVEN[name] for name in wanted & GIVEN.keys()}
    run = _in_transaction(operation.method) if "session" in wanted else _alone

    def serve(request: ConnexionRequest, parameters: dict[str, Json], body: Json) -> Json:
        call = _call(services, request)
        sent = parameters | (body or {})
        arguments = {name: sent[field] for name, field in fields.items() if field in sent}
        arguments = {name: value for name, value in arguments.items() if name in wanted}
        arguments |= {name: give(call) for name, give in given.items()}
        _count(call, operation.operation_id, body or {})
        return run(call, handler, arguments)

    def serve_without_body(request: ConnexionRequest, parameters: dict[str, Json]) -> Json:
        return serve(request, parameters, None)

    return serve if operation.body else serve_without_body


def _call(services: Services, request: ConnexionRequest) -> Call:
    scope = request.scope
    site: Site = scope["site"]
    caller: Caller | None = (request.context.get("token_info") or {}).get("caller")
    return Call(
        services=services,
        scope=scope,
        site=site,
        caller=caller,
        address=(scope.get("client") or ("",))[0],
        now=services.clock(),
        boundary=Boundary(site.tenant_id, caller.user_id if caller else None),
    )


def _count(call: Call, name: str, body: dict[str, Json]) -> None:
    """In a transaction of its own: what is refused later has been counted. Raises Problem."""
    if name not in LIMITS or not call.services.settings.rate_limits:
        return
    who = Who(call.address, call.caller, body)

    def count(session: BoundSession) -> None:
        for caller_of, limit in LIMITS[name]:
            counter = f"{name} {limit.times}/{limit.seconds}"
            RateCounter.count(session, counter, caller_of(who), limit, call.now)

    call.services.database.write(Boundary(call.site.tenant_id), count)


def _alone(call: Call, handler: Handler, arguments: dict[str, Json]) -> Json:
    return handler(**arguments)


def _in_transaction(method: str) -> Callable[[Call, Handler, dict[str, Json]], Json]:
    def run(call: Call, handler: Handler, arguments: dict[str, Json]) -> Json:
        database = call.services.database
        do = database.read if method == "GET" else database.write
        return do(call.boundary, lambda session: handler(session=session, **arguments))

    return run


def _not_yet(request: ConnexionRequest) -> Answer:
    """Status 501, as RFC 9457 writes it."""
    problem = Problem("NOT_IMPLEMENTED")
    body = {
        "type": f"urn:wlink:problem:{problem.code}",
        "title": "Not built yet",
        "status": 501,
        "detail": "The operation is documented, and this server does not have it yet.",
        "code": problem.code,
        "request_id": request.context["request_id"],
    }
    return Answer(orjson.dumps(body), 501, b"application/problem+json")
