"""Logging in to the mock: simulated, not skipped. Connexion's security handlers."""

from collections.abc import Callable
from typing import Any

from connexion.lifecycle import ConnexionRequest
from connexion.security import NO_VALUE, AbstractSecurityHandler

from mock.personas import PARTNER, PARTNER_TENANT, PARTNER_TOKEN, Persona, Tokens
from mock.problems import Refusal

Json = Any
Check = Callable[[ConnexionRequest], Json]

SCHEME_NAME = "x-scheme-name"
_KEYS = {"tenant": PARTNER_TENANT, "partner": PARTNER_TOKEN}


def security_map(tokens: Tokens) -> dict[str, type[AbstractSecurityHandler]]:
    """The handlers of bearer tokens (wlink) and of the two headers of a partner (lwork)."""

    class BearerHandler(AbstractSecurityHandler):
        """Portals and the state of the user are checked against the scheme's name."""

        def get_fn(self, security_scheme: Json, required_scopes: Json) -> Check:
            """The check of one scheme."""
            return lambda request: _bearer(tokens, security_scheme[SCHEME_NAME], request)

    class ApiKeyHandler(AbstractSecurityHandler):
        """Both headers must have the partner's values."""

        def get_fn(self, security_scheme: Json, required_scopes: Json) -> Check:
            """The check of one header."""
            wanted = _KEYS[security_scheme[SCHEME_NAME]]
            return lambda request: _api_key(security_scheme["name"], wanted, request)

    return {"bearer": BearerHandler, "apiKey": ApiKeyHandler}


def _bearer(tokens: Tokens, portal: str, request: ConnexionRequest) -> Json:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer":
        return NO_VALUE
    persona = tokens.persona(token.strip())
    if persona is None:
        raise Refusal("UNAUTHENTICATED")
    if persona.problem:
        raise Refusal(persona.problem)
    if portal not in persona.portals:
        raise Refusal("WRONG_PORTAL")
    return _somebody(persona)


def _api_key(header: str, wanted: str, request: ConnexionRequest) -> Json:
    if request.headers.get(header) != wanted:
        raise Refusal("LW_TENANT_AUTH_FAILED")
    return _somebody(PARTNER)


def _somebody(persona: Persona) -> Json:
    return {"sub": persona.name, "persona": persona}
