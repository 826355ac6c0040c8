"""The mock beside Prism, Mockoon and Connexion's MockResolver, on wlink's contract, in one run.

Requests a second and the median time of a list of 20 rows and of a POST, by wrk, in turn and round
by round; the time from the start of the process to the first answer; memory after the load.

    make bench NAME=mock ARGS="--rounds 5"
"""

import argparse
import statistics
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from benchmarks.peers.mocks import MOCKS, READY, TOKEN, prepared
from benchmarks.peers.processes import Running, running
from benchmarks.peers.rounds import in_turn
from benchmarks.peers.wrk import Load, load, required


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: str = ""

    @property
    def headers(self) -> dict[str, str]:
        return TOKEN | ({"Content-Type": "application/json"} if self.body else {})


REQUESTS = {
    "a list of 20 rows": Request("GET", "/v1/client/message/list?page=1&size=20"),
    "a POST": Request(
        "POST",
        "/v1/client/trading/deposit/draft/create",
        '{"deposit_amount":"500.00","remittance_id":7,"trading_account_id":2101}',
    ),
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=2)
    options = arguments.parse_args()
    required()
    prepared()
    with ExitStack() as stack:
        servers = {}
        for name, command in MOCKS.items():
            servers[name] = stack.enter_context(running(command, READY, TOKEN))
        for title, request in REQUESTS.items():
            measure = partial(_loaded, request=request, seconds=options.seconds)
            report(title, in_turn(title, servers, options.rounds, measure))
        print(f"\n{'':<18}{'first answer':>14}{'memory MB':>12}")
        for name, server in servers.items():
            print(f"{name:<18}{server.started_seconds:>12.2f} s", end="")
            print(f"{server.resident_megabytes():>12.0f}")


def _loaded(server: Running, request: Request, seconds: int) -> Load:
    return load(
        server.address + request.path,
        request.method,
        request.headers,
        request.body,
        seconds=seconds,
        connections=16,
    )


def report(title: str, found: dict[str, list[Load]]) -> None:
    """Medians of the rounds; the ratio says how many times faster wlink is."""
    print(f"\n{title}\n{'':<18}{'requests/s':>12}{'median ms':>12}{'wlink is x':>12}")
    rates = {
        name: statistics.median(one.per_second for one in all_) for name, all_ in found.items()
    }
    for name, all_ in found.items():
        median = statistics.median(one.median for one in all_)
        print(f"{name:<18}{rates[name]:>12.0f}{median:>12.2f}", end="")
        print(f"{rates['wlink'] / rates[name]:>12.1f}")


if __name__ == "__main__":
    main()
