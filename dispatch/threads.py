"""Plain functions run in threads, so that what waits in them stops nobody else."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

Json = Any


def in_loop(function: Callable[..., Json]) -> Callable[..., Awaitable[Json]]:
    """The function as a coroutine: `async def` as it is, `def` in a thread."""
    if inspect.iscoroutinefunction(function):
        return function

    async def in_thread(*arguments: Json, **named: Json) -> Json:
        result = await asyncio.to_thread(_guarded, function, arguments, named)
        return await result if inspect.isawaitable(result) else result

    return in_thread


def _guarded(function: Callable[..., Json], arguments: Json, named: Json) -> Json:
    """Neither leaves a thread well: the one would never arrive, the other would end the loop."""
    try:
        return function(*arguments, **named)
    except (StopIteration, SystemExit) as error:
        raise RuntimeError(type(error).__name__) from error
