"""Putting the server together."""

import asyncio
from threading import Event, Thread

from starlette.types import ASGIApp, Receive, Scope, Send

from contract import documents
from contract.checks import check
from contract.operations import operations
from dispatch.compile import Settings as DispatchSettings
from gateways.upload_target import UploadTarget
from models.outbox_entry import OutboxEntry
from wlink.documents import Documented
from wlink.edge import Edge, Safe
from wlink.front import Front
from wlink.guard import authenticators
from wlink.health import Health
from wlink.hosts import Hosts
from wlink.logs import configure_logs
from wlink.metrics import Metrics
from wlink.payment_notices import PaymentNotices
from wlink.resolver import resolver
from wlink.services import Services, services
from wlink.settings import settings
from wlink.stand_in_payments import with_stand_in
from wlink.worker import Worker

# For the worker, hosts, health and figures; the rest is for requests, each of which needs at most
# one at a time. So none waits for a connection.
_OTHER_CONNECTIONS = 4


def create_app(parts: Services, *, check_answers: bool = False) -> ASGIApp:
    """The server. Raises ContractError if contract and handlers do not fit together."""
    contract = documents.merged()
    check(contract)
    metrics = Metrics(
        lambda: parts.database.read(None, lambda session: OutboxEntry.depth(session, parts.clock()))
    )
    threads = parts.database.connections - _OTHER_CONNECTIONS
    dispatch = DispatchSettings(check_answers=check_answers, threads=threads)
    front = Front(authenticators(parts, operations(contract.document)), dispatch, metrics)
    front.load(contract, resolver(contract, parts))
    notices = PaymentNotices(UploadTarget(front, parts.storage), parts)
    app = with_stand_in(notices, notices, parts)
    if parts.settings.docs:
        app = Documented(app, contract, {})
    app = Edge(app, Hosts(parts.database, parts.settings.public_address, parts.clock))
    app = Safe(Health(app, parts, metrics))
    return Working(app, Worker(parts)) if parts.settings.worker else app


def served() -> ASGIApp:
    """The server of one process, as the environment sets it up."""
    configure_logs()
    return create_app(services(settings()))


class Working:
    """An application with a worker beside it, from start to stop."""

    def __init__(self, app: ASGIApp, worker: Worker) -> None:
        self._app = app
        self._worker = worker
        self._stopped = Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands on."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        thread = Thread(target=self._worker.run, args=(self._stopped,), name="outbox")
        thread.start()
        try:
            await self._app(scope, receive, send)
        finally:
            self._stopped.set()
            await asyncio.to_thread(thread.join)
