"""Peers measured in turn, round by round, so that a change of the machine's mood meets them all."""

from collections.abc import Callable
from typing import TypeVar

from benchmarks.peers.processes import Running

Result = TypeVar("Result")


def in_turn(
    title: str, servers: dict[str, Running], rounds: int, measure: Callable[[Running], Result]
) -> dict[str, list[Result]]:
    """What each round measured, for each server. A first round warms up and is thrown away."""
    found: dict[str, list[Result]] = {name: [] for name in servers}
    for number in range(rounds + 1):
        for name, server in servers.items():
            print(f"\r{title[:40]}: round {number} of {rounds}, {name:<24}", end="", flush=True)
            result = measure(server)
            found[name] += [result] if number else []
    print("\r" + " " * 90, end="\r")
    return found
