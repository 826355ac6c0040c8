"""Who is asking: Connexion's security functions, with what it leaves out."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from connexion.operations import AbstractOperation
from connexion.security import NO_VALUE, AbstractSecurityHandler, SecurityHandlerFactory
from starlette.types import Scope

from contract.errors import ContractError
from contract.problems import Problem
from dispatch.headers import combined

Json = Any

# From what was sent (a token, the value of a header) to the caller, whose `sub` becomes the
# handler's `user`. Raises Problem. As with handlers, `def` runs in a thread, `async def` does not.
Authenticate = Callable[[str, Scope], Json]
# Connexion hands on what it is called with; the scope is all that is needed, and costs nothing.
Check = Callable[[Scope], Awaitable[Json]]

_FUNCTION = "x-authenticate"
_KNOWN = {("http", "bearer", None), ("apiKey", "", "header")}


class _Credentials(AbstractSecurityHandler):
    """Credentials in a header: a bearer token, or whatever stands there."""

    def get_fn(self, security_scheme: Json, required_scopes: Json) -> Check:
        authenticate = _in_loop(security_scheme[_FUNCTION])
        header = security_scheme.get("name", "authorization").lower().encode()
        credential = _token if security_scheme["type"] == "http" else str

        async def check(scope: Scope) -> Json:
            sent = combined(scope["headers"]).get(header)
            if sent is None:
                return NO_VALUE
            return await authenticate(credential(sent.decode("latin-1")), scope)

        return check


def _token(sent: str) -> str:
    kind, _, token = sent.strip().partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Problem("UNAUTHENTICATED")
    return token.strip()


class _Factory(SecurityHandlerFactory):
    """Connexion lets a wrong token pass where a login is optional; here what was sent decides."""

    @classmethod
    def verify_security(cls, auth_funcs: Sequence[Callable[[Scope], Json]]) -> Check:
        async def verify(scope: Scope) -> None:
            for check in auth_funcs:
                info = check(scope)
                info = await info if inspect.isawaitable(info) else info
                if info is not NO_VALUE:
                    context = scope["extensions"]["connexion_context"]
                    context.update(user=info.get("sub"), token_info=info)
                    return
            raise Problem("UNAUTHENTICATED")

        return verify


def verification(operation: AbstractOperation, callers: Mapping[str, Authenticate]) -> Check | None:
    """What lets a caller of the operation in, or None if it is for everybody. Raises ContractError
    if a scheme has no authenticator or is neither a bearer token nor a header.
    """
    factory = _Factory({"bearer": _Credentials, "apiKey": _Credentials})
    schemes = operation.security_schemes
    alternatives: list[Any] = []
    for requirement in operation.security:
        checks = {
            name: factory.parse_security_scheme(_scheme(name, schemes, callers), scopes)
            for name, scopes in requirement.items()
        }
        every = factory.verify_multiple_schemes(checks) if checks else factory.verify_none  # type: ignore[no-untyped-call]  # Connexion annotates its classes in part
        alternatives.append(next(iter(checks.values())) if len(checks) == 1 else every)
    return factory.verify_security(alternatives) if alternatives else None


def _scheme(
    name: str, schemes: Mapping[str, Json], callers: Mapping[str, Authenticate]
) -> dict[str, Json]:
    """The scheme, with who checks what is sent."""
    scheme = schemes[name]
    kind = (scheme["type"], scheme.get("scheme", "").lower(), scheme.get("in"))
    if kind not in _KNOWN:
        raise ContractError(f"securitySchemes/{name}", "neither a bearer token nor a header")
    if name not in callers:
        raise ContractError(f"securitySchemes/{name}", "nobody checks this scheme")
    return {**scheme, _FUNCTION: callers[name]}


def _in_loop(authenticate: Authenticate) -> Callable[..., Awaitable[Json]]:
    if inspect.iscoroutinefunction(authenticate):
        return authenticate

    async def in_thread(sent: str, scope: Scope) -> Json:
        return await asyncio.to_thread(authenticate, sent, scope)

    return in_thread
