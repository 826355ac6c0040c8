"""Putting the mock together, and what it tells a newcomer."""

import logging
import sys

from contract import documents
from contract.checks import check
from mock.app import create_app
from mock.personas import CLIENT, PARTNER_TENANT, PARTNER_TOKEN, PERSONAS
from mock.world import World
from wlink.documents import Documented

_DOCS_LOGINS = {
    "user": CLIENT.name,
    "client": CLIENT.name,
    "ib": "mock-ib",
    "tenant": PARTNER_TENANT,
    "partner": PARTNER_TOKEN,
}


def mock_app(world: World, *, validate: bool = True) -> Documented:
    """The mock with the documents of its contract. Raises ContractError if that is broken."""
    contract = documents.merged()
    check(contract)
    return Documented(create_app(contract, world, validate=validate), contract, _DOCS_LOGINS)


def log_requests() -> None:
    """A line for each request, on standard output."""
    log = logging.getLogger("wlink.mock")
    log.addHandler(logging.StreamHandler(sys.stdout))
    log.setLevel(logging.INFO)


def welcome(host: str, port: int, world: World) -> str:
    """What is printed at start: where it is, who may call it, and a first call."""
    bare = host.strip("[]")
    address = f"http://{f'[{bare}]' if ':' in bare else bare}:{port}"
    width = max(len(persona.name) for persona in PERSONAS)
    personas = "\n".join(f"  {p.name:<{width}}  {p.email:<22}  {p.about}" for p in PERSONAS)
    return f"""\
The wlink mock answers on {address}
Read and try it:  {address}/docs
Contract:         {address}/openapi.json (one document), /openapi/wlink.json, /openapi/lwork.json
Seed {world.seed}, clock {world.now:%Y-%m-%dT%H:%M:%SZ}, people from {", ".join(world.locales)}

Tokens (or log in with the address and any password):
{personas}
  Partners (lwork) send x-api-tenantId: {PARTNER_TENANT} and x-api-token: {PARTNER_TOKEN}

Try:
  curl -H 'Authorization: Bearer {CLIENT.name}' '{address}/v1/client/message/list?page=1&size=5'
"""
