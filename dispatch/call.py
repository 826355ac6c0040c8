"""Calling a handler with just what it names."""

import inspect
from collections.abc import Callable, Mapping, Set
from typing import Any

from connexion.context import _context, _operation, _receive, _scope
from connexion.decorators.parameter import pythonic
from connexion.lifecycle import ConnexionRequest
from connexion.operations import AbstractOperation
from starlette.types import Message, Receive, Scope

from contract.errors import ContractError
from contract.operations import Operation
from dispatch.threads import in_loop

Json = Any
Handler = Callable[..., Json]

# What a handler may name beside the parameters of its operation: all of them by their documented
# names, the request, and what Connexion's handlers may name, too.
_GIVEN: dict[str, Callable[[Scope, Receive, dict[str, Json], Json], Json]] = {
    "body": lambda scope, receive, parameters, body: body,
    "parameters": lambda scope, receive, parameters, body: parameters,
    "request": lambda scope, receive, parameters, body: ConnexionRequest(scope, receive),
    "context_": lambda scope, receive, parameters, body: _context.get(),
    "user": lambda scope, receive, parameters, body: _context.get().get("user"),
    "token_info": lambda scope, receive, parameters, body: _context.get().get("token_info"),
}


class Call:
    """A handler, and which of its arguments comes from where."""

    def __init__(self, spec: AbstractOperation, operation: Operation, sure: Set[str]) -> None:
        """`sure` are the parameters that are there in every request. Raises ContractError."""
        self._spec = spec
        self._handler = in_loop(spec.function)
        names = _names(operation)
        wanted = _wanted(spec.function, operation, names, sure)
        self._parameters = [(a, names[a]) for a in wanted if a in names]
        self._given = [(a, _GIVEN[a]) for a in wanted if a not in names]

    async def __call__(
        self, scope: Scope, parameters: dict[str, Json], body: Json, content: bytes
    ) -> Json:
        """What the handler returns. `connexion.request` is at its service, body included."""
        receive = _again(content)
        _context.set(scope["extensions"]["connexion_context"])
        _operation.set(self._spec)
        _receive.set(receive)
        _scope.set(scope)
        arguments = {}
        for argument, name in self._parameters:
            if name in parameters:
                arguments[argument] = parameters[name]
        for argument, given in self._given:
            arguments[argument] = given(scope, receive, parameters, body)
        return await self._handler(**arguments)


def _again(content: bytes) -> Receive:
    """The body for whoever reads it once more."""

    async def receive() -> Message:
        return {"type": "http.request", "body": content, "more_body": False}

    return receive


def _names(operation: Operation) -> dict[str, str]:
    """Python's name of each parameter to its documented one: `Idempotency-Key` is
    `idempotency_key`, `sendSms` is `send_sms`, `type` is `type_`.
    """
    names: dict[str, str] = {}
    for parameter in operation.parameters:
        argument = pythonic(parameter["name"])
        if argument in names or argument in _GIVEN:
            raise ContractError(_where(operation), f"there are two arguments {argument}")
        names[argument] = parameter["name"]
    return names


def _wanted(
    handler: Handler, operation: Operation, names: Mapping[str, str], sure: Set[str]
) -> list[str]:
    """The handler's arguments. Raises ContractError if one is not there, or not always."""
    offered = names.keys() | _GIVEN.keys()
    offered -= set() if operation.body else {"body"}
    offered -= set() if operation.schemes else {"user", "token_info"}
    for argument in inspect.signature(handler).parameters.values():
        if argument.kind not in (argument.POSITIONAL_OR_KEYWORD, argument.KEYWORD_ONLY):
            fault = f"must take {argument.name} by its name"
        elif argument.name not in offered:
            fault = f"wants {argument.name}, which {_where(operation)} does not have"
        elif argument.default is argument.empty and names.get(argument.name) not in {*sure, None}:
            fault = f"needs a default for {argument.name}, which may be left out"
        else:
            continue
        raise ContractError(_place(handler), f"{operation.operation_id} {fault}")
    return list(inspect.signature(handler).parameters)


def _where(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def _place(handler: Handler) -> str:
    function = inspect.unwrap(handler)
    code = getattr(function, "__code__", None)
    if code is None:
        return repr(handler)
    return f"{code.co_filename}:{code.co_firstlineno}"
