"""Who is asking. Connexion's own functions let a wrong token pass where a login is optional, and a
caller whom nobody knows where two schemes are needed; these are few enough to write out.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from connexion.operations import AbstractOperation
from starlette.types import Scope

from contract.errors import ContractError
from contract.problems import Problem
from dispatch.threads import in_loop

Json = Any

# From what was sent in the header of one scheme (a token, or the value as it is) to the caller, as
# a mapping whose `sub` becomes the handler's `user`. Raises Problem; no mapping is nobody. All
# headers are in `scope["headers_by_name"]`: where two schemes belong together, look at both.
Authenticate = Callable[[str, Scope], Json]
Verify = Callable[[Scope], Awaitable[None]]
_Alternative = list[tuple[bytes, Callable[[str], str], Callable[..., Awaitable[Json]]]]


def verification(
    operation: AbstractOperation, callers: Mapping[str, Authenticate]
) -> Verify | None:
    """What lets a caller of the operation in, or None if it is for everybody. Raises ContractError
    if a scheme has no authenticator or is neither a bearer token nor a header.
    """
    schemes = operation.security_schemes
    alternatives: list[_Alternative] = [
        [_credentials(name, schemes[name], callers) for name in requirement]
        for requirement in operation.security
    ]

    async def verify(scope: Scope) -> None:
        """The first alternative whose headers are all there decides."""
        sent = scope["headers_by_name"]
        for alternative in alternatives:
            if all(header in sent for header, _, _ in alternative):
                await _enter(alternative, scope)
                return
        raise Problem("UNAUTHENTICATED")

    return verify if alternatives else None


async def _enter(alternative: _Alternative, scope: Scope) -> None:
    """Puts the caller into the request's context. Raises Problem if one check fails."""
    caller: dict[str, Json] = {}
    for header, credential, authenticate in alternative:
        sent = credential(scope["headers_by_name"][header].decode("latin-1"))
        known = await authenticate(sent, scope)
        if not isinstance(known, Mapping):
            raise Problem("UNAUTHENTICATED")
        caller |= known
    scope["extensions"]["connexion_context"].update(user=caller.get("sub"), token_info=caller)


def _credentials(
    name: str, scheme: Mapping[str, Json], callers: Mapping[str, Authenticate]
) -> tuple[bytes, Callable[[str], str], Callable[..., Awaitable[Json]]]:
    """The header of a scheme, how what it holds is read, and who checks that."""
    bearer = scheme["type"] == "http" and scheme["scheme"].lower() == "bearer"
    if not bearer and (scheme["type"], scheme.get("in")) != ("apiKey", "header"):
        raise ContractError(f"securitySchemes/{name}", "neither a bearer token nor a header")
    if name not in callers:
        raise ContractError(f"securitySchemes/{name}", "nobody checks this scheme")
    header = "authorization" if bearer else scheme["name"].lower()
    return header.encode(), _token if bearer else str, in_loop(callers[name])


def _token(sent: str) -> str:
    kind, _, token = sent.strip().partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Problem("UNAUTHENTICATED")
    return token.strip()
