"""Peers measured in turn, round by round, so that a change of the machine's mood meets them all."""

from collections.abc import Callable
from typing import TypeVar

Peer = TypeVar("Peer")
Result = TypeVar("Result")


def in_turn(
    title: str, peers: dict[str, Peer], rounds: int, measure: Callable[[Peer], Result]
) -> dict[str, list[Result]]:
    """What each round measured, for each peer: forwards and backwards in turn, so that none always
    comes after the same other. A first round warms up and is thrown away.
    """
    found: dict[str, list[Result]] = {name: [] for name in peers}
    for number in range(rounds + 1):
        for name, peer in list(peers.items())[:: -1 if number % 2 else 1]:
            print(f"\r{title[:40]}: round {number} of {rounds}, {name:<24}", end="", flush=True)
            result = measure(peer)
            found[name] += [result] if number else []
    print("\r" + " " * 90, end="\r")
    return found
