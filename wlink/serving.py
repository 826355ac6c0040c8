"""Starting an ASGI application on a port."""

import gc
import signal
import socket
import sys

import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from contract.errors import CannotStartError

_GRACE_SECONDS = 15


class CannotListenError(CannotStartError):
    """The address is not ours, or somebody else listens there already."""


def opened(host: str, port: int) -> socket.socket:
    """A listening socket. Raises CannotListenError before anything else is started."""
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host.strip("[]") or "?", port, type=socket.SOCK_STREAM
        )[0]
        # asyncio sends small answers at once only on sockets that are TCP by name; with the
        # protocol left open every answer waited 40 ms.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        raise CannotListenError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise CannotListenError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    return listener


def serve(app: ASGIApp, listener: socket.socket, *, trusted_proxies: str = "127.0.0.1") -> None:
    """Answers until it is interrupted. A fault at start stops it: lifespan is on."""
    gc.freeze()  # the contract lives as long as the process: no need to look through it again
    # uvicorn lets requests finish, and then raises the signal again: by then all is in order.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.Server(_config(app, trusted_proxies)).run(sockets=[listener])


def serve_many(
    factory: str, listener: socket.socket, workers: int, *, trusted_proxies: str
) -> None:
    """The same with several processes, each of which calls `factory` ("module:function") for an
    application of its own. One that dies is replaced.
    """
    config = _config(factory, trusted_proxies)
    config.factory, config.workers = True, workers
    Multiprocess(config, [listener]).run()


def _config(app: ASGIApp | str, trusted_proxies: str) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="on",
        access_log=False,
        server_header=False,
        log_level="warning",
        log_config=None,
        forwarded_allow_ips=_mapped(trusted_proxies),
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


def _mapped(proxies: str) -> list[str]:
    """The proxies, and how an IPv4 address looks to a socket that takes both."""
    names = [name.strip() for name in proxies.split(",")]
    return [*names, *(f"::ffff:{name}" for name in names if "." in name)]
