"""The servers that are measured, one to a process: `-m benchmarks.peers.servers <peer> <port>`."""

import inspect
import sys
import warnings
from collections.abc import Awaitable, Callable
from copy import deepcopy
from typing import Annotated, Any, Literal

import uvicorn
from connexion.apps.asynchronous import AsyncApp
from connexion.resolver import Resolver
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from benchmarks.peers.contract import ANSWER, measured_contract
from contract.operations import Operation, lookup, operations
from dispatch.compile import Settings
from dispatch.dispatcher import dispatcher

Json = Any


def bare() -> ASGIApp:
    """What uvicorn costs: an ASGI callable that reads the body and sends constant bytes."""
    head = [(b"content-type", b"application/json"), (b"content-length", b"46")]
    body = b'{"order_number":"T26000001","status":"open"}  '

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for phase in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{phase}.complete"})
            return
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": body})

    return app


def starlette() -> ASGIApp:
    """All routes; the body parsed, nothing checked."""

    async def handle(request: Request) -> JSONResponse:
        if request.method == "POST":
            await request.json()
        return JSONResponse(ANSWER)

    found = operations(measured_contract().document).values()
    return Starlette(routes=[Route(o.path, handle, methods=[o.method]) for o in found])


def fastapi() -> ASGIApp:
    """All routes, with pydantic models of every body, parameter and answer."""
    from fastapi import FastAPI  # noqa: PLC0415 - 0.3 s that the other peers need not wait

    document = measured_contract().document
    app = FastAPI(openapi_url=None)
    for operation in operations(document).values():
        app.add_api_route(
            operation.path,
            _typed(operation, document),
            methods=[operation.method],
            response_model=_model("Answer", lookup(document, operation.answer_schema), document),
        )
    return app


def _typed(operation: Operation, document: dict[str, Json]) -> Callable[..., Awaitable[Json]]:
    """A handler whose signature says what the contract says."""
    from fastapi import Header, Path, Query  # noqa: PLC0415

    places = {"query": Query, "path": Path, "header": Header}
    arguments: dict[str, Any] = {}
    for parameter in operation.parameters:
        kind: Any = _python_type(lookup(document, parameter["schema"]), document)
        annotation: Any = Annotated[kind, places[parameter["in"]](alias=parameter["name"])]
        default = inspect.Parameter.empty if parameter.get("required") else None
        arguments[f"p{len(arguments)}"] = (annotation, default)
    if operation.body:
        model = _model("Body", lookup(document, operation.body), document)
        arguments["body"] = (model, inspect.Parameter.empty)
    path_names = [p["name"] for p in operation.parameters if p["in"] == "path"]
    assert len(path_names) <= 2

    async def handle(**_: Json) -> Json:
        return ANSWER

    handle.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # functions have it
        [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=given)
            for name, (kind, given) in arguments.items()
        ]
    )
    return handle


def _model(name: str, schema: Json, document: dict[str, Json]) -> Any:
    from pydantic import ConfigDict, create_model  # noqa: PLC0415

    required = schema.get("required", [])
    fields: Any = {}
    for key, part in schema.get("properties", {}).items():
        kind = _python_type(lookup(document, part), document)
        fields[key] = (kind, ...) if key in required else (kind | None, None)
    return create_model(name, __config__=ConfigDict(extra="forbid"), **fields)


def _python_type(schema: Json, document: dict[str, Json]) -> Any:
    from pydantic import Field  # noqa: PLC0415

    if "enum" in schema:
        return Literal[tuple(schema["enum"])]
    kind = schema.get("type")
    if kind == "string":
        limits = {"pattern": "pattern", "max_length": "maxLength", "min_length": "minLength"}
        return Annotated[str, Field(**{k: schema[v] for k, v in limits.items() if v in schema})]
    if kind == "integer":
        return Annotated[int, Field(ge=schema.get("minimum"), le=schema.get("maximum"))]
    if kind == "array":
        return list[_python_type(lookup(document, schema["items"]), document)]  # type: ignore[misc]  # made at run time
    if kind == "object" and schema.get("properties"):
        return _model("Inner", schema, document)
    return {"boolean": bool, "object": dict}.get(kind, Any)


def stock() -> ASGIApp:
    """Connexion as it comes, strict."""
    app = AsyncApp(__name__, strict_validation=True)
    document = with_functions(measured_contract().document)
    app.add_api(document, base_path="", resolver=Resolver(_handler))
    return app


def with_functions(document: dict[str, Json]) -> dict[str, Json]:
    """The document with Connexion's names of security functions written into it."""
    document = deepcopy(document)
    for scheme in document["components"]["securitySchemes"].values():
        key = "x-bearerInfoFunc" if scheme["type"] == "http" else "x-apikeyInfoFunc"
        scheme[key] = "benchmarks.peers.servers.anybody"
    return document


def anybody(*_: Json, **__: Json) -> Json:
    return {"sub": "somebody"}


def ours() -> ASGIApp:
    """Wlink's dispatcher."""
    return _dispatcher(Settings())


def ours_checked() -> ASGIApp:
    """The same, with every answer checked against the contract."""
    return _dispatcher(Settings(check_answers=True))


def ours_threaded() -> ASGIApp:
    """The same, with plain `def` handlers, which run in a thread."""
    return _dispatcher(Settings(), _plain_handler)


def _dispatcher(
    settings: Settings, handler: Callable[[str], Callable[..., Json]] | None = None
) -> ASGIApp:
    async def authenticate(_: str, __: Scope) -> Json:
        return anybody()

    names = ("user", "client", "ib", "tenant", "partner")
    callers = dict.fromkeys(names, authenticate)
    with warnings.catch_warnings():
        return dispatcher(measured_contract(), Resolver(handler or _handler), callers, settings)


def _handler(name: str) -> Callable[..., Awaitable[Json]]:
    async def with_body(body: Json) -> Json:
        return ANSWER

    async def by_path(order_number: str) -> Json:
        return ANSWER

    async def by_query(page: int, size: int, status: str, symbol: str) -> Json:
        return ANSWER

    async def anything() -> Json:
        return ANSWER

    if name.endswith("_post"):
        return with_body
    if name == "benchmark_get":
        return by_query
    return by_path if name == "benchmark_get_by_path" else anything


def _plain_handler(name: str) -> Callable[..., Json]:
    if name.endswith("_post"):
        return lambda body: ANSWER
    return _handler(name)


PEERS: dict[str, Callable[[], ASGIApp]] = {
    "bare uvicorn": bare,
    "Starlette": starlette,
    "FastAPI": fastapi,
    "Connexion": stock,
    "wlink": ours,
    "wlink, answers checked": ours_checked,
    "wlink, def handler": ours_threaded,
}


if __name__ == "__main__":
    uvicorn.run(
        PEERS[sys.argv[1]](),
        port=int(sys.argv[2]),
        access_log=False,
        server_header=False,
        lifespan="on",
        log_level="warning",
    )
