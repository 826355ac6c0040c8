"""Plain functions run in threads, so that what waits in them stops nobody else."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Executor
from contextvars import ContextVar, copy_context
from typing import Any, TypeVar
from weakref import WeakSet

Json = Any
Result = TypeVar("Result")

_QUICK: WeakSet[Callable[..., Json]] = WeakSet()
_is_in_thread: ContextVar[bool] = ContextVar("whether this runs in a thread already", default=False)


def is_plain(function: Callable[..., Json]) -> bool:
    """Whether it runs in a thread."""
    return not inspect.iscoroutinefunction(function)


def quick(function: Callable[..., Result]) -> Callable[..., Result]:
    """Marks a plain function that waits for nobody. Such functions share a lane of few threads:
    more would only take the interpreter from each other.
    """
    _QUICK.add(function)
    return function


def is_quick(function: Callable[..., Json]) -> bool:
    """Whether it is marked so."""
    return function in _QUICK


def in_loop(function: Callable[..., Json]) -> Callable[..., Awaitable[Json]]:
    """The function as a coroutine: `async def` as it is, `def` in a thread."""
    if not is_plain(function):
        return function

    async def in_thread(*arguments: Json, **named: Json) -> Json:
        if _is_in_thread.get():
            return _guarded(function, arguments, named)
        result = await asyncio.to_thread(_guarded, function, arguments, named)
        return await result if inspect.isawaitable(result) else result

    return in_thread


async def in_one_thread(lane: Executor, steps: Coroutine[Any, Any, Result]) -> Result:
    """What a coroutine returns that only calls plain functions: all of them in the same thread of
    the lane, which is not left in between.
    """
    context = copy_context()
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(lane, context.run, _walked, steps)


def _walked(steps: Coroutine[Any, Any, Result]) -> Result:
    _is_in_thread.set(True)
    try:
        steps.send(None)
    except StopIteration as end:
        result: Result = end.value
        return result
    steps.close()
    raise RuntimeError("a step waits for the loop")


def _guarded(function: Callable[..., Json], arguments: Json, named: Json) -> Json:
    """Neither leaves a thread well: the one would never arrive, the other would end the loop."""
    try:
        return function(*arguments, **named)
    except (StopIteration, SystemExit) as error:
        raise RuntimeError(type(error).__name__) from error
