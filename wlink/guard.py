"""Who may come in: by bearer token to a portal, by two headers as a partner (lwork)."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import select
from starlette.types import Scope

from contract.operations import Operation
from contract.problems import Problem
from dispatch.security import Authenticate
from models.boundaries import Boundary
from models.login_session import LoginSession
from models.partner import Partner
from models.tenant import Portal, Site, Tenant
from models.user import Caller
from wlink.grants import Grants
from wlink.services import Services

Json = Any

_PORTALS = {
    "user": frozenset(Portal),
    "client": frozenset([Portal.CLIENT]),
    "ib": frozenset([Portal.IB]),
}
# Logging out twice is no error (wlink 3), so a session that is ended may do it.
_OPEN_TO_ENDED_SESSIONS = frozenset(["logout"])


def authenticators(
    services: Services, operations: Mapping[str, Operation]
) -> Mapping[str, Authenticate]:
    """By the names of the contract's security schemes."""
    grants = Grants(services, operations)
    bearers = {name: _bearer(services, portals, grants) for name, portals in _PORTALS.items()}
    return {**bearers, "tenant": _tenant(services), "partner": _partner(services)}


def _bearer(services: Services, portals: frozenset[Portal], grants: Grants) -> Authenticate:
    def authenticate(token: str, scope: Scope) -> Json:
        caller = _caller(services, token, scope)
        if caller.portal not in portals:
            raise Problem("WRONG_PORTAL")
        grants.require(scope["operation"], caller, Boundary(scope["site"].tenant_id))
        return {"sub": str(caller.user_id), "caller": caller}

    return authenticate


def _caller(services: Services, token: str, scope: Scope) -> Caller:
    """Raises Problem UNAUTHENTICATED, TOKEN_EXPIRED or USER_DISABLED. A token of another tenant's
    is not known here.
    """
    site: Site = scope["site"]
    boundary, now = Boundary(site.tenant_id), services.clock()
    login = services.database.reading(
        boundary, lambda reading: LoginSession.of_token(reading, token)
    )
    if login is None:
        raise Problem("UNAUTHENTICATED")
    login.require_enabled()
    if login.revoked_at and scope["operation"] not in _OPEN_TO_ENDED_SESSIONS:
        raise Problem("UNAUTHENTICATED")
    login.require_open(now)
    if login.is_to_be_marked(now):
        number = login.session_id
        services.database.write(boundary, lambda session: LoginSession.mark(session, number, now))
    return Caller(login.user_id, login.session_id, login.portal, login.email)


def _tenant(services: Services) -> Authenticate:
    """x-api-tenantId is the code of the tenant whose host was called."""

    def authenticate(code: str, scope: Scope) -> Json:
        boundary = Boundary(scope["site"].tenant_id)
        own = select(Tenant.code).where(Tenant.id == boundary.tenant_id)
        if services.database.read(boundary, lambda session: session.exec(own).one()) != code:
            raise Problem("UNAUTHENTICATED")
        return {}

    return authenticate


def _partner(services: Services) -> Authenticate:
    def authenticate(token: str, scope: Scope) -> Json:
        boundary = Boundary(scope["site"].tenant_id)
        partner = services.database.read(boundary, lambda session: Partner.of_token(session, token))
        if partner is None:
            raise Problem("UNAUTHENTICATED")
        return {"sub": partner.name}

    return authenticate
