"""Logging in to the mock: simulated, not skipped."""

from collections.abc import Mapping
from secrets import compare_digest
from typing import Any

from starlette.types import Scope

from contract.problems import Problem
from dispatch.security import Authenticate
from mock.personas import PARTNER, PARTNER_TENANT, PARTNER_TOKEN, Persona, Tokens

Json = Any

_PORTALS = ("user", "client", "ib")


def authenticators(tokens: Tokens) -> Mapping[str, Authenticate]:
    """Who checks which security scheme: bearer tokens by portal (wlink), two headers (lwork)."""
    bearers = {portal: _bearer(tokens, portal) for portal in _PORTALS}
    return {**bearers, "tenant": _partner(PARTNER_TENANT), "partner": _partner(PARTNER_TOKEN)}


def _bearer(tokens: Tokens, portal: str) -> Authenticate:
    async def authenticate(token: str, _: Scope) -> Json:
        persona = tokens.persona(token)
        if persona is None:
            raise Problem("UNAUTHENTICATED")
        if persona.problem:
            raise Problem(persona.problem)
        if portal not in persona.portals:
            raise Problem("WRONG_PORTAL")
        return _somebody(persona)

    return authenticate


def _partner(wanted: str) -> Authenticate:
    async def authenticate(sent: str, _: Scope) -> Json:
        if not compare_digest(sent.encode(), wanted.encode()):
            raise Problem("UNAUTHENTICATED")
        return _somebody(PARTNER)

    return authenticate


def _somebody(persona: Persona) -> Json:
    return {"sub": persona.name, "persona": persona}
