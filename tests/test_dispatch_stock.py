"""The dispatcher beside stock Connexion: the same requests, the same statuses, and the same
arguments for the handlers. Where they differ, the fault is stock's, and listed with its reason.
"""

import asyncio
import copy
import logging
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from connexion.apps.asynchronous import AsyncApp
from connexion.decorators.parameter import pythonic
from connexion.lifecycle import ConnexionResponse
from connexion.options import SwaggerUIOptions
from connexion.resolver import Resolver
from starlette.types import ASGIApp, Scope

from contract.bundling import Bundle
from contract.operations import Operation
from contract.problems import Problem
from dispatch.dispatcher import dispatcher
from tests.asgi import called
from tests.generated_requests import Generated, generated

Json = Any
WANTED = 5000


class Fault(NamedTuple):
    """Where stock Connexion is wrong: its status, ours, and which requests show it."""

    stock: int
    ours: int
    shown_by: Callable[[Generated], bool]


def of_kind(*kinds: str) -> Callable[[Generated], bool]:
    return lambda request: request.kind in kinds


def begins(*beginnings: str) -> Callable[[Generated], bool]:
    return lambda request: request.kind.startswith(beginnings)


def is_optional_login(request: Generated) -> bool:
    return {} in request.operation.definition["security"] and request.kind.startswith("token")


FAULTS = {
    "int() also takes spaces, underscores and digits of other scripts": Fault(
        200, 400, of_kind(*(f"query text {text!r}" for text in (" 5", "5 ", "1_0", "\uff15")))
    ),
    "any case of true is taken for a boolean": Fault(
        200, 400, of_kind("query text 'True'", "query text 'TRUE'")
    ),
    "our format is not known, so a 29th of February needs no leap year": Fault(
        200, 400, of_kind("query text '2026-02-29 10:00:00'")
    ),
    "of two values for one name the last is taken without a word": Fault(
        200, 400, of_kind("sent twice")
    ),
    "a refused token counts as none where a login is optional": Fault(200, 401, is_optional_login),
    "a body without Content-Type is checked as JSON and handed on as bytes": Fault(
        200, 415, of_kind("media type None")
    ),
    "a media type in another case is not checked and handed on as bytes": Fault(
        200, 200, begins("media type b'application/JSON'", "media type b'Application/Json")
    ),
    "a slash at the end is redirected, the body of a POST with it": Fault(
        307, 404, of_kind("slash at the end")
    ),
    "an encoded slash parts segments": Fault(404, 400, begins("path text '%2F", "path text 'a%2F")),
    "bytes that are no UTF-8 become replacement characters": Fault(
        400, 404, of_kind("path text '%FF'")
    ),
    "a path that ends in a line feed is not found": Fault(404, 400, of_kind("path text '%0A'")),
    "deep nesting exhausts the parser": Fault(500, 400, begins("body b'[[[[")),
    "a body that is no UTF-8 is not caught": Fault(
        500, 400, begins('body b\'{"a":"\\xff', "body b'\\xff\\xfe")
    ),
    "not a fault: the digits of wlink 109 may come as a number (spellings.py)": Fault(
        400, 200, lambda request: b'"rebate_aggregation_id": 1}' in request.body
    ),
    "a number of more than 4,300 digits is not caught": Fault(
        500, 400, begins('body b\'{"a":9999')
    ),
}


class Pair:
    """Both applications, with handlers that note down what they are called with."""

    def __init__(self, contract: Bundle, operations: dict[str, Operation]) -> None:
        self._seen: list[dict[str, Json]] = []
        self._operations = operations
        self.ours = self._ours(contract)
        self.stock = self._stock(contract)

    def _ours(self, contract: Bundle) -> ASGIApp:
        async def with_body(parameters: dict[str, Json], body: Json) -> Json:
            self._seen.append({**parameters, "body": body})
            return {}

        async def without_body(parameters: dict[str, Json]) -> Json:
            self._seen.append(parameters)
            return {}

        async def authenticate(sent: str, _: Scope) -> Json:
            if sent != "good":
                raise Problem("UNAUTHENTICATED")
            return {"sub": "somebody"}

        schemes = contract.document["components"]["securitySchemes"]
        handlers = {
            name: with_body if operation.body else without_body
            for name, operation in self._operations.items()
        }
        return dispatcher(
            contract, Resolver(handlers.__getitem__), dict.fromkeys(schemes, authenticate)
        )

    def _stock(self, contract: Bundle) -> ASGIApp:
        async def handle(**arguments: Json) -> ConnexionResponse:
            self._seen.append(arguments)
            return ConnexionResponse(200, "application/json", "application/json", b"{}")

        document = copy.deepcopy(contract.document)
        for scheme in document["components"]["securitySchemes"].values():
            key = "x-bearerInfoFunc" if scheme["type"] == "http" else "x-apikeyInfoFunc"
            scheme[key] = f"{__name__}.known"
        app = AsyncApp(
            __name__,
            strict_validation=True,
            pythonic_params=True,
            swagger_ui_options=SwaggerUIOptions(swagger_ui=False, serve_spec=False),
        )
        app.add_api(document, base_path="", resolver=Resolver(lambda _: handle))
        return app

    async def results(self, request: Generated) -> list[tuple[int, dict[str, Json]]]:
        """(status, arguments of the handler) of stock and of ours."""
        return [await self._result(app, request) for app in (self.stock, self.ours)]

    async def _result(self, app: ASGIApp, request: Generated) -> tuple[int, dict[str, Json]]:
        self._seen.clear()
        try:
            reply = await called(
                app,
                request.operation.method,
                request.path,
                query=request.query_string,
                headers=request.headers,
                body=request.body,
            )
        except Exception:  # stock answers 500 and raises
            assert app is self.stock
            return 500, {}
        return reply.status, self._comparable(request.operation)

    def _comparable(self, operation: Operation) -> dict[str, Json]:
        """Stock renames parameters, hands on none out of headers, and adds the caller."""
        headers = {p["name"] for p in operation.parameters if p["in"] == "header"}
        seen = self._seen[0] if self._seen else {}
        return {
            pythonic(name): value
            for name, value in seen.items()
            if name not in headers | {"user", "token_info", "context_"}
        }


def known(token: str, required_scopes: Json = None) -> Json:
    """Stock's security function."""
    return {"sub": "somebody"} if token == "good" else None


def explained(request: Generated, stock: int, ours: int) -> str | None:
    for reason, fault in FAULTS.items():
        if (fault.stock, fault.ours) == (stock, ours) and fault.shown_by(request):
            return reason
    return None


@pytest.mark.long
def test_every_request_is_answered_as_by_stock_connexion_but_for_its_known_faults(
    contract: Bundle, all_operations: dict[str, Operation], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "connexion")
    pair = Pair(contract, all_operations)
    met: Counter[str] = Counter()
    unexplained = []

    async def compare() -> int:
        count = successes = 0
        for request in generated(all_operations, contract.document):
            count += 1
            stock, ours = await pair.results(request)
            successes += ours[0] == 200
            assert ours[0] < 500, (request.operation.operation_id, request.kind)
            if stock[0] != ours[0] or (ours[0] == 200 and stock[1] != ours[1]):
                reason = explained(request, stock[0], ours[0])
                met[reason or ""] += 1
                if not reason:
                    name = request.operation.operation_id
                    unexplained.append((name, request.kind, stock, ours))
        assert successes > count / 10
        return count

    assert asyncio.run(compare()) >= WANTED
    assert not unexplained, unexplained[:5]
    assert met.keys() == FAULTS.keys(), "a fault of stock's that is listed was not met"
