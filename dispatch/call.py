"""Calling a handler with just what it names."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping, Set
from typing import Any

from connexion.context import _context, _operation, _receive, _scope
from connexion.decorators.parameter import pythonic
from connexion.lifecycle import ConnexionRequest
from connexion.operations import AbstractOperation
from starlette.types import Message, Scope

from contract.errors import ContractError
from contract.operations import Operation

Json = Any
Handler = Callable[..., Json]

# What a handler may name beside the parameters of its operation: all of them by their documented
# names, the request, and what Connexion's handlers may name, too.
_ALWAYS = {"parameters", "request", "context_"}
_CALLER = {"user", "token_info"}
_BODY = {"body"}


class Call:
    """A handler, and which of its arguments comes from where."""

    def __init__(self, spec: AbstractOperation, operation: Operation, sure: Set[str]) -> None:
        """`sure` are the parameters that are there in every request. Raises ContractError."""
        self._spec = spec
        self._handler: Handler = spec.function
        self._in_loop = inspect.iscoroutinefunction(self._handler)
        names = _names(operation)
        wanted = _wanted(self._handler, operation, names, sure)
        self._parameters = [(a, names[a]) for a in wanted if a in names]
        self._special = frozenset(wanted) - names.keys()

    async def __call__(
        self, scope: Scope, parameters: dict[str, Json], body: Json, content: bytes
    ) -> Json:
        """What the handler returns. `connexion.request` is at its service, body included."""
        context = scope["extensions"]["connexion_context"]
        receive = _again(content)
        _context.set(context)
        _operation.set(self._spec)
        _receive.set(receive)
        _scope.set(scope)
        arguments = {}
        for argument, name in self._parameters:
            if name in parameters:
                arguments[argument] = parameters[name]
        for name in self._special:
            if name == "body":
                arguments[name] = body
            elif name == "parameters":
                arguments[name] = parameters
            elif name == "request":
                arguments[name] = ConnexionRequest(scope, receive)
            else:
                arguments[name] = context if name == "context_" else context.get(name)
        if self._in_loop:
            return await self._handler(**arguments)
        return await asyncio.to_thread(self._handler, **arguments)


def _again(content: bytes) -> Callable[[], Awaitable[Message]]:
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
        if argument in names or argument in _ALWAYS | _CALLER | _BODY:
            raise ContractError(_where(operation), f"there are two arguments {argument}")
        names[argument] = parameter["name"]
    return names


def _wanted(
    handler: Handler, operation: Operation, names: Mapping[str, str], sure: Set[str]
) -> list[str]:
    """The handler's arguments. Raises ContractError if one is not there, or not always."""
    offered = names.keys() | _ALWAYS
    offered |= _BODY if operation.body else set()
    offered |= _CALLER if operation.schemes else set()
    for argument in inspect.signature(handler).parameters.values():
        if argument.kind in (argument.VAR_KEYWORD, argument.VAR_POSITIONAL):
            fault = f"names its arguments one by one, not *{argument.name}"
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
