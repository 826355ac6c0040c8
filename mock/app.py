"""The mock server: stock Connexion in front, answers made from the contract behind."""

import copy
from collections.abc import Awaitable, Callable
from secrets import token_hex
from typing import Any

import connexion
import orjson
from connexion.apps.asynchronous import AsyncApp
from connexion.lifecycle import ConnexionRequest, ConnexionResponse
from connexion.middleware import MiddlewarePosition
from connexion.options import SwaggerUIOptions
from connexion.resolver import Resolver
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from contract.bundling import Bundle
from contract.operations import Operation
from contract.problems import catalogue
from mock import problems
from mock.answers import Answers
from mock.personas import CLIENT, PARTNER, Persona, Tokens
from mock.prefer import Preference, preference
from mock.security import SCHEME_NAME, security_map
from mock.texts import understood
from mock.world import World

Json = Any
Handler = Callable[..., Awaitable[ConnexionResponse]]


def create_app(contract: Bundle, world: World) -> AsyncApp:
    """An ASGI application that answers every operation of the contract."""
    tokens = Tokens(world.seed)
    answers = Answers(contract, world)
    app = AsyncApp(
        __name__,
        security_map=security_map(tokens),
        swagger_ui_options=SwaggerUIOptions(swagger_ui=False, serve_spec=False),
        strict_validation=True,
    )
    for error in (connexion.ProblemException, HTTPException, Exception):
        app.add_error_handler(error, _problem)
    app.add_middleware(
        CORSMiddleware,
        MiddlewarePosition.BEFORE_EXCEPTION,
        allow_origins=["*"],
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=["X-Request-Id", "X-Mock-Source", "Retry-After", "WWW-Authenticate"],
    )
    app.add_api(
        _named_schemes(contract.document), base_path="", resolver=_resolver(answers, tokens)
    )
    return app


async def _problem(request: ConnexionRequest, error: Exception) -> ConnexionResponse:
    return problems.answer(request, error)


def _named_schemes(document: dict[str, Json]) -> dict[str, Json]:
    """A copy in which each security scheme knows its name; Connexion hands on the scheme alone."""
    document = copy.deepcopy(document)
    for name, scheme in document["components"]["securitySchemes"].items():
        scheme[SCHEME_NAME] = name
    return document


def _resolver(answers: Answers, tokens: Tokens) -> Resolver:
    handlers = {
        name: _handler(operation, answers, tokens) for name, operation in answers.operations.items()
    }
    return Resolver(handlers.__getitem__)


def _handler(operation: Operation, answers: Answers, tokens: Tokens) -> Handler:
    names = {parameter["name"] for parameter in operation.parameters}

    async def handle(**arguments: Json) -> ConnexionResponse:
        request = connexion.request._get_current_object()
        wanted = preference(request.headers.get("prefer", ""))
        if wanted.code or wanted.example:
            return _example(operation, answers, wanted)
        sent = {name: value for name, value in arguments.items() if name in names}
        sent |= arguments.get("body") or {}
        portal = request.headers.get("x-portal", "client")
        persona = _persona(operation, arguments, sent, portal, tokens)
        language = understood(
            request.headers.get("x-language", ""), request.headers.get("accept-language", "")
        )
        try:
            body = answers.body(operation.operation_id, language, persona, portal, sent)
        except orjson.JSONEncodeError:  # half a character, which Connexion lets through
            raise problems.Refusal("VALIDATION_ERROR") from None
        return _success(body, "schema")

    return handle


def _persona(
    operation: Operation,
    arguments: dict[str, Json],
    sent: dict[str, Json],
    portal: str,
    tokens: Tokens,
) -> Persona:
    """Who is asking: by token, or by the address that somebody logs in or registers with."""
    info = arguments.get("token_info") or {}
    if "persona" in info:
        persona: Persona = info["persona"]
        return persona
    if operation.document == "lwork":
        return PARTNER
    if "email" not in sent:
        return CLIENT
    persona = tokens.by_login(str(sent["email"]), portal)
    if operation.operation_id == "login" and persona.problem in operation.problems:
        raise problems.Refusal(persona.problem)
    return CLIENT if persona.problem else persona


def _success(body: bytes, source: str) -> ConnexionResponse:
    return ConnexionResponse(
        status_code=200,
        content_type="application/json",
        mimetype="application/json",
        body=body,
        headers={"X-Request-Id": token_hex(12), "X-Mock-Source": source},
    )


def _example(operation: Operation, answers: Answers, wanted: Preference) -> ConnexionResponse:
    """The documented answer of that status or name; 404 when the operation has none."""
    entries = [catalogue()[name] for name in operation.problems]
    if wanted.code in (None, "200") and wanted.example in (None, "success"):
        return _success(answers.example(operation.operation_id), "example")
    for entry in entries:
        if wanted.code in (None, str(entry.status)) and wanted.example in (None, entry.code):
            headers = {"X-Mock-Source": "example"}
            return problems.response(entry, operation.document == "lwork", headers)
    raise problems.Refusal("NOT_FOUND")
