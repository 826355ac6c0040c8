"""The mock server: the dispatcher in front, answers made from the contract behind."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from connexion.lifecycle import ConnexionRequest
from connexion.resolver import Resolver
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Scope

from contract.bundling import Bundle
from contract.operations import Operation
from contract.problems import Entry, Problem, Violation, catalogue
from dispatch.answer import Answer
from dispatch.compile import Settings
from dispatch.headers import wanted_language
from gateways.upload_target import UploadTarget
from mock.answers import Answers
from mock.front import Front, told
from mock.leniency import usable
from mock.personas import CLIENT, PARTNER, Persona, Tokens
from mock.security import authenticators
from mock.steering import Steering
from mock.uploads import UploadedFiles
from mock.world import World

Json = Any
Handler = Callable[..., Awaitable[Answer]]

_EXPOSED = [
    *["X-Request-Id", "X-Mock-Source", "Preference-Applied"],
    *["Retry-After", "WWW-Authenticate", "Allow", "ETag"],
]


def create_app(contract: Bundle, world: World, *, validate: bool = True) -> ASGIApp:
    """An ASGI application that answers every operation of the contract. Without `validate` a
    request that is not as documented is answered, too, and the log says what is wrong with it.
    Raises ContractError.
    """
    tokens = Tokens(world.seed)

    def tolerates(scope: Scope, violations: Sequence[Violation]) -> bool:
        if validate and not scope["steering"].lenient:
            return False
        scope["tolerated"] = violations
        return True

    settings = Settings(check_answers=True, tolerates=tolerates)
    front = Front(authenticators(tokens), settings, world)
    front.load(contract, _resolver(Answers(contract, world), tokens))
    return CORSMiddleware(
        UploadTarget(front, UploadedFiles()),
        allow_origin_regex=".*",
        allow_credentials=True,  # for clients that send cookies along, though there are none
        allow_methods=["GET", "POST", "PUT", "OPTIONS"],
        allow_headers=["*"],
        expose_headers=_EXPOSED,
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
    async def handle(request: ConnexionRequest, parameters: dict[str, Json], body: Json) -> Answer:
        return handler.answer(request, parameters | (body if isinstance(body, dict) else {}))

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
        scope, headers = request.scope, request.headers
        wishes: Steering = scope["steering"]
        scope["chosen"] = True
        if wishes.example or wishes.code not in (None, "200") or not wishes.dynamic:
            return self._documented(wishes, scope)
        sent = usable(sent, scope.get("tolerated", ()))
        portal = headers.get("x-portal", "client")
        persona = self._persona(request, sent, portal)
        language = wanted_language(scope["headers_by_name"])
        answers = self.answers.seeded(wishes.seed) if wishes.seed else self.answers
        name = self.operation.operation_id
        return _success(answers.body(name, language, persona, portal, sent), "schema")

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

    def _documented(self, wishes: Steering, scope: Scope) -> Answer:
        """The documented answer of that status or name; 404 with the choices if there is none."""
        name = self.operation.operation_id
        if wishes.code in (None, "200") and wishes.example in (None, "success"):
            return _success(self.answers.example(name), "example")
        choices: dict[str, list[str]] = {"200": ["success"]}
        for entry in (catalogue()[code] for code in self.operation.problems):
            if wishes.code in (None, str(entry.status)) and wishes.example in (None, entry.code):
                raise _shown(entry)
            choices.setdefault(str(entry.status), []).append(entry.code)
        scope["chosen"] = False
        detail = f"{name} has no such answer; choices lists those that it has."
        return told(scope, 404, "MOCK_ANSWER_UNKNOWN", detail, choices=choices)


def _shown(entry: Entry) -> Problem:
    """The problem with the particulars of its example."""
    example = entry.problem
    return Problem(
        entry.code,
        errors=[Violation(**violation) for violation in example.get("errors", [])],
        details=example.get("details"),
        headers={"X-Mock-Source": "example"},
    )


def _success(body: bytes, source: str) -> Answer:
    return Answer(body, headers=((b"x-mock-source", source.encode()),))
