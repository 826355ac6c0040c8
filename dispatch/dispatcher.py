"""The one way from a request to an answer, for the mock and for the server."""

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from random import getrandbits
from typing import Any
from urllib.parse import quote

from connexion.exceptions import InvalidSpecification
from connexion.middleware.abstract import SpecMiddleware
from connexion.resolver import Resolver
from connexion.spec import Specification
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from contract.bundling import Bundle
from contract.errors import ContractError
from contract.problems import Problem
from dispatch.answer import Answer, request_id, transmit
from dispatch.compile import Compiler, LoadedSpecification, Settings
from dispatch.headers import combined
from dispatch.problems import problem_of, rendered
from dispatch.route import Routes, allowed
from dispatch.security import Authenticate

Json = Any

_log = logging.getLogger("wlink.dispatch")


class Dispatcher(SpecMiddleware):
    """An ASGI application out of a contract and its handlers. It takes the place of all of
    Connexion's middlewares: `ConnexionMiddleware(dispatcher, middlewares=[])` works, too.
    """

    def __init__(
        self, authenticators: Mapping[str, Authenticate], settings: Settings | None = None
    ) -> None:
        self._authenticators = authenticators
        self._settings = settings or Settings()
        self._routes = Routes()
        self._lane = ThreadPoolExecutor(self._settings.quick_threads, "wlink-lane")

    def load(self, contract: Bundle, resolver: Resolver) -> None:
        """Compiles a contract that has passed `check`. Raises ContractError, in one line, if a
        handler is missing or does not fit; then nothing should be served.
        """
        try:
            specification = LoadedSpecification(deepcopy(contract.document))  # type: ignore[no-untyped-call]  # Connexion annotates its classes in part
        except InvalidSpecification as error:
            raise ContractError("/".join(map(str, error.path)), error.message) from None
        self.add_api(specification, resolver=resolver)

    def add_api(self, specification: Specification, **options: Json) -> None:
        """Compiles every operation, with the handlers that `resolver` finds. Raises ContractError.
        Connexion's further options concern its own middlewares.
        """
        if options.get("base_path"):
            raise ContractError("base_path", "paths are served as the contract has them")
        compiler = Compiler(
            specification,
            options["resolver"],
            self._authenticators,
            self._settings,
            self._lane,
        )
        for operation in compiler.operations.values():
            self._routes.add(operation.method, operation.path, compiler.endpoint(operation))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers every request, be it with a problem."""
        if scope["type"] != "http":
            await self._live(scope, receive, send)
            return
        introduce(scope)
        scope["raw_path"] = scope.get("raw_path") or quote(scope["path"]).encode()
        try:
            answer = await self.answer(scope, receive)
        except ClientDisconnect:
            return
        await transmit(answer, scope, send)

    async def answer(self, scope: Scope, receive: Receive) -> Answer:
        """The answer to a request, whatever comes. Raises ClientDisconnect if nobody wants it."""
        try:
            return await self._answer(scope, receive)
        except ClientDisconnect:
            raise
        except Exception as error:
            return refusal(error, scope)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        """Raises Problem where there is nothing to call."""
        methods, scope["path_segments"] = self._routes.find(scope["raw_path"])
        method = scope["method"]
        endpoint = methods.get("GET" if method == "HEAD" else method)
        if endpoint:
            return await endpoint(scope, receive)
        if not methods:
            raise Problem("NOT_FOUND")
        if method != "OPTIONS":
            raise Problem("METHOD_NOT_ALLOWED", headers={"Allow": allowed(methods)})
        return Answer(b"", 204, headers=((b"allow", allowed(methods).encode()),))

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Starts and stops with the server; there are no web sockets."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
            return
        threads = ThreadPoolExecutor(self._settings.threads, "wlink")
        asyncio.get_running_loop().set_default_executor(threads)
        for phase in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{phase}.complete"})


def introduce(scope: Scope) -> None:
    """Gives a request its number, and finds its headers by their names: answers need both."""
    context = {"request_id": f"{getrandbits(96):024x}"}
    scope["extensions"] = {**(scope.get("extensions") or {}), "connexion_context": context}
    scope["headers_by_name"] = combined(scope["headers"])


def refusal(error: Exception, scope: Scope) -> Answer:
    """The problem that an exception is; what is none of ours is logged, and says no more."""
    try:
        return rendered(problem_of(error), scope)
    except Exception:
        _log.exception("request %s failed", request_id(scope))
        return rendered(Problem("INTERNAL_ERROR"), scope)


def dispatcher(
    contract: Bundle,
    resolver: Resolver,
    authenticators: Mapping[str, Authenticate],
    settings: Settings | None = None,
) -> Dispatcher:
    """The application for a contract that has passed `check`. Raises what `load` raises."""
    result = Dispatcher(authenticators, settings)
    result.load(contract, resolver)
    return result
