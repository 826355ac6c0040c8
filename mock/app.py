"""The mock server: the dispatcher in front, answers made from the contract behind."""

from collections.abc import Awaitable, Callable
from typing import Any

from connexion.lifecycle import ConnexionRequest
from connexion.resolver import Resolver
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from contract.bundling import Bundle
from contract.languages import understood
from contract.operations import Operation
from contract.problems import Problem, Violation, catalogue
from dispatch.answer import Answer
from dispatch.compile import Settings
from dispatch.dispatcher import dispatcher
from mock.answers import Answers
from mock.personas import CLIENT, PARTNER, Persona, Tokens
from mock.prefer import Preference, preference
from mock.security import authenticators
from mock.world import World

Json = Any
Handler = Callable[..., Awaitable[Answer]]


def create_app(contract: Bundle, world: World) -> ASGIApp:
    """An ASGI application that answers every operation of the contract. Raises ContractError."""
    tokens = Tokens(world.seed)
    resolver = _resolver(Answers(contract, world), tokens)
    app = dispatcher(contract, resolver, authenticators(tokens), Settings(check_answers=True))
    return CORSMiddleware(
        app,
        allow_origins=["*"],
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=["X-Request-Id", "X-Mock-Source", "Retry-After", "WWW-Authenticate"],
    )


def _resolver(answers: Answers, tokens: Tokens) -> Resolver:
    handlers = {
        name: (_with_body if operation.body else _without_body)(
            _Handler(operation, answers, tokens)
        )
        for name, operation in answers.operations.items()
    }
    return Resolver(handlers.__getitem__)


def _with_body(handler: "_Handler") -> Handler:
    async def handle(
        request: ConnexionRequest, parameters: dict[str, Json], body: dict[str, Json]
    ) -> Answer:
        return handler.answer(request, parameters | body)

    return handle


def _without_body(handler: "_Handler") -> Handler:
    async def handle(request: ConnexionRequest, parameters: dict[str, Json]) -> Answer:
        return handler.answer(request, parameters)

    return handle


class _Handler:
    """Answers one operation."""

    def __init__(self, operation: Operation, answers: Answers, tokens: Tokens) -> None:
        self.operation = operation
        self.answers = answers
        self.tokens = tokens

    def answer(self, request: ConnexionRequest, sent: dict[str, Json]) -> Answer:
        """What the caller prefers to see, else an answer to what was sent. Raises Problem."""
        headers = request.headers
        wanted = preference(headers.get("prefer", ""))
        if wanted.code or wanted.example:
            return self._example(wanted)
        portal = headers.get("x-portal", "client")
        persona = self._persona(request, sent, portal)
        language = understood(headers.get("x-language", ""), headers.get("accept-language", ""))
        name = self.operation.operation_id
        return _success(self.answers.body(name, language, persona, portal, sent), "schema")

    def _persona(self, request: ConnexionRequest, sent: dict[str, Json], portal: str) -> Persona:
        """Who is asking: by token, or by the address that somebody logs in or registers with."""
        if self.operation.document == "lwork":
            return PARTNER
        info = request.context.get("token_info")
        if info:
            persona: Persona = info["persona"]
            return persona
        if "email" not in sent:
            return CLIENT
        persona = self.tokens.by_login(str(sent["email"]), portal)
        if self.operation.operation_id == "login" and persona.problem in self.operation.problems:
            raise Problem(persona.problem)
        return CLIENT if persona.problem else persona

    def _example(self, wanted: Preference) -> Answer:
        """The documented answer of that status or name; 404 when the operation has none."""
        if wanted.code in (None, "200") and wanted.example in (None, "success"):
            return _success(self.answers.example(self.operation.operation_id), "example")
        for entry in (catalogue()[name] for name in self.operation.problems):
            if wanted.code in (None, str(entry.status)) and wanted.example in (None, entry.code):
                raise _documented(entry.code)
        raise Problem("NOT_FOUND")


def _documented(code: str) -> Problem:
    """The problem with the particulars of its example."""
    example = catalogue()[code].problem
    return Problem(
        code,
        errors=[Violation(**violation) for violation in example.get("errors", [])],
        details=example.get("details"),
        headers={"X-Mock-Source": "example"},
    )


def _success(body: bytes, source: str) -> Answer:
    return Answer(body, headers=((b"x-mock-source", source.encode()),))
