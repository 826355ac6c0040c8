"""Plain functions in threads: one after the other, and several steps in the same one."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from contract.problems import Problem
from dispatch.threads import in_loop, in_one_thread, is_quick, quick
from tests.server import Server
from wlink.resolver import resolver

Json = Any


def here() -> str:
    return threading.current_thread().name


def refuse() -> None:
    raise Problem("NOT_FOUND")


async def loop_thread() -> str:
    return here()


async def twice(step: Callable[[], Awaitable[Json]]) -> list[Json]:
    return [await step(), await step()]


def in_lane(steps: Any) -> Json:
    async def run() -> Json:
        with ThreadPoolExecutor(2, "lane") as lane:
            return await in_one_thread(lane, steps)

    return asyncio.run(run())


def test_all_steps_of_a_lane_are_done_in_the_same_thread() -> None:
    first, second = in_lane(twice(in_loop(here)))
    assert first == second
    assert first.startswith("lane")


def test_elsewhere_each_step_leaves_the_loop_for_a_thread() -> None:
    found = asyncio.run(twice(in_loop(here)))
    assert here() not in found
    assert asyncio.run(loop_thread()) == here()


def test_a_problem_of_a_step_arrives() -> None:
    with pytest.raises(Problem):
        in_lane(twice(in_loop(refuse)))


def test_a_step_that_waits_for_the_loop_is_a_fault() -> None:
    async def waits() -> None:
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="a step waits for the loop"):
        in_lane(waits())


def test_a_lane_does_not_change_who_comes_afterwards() -> None:
    async def run() -> list[Json]:
        with ThreadPoolExecutor(1, "lane") as lane:
            inside = await in_one_thread(lane, twice(in_loop(here)))
            return [*inside, await in_loop(here)()]

    found = asyncio.run(run())
    assert [name.startswith("lane") for name in found] == [True, True, False]


def test_a_function_is_quick_if_it_is_marked() -> None:
    assert is_quick(quick(lambda: None))
    assert not is_quick(lambda: None)


def test_what_only_reads_prepared_queries_is_quick(server: Server, contract: Any) -> None:
    found = resolver(contract, server.services)
    names = ("list_client_messages", "count_unread_ib_messages", "get_client_message", "login")
    assert [is_quick(found.resolve_function_from_operation_id(name)) for name in names] == [
        *(True, True, False, False),
    ]
