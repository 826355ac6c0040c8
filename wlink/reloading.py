"""An application that follows its contract: made anew when a file of it changes."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import typer
from starlette.types import ASGIApp, Receive, Scope, Send
from watchfiles import awatch

from contract import documents
from contract.errors import ContractError
from contract.problems import read_catalogue


class Reloading:
    """Serves what `make` returns; after a change, what it returns then. A broken contract is told
    in one line, and the old one goes on being served.
    """

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = make
        self._app = make()
        self._watcher: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Watches from start to stop."""
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        self._watcher = asyncio.create_task(self._watch())
        await self._app(scope, receive, send)
        self._watcher.cancel()
        with suppress(asyncio.CancelledError):
            await self._watcher

    async def _watch(self) -> None:
        async for _ in awatch(documents.folder(), step=100):
            await self.renew()

    async def renew(self) -> None:
        """Makes the application anew, in a thread, so that nobody waits for it."""
        try:
            self._app = await asyncio.to_thread(self._made_anew)
        except Exception as error:  # whatever is wrong with a file must not end the watch
            told = str(error) if isinstance(error, ContractError) else repr(error)
            typer.echo(f"wlink: {told}; the contract before it is still served", err=True)
        else:
            typer.echo("wlink: the contract was read anew")

    def _made_anew(self) -> ASGIApp:
        documents.forget()
        read_catalogue()
        return self._make()
