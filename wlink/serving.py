"""Starting an ASGI application on a port."""

import gc
import socket

import uvicorn
from starlette.types import ASGIApp


class CannotListenError(Exception):
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


def serve(app: ASGIApp, listener: socket.socket) -> None:
    """Answers until it is interrupted. A fault at start stops it: lifespan is on."""
    gc.freeze()  # the contract lives as long as the process: no need to look through it again
    config = uvicorn.Config(
        app, lifespan="on", access_log=False, server_header=False, log_level="warning"
    )
    uvicorn.Server(config).run(sockets=[listener])
