"""One request on its way to its handler, and what a handler may ask of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connexion.lifecycle import ConnexionRequest

from cashier.payees import PayeeBook
from dispatch.headers import wanted_language, wanted_languages
from handlers.email_codes import EmailCodes
from models.boundaries import Boundary
from models.database import Transaction
from models.tenant import Site
from models.user import Caller
from wlink.addresses import counted_as
from wlink.services import Services

Json = Any


@dataclass(frozen=True)
class Call:
    """Who calls whom from where. `now` is the moment at which the request is served, `transaction`
    what it reads and writes in. `language` is that of our own words, `languages` are those in which
    the broker's texts are wanted, the dearest first.
    """

    services: Services
    site: Site
    caller: Caller | None
    address: str
    language: str
    languages: tuple[str, ...]
    now: datetime
    transaction: Transaction

    @property
    def boundary(self) -> Boundary:
        """What the call may see."""
        return self.transaction.boundary


def _codes(call: Call) -> EmailCodes:
    """Raises ValueError where nobody is logged in."""
    if call.caller is None:
        raise ValueError("codes are for somebody")
    apart = Transaction(call.services.database, call.boundary)
    return EmailCodes(apart, call.services.box, call.site, call.caller, call.now)


def _payees(call: Call) -> PayeeBook:
    """Raises ValueError where nobody is logged in."""
    if call.caller is None:
        raise ValueError("payees are somebody's")
    services = call.services
    return PayeeBook(
        *(call.caller.user_id, services.box, services.outbox, services.audit),
        address=call.address,
        now=call.now,
    )


# What a handler may name beside the fields of its request, and `session`: a transaction of the
# database that is committed when it returns and undone when it raises.
GIVEN: dict[str, Callable[[Call], Json]] = {
    "site": lambda call: call.site,
    "caller": lambda call: call.caller,
    "address": lambda call: call.address,
    "now": lambda call: call.now,
    "language": lambda call: call.language,
    "languages": lambda call: call.languages,
    "transaction": lambda call: call.transaction,
    "codes": _codes,
    "payees": _payees,
    "box": lambda call: call.services.box,
    "audit": lambda call: call.services.audit,
    "outbox": lambda call: call.services.outbox,
    "orders": lambda call: call.services.orders,
    "ports": lambda call: call.services.ports,
    "payments": lambda call: call.services.payments,
    "passwords": lambda call: call.services.passwords,
    "captcha": lambda call: call.services.captcha,
    "storage": lambda call: call.services.storage,
}


def call_of(services: Services, request: ConnexionRequest) -> Call:
    """What is known of a request whose caller the guard has let in."""
    scope = request.scope
    headers, site = scope["headers_by_name"], scope["site"]
    caller: Caller | None = (request.context.get("token_info") or {}).get("caller")
    boundary = Boundary(site.tenant_id, caller.user_id if caller else None)
    return Call(
        services=services,
        site=site,
        caller=caller,
        address=counted_as((scope.get("client") or ("",))[0]),
        language=wanted_language(headers),
        languages=(*wanted_languages(headers), site.language),
        now=services.clock(),
        transaction=Transaction(services.database, boundary),
    )
