"""The one way from a request to an answer, for the mock and for the server."""

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from random import getrandbits
from typing import Any

from connexion.middleware.abstract import SpecMiddleware
from connexion.resolver import Resolver
from connexion.spec import Specification
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Receive, Scope, Send

from contract.bundling import Bundle
from contract.problems import Problem
from dispatch.answer import Answer, transmit
from dispatch.compile import Compiler, LoadedSpecification, Settings
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

    def add_api(self, specification: Specification, **options: Json) -> None:
        """Compiles every operation, with the handlers that `resolver` finds. Raises ContractError.
        Connexion's further options concern its own middlewares.
        """
        resolver, prefix = options["resolver"], options.get("base_path") or ""
        compiler = Compiler(specification, resolver, self._authenticators, self._settings)
        for operation in compiler.operations.values():
            endpoint = compiler.endpoint(operation)
            self._routes.add(operation.method, prefix + operation.path, endpoint)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers every request, be it with a problem."""
        if scope["type"] != "http":
            await self._live(scope, receive, send)
            return
        context = {"request_id": f"{getrandbits(96):024x}"}
        scope.setdefault("extensions", {})["connexion_context"] = context
        try:
            await self._endpoint(scope)(scope, receive, send)
        except ClientDisconnect:
            return
        except HTTPException as error:
            await transmit(rendered(problem_of(error), scope), scope, send)
        except Problem as problem:
            await transmit(rendered(problem, scope), scope, send)
        except Exception:
            _log.exception("request %s failed", context["request_id"])
            await transmit(rendered(Problem("INTERNAL_ERROR"), scope), scope, send)

    def _endpoint(self, scope: Scope) -> ASGIApp:
        """Raises Problem if there is none."""
        methods, scope["path_segments"] = self._routes.find(scope["raw_path"])
        method = scope["method"]
        endpoint = methods.get("GET" if method == "HEAD" else method)
        if endpoint:
            return endpoint
        if not methods:
            raise Problem("NOT_FOUND")
        if method != "OPTIONS":
            raise Problem("METHOD_NOT_ALLOWED", headers={"Allow": allowed(methods)})
        return _options(allowed(methods))

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


def _options(allow: str) -> ASGIApp:
    answer = Answer(b"", 204, headers=((b"allow", allow.encode()),))
    return lambda scope, _, send: transmit(answer, scope, send)


def dispatcher(
    contract: Bundle,
    resolver: Resolver,
    authenticators: Mapping[str, Authenticate],
    settings: Settings | None = None,
) -> Dispatcher:
    """The application for a contract that has passed `check`. Raises ContractError, in one line,
    if a handler is missing or does not fit; then nothing is served.
    """
    result = Dispatcher(authenticators, settings)
    specification = LoadedSpecification(deepcopy(contract.document))  # type: ignore[no-untyped-call]  # Connexion annotates its classes in part
    result.add_api(specification, resolver=resolver)
    return result
