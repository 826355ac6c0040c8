"""What a storm of logins leaves to everybody else.

64 clients log in again and again, each as a user of his own; beside them a few connections ask for
something else. Median and 99th percentile of these other requests without and with the storm, in
turn and round by round; `ratio` is that of the medians (wanted: at most 3). Needs wrk.

    make bench NAME=logins ARGS="--database postgresql://postgres@127.0.0.1:5432/"
"""

import argparse
import statistics
import time
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from benchmarks.peers.broker import PASSWORD, Broker, broker
from benchmarks.peers.processes import Running
from benchmarks.peers.wrk import Load, found, load, required, scripted
from contract.documents import merged
from contract.operations import operations

CLIENTS = 64
OTHERS = ("get_security_profile", "list_menu_actions")
OPERATIONS = operations(merged().document)
# Seconds that the storm blows before and after the others are measured.
AROUND = 1

STORM = """
local turn, refused = 0, 0
wrk.method, wrk.headers["Content-Type"] = "POST", "application/json"
function request()
  turn = turn % CLIENTS + 1
  local email = "client" .. turn .. "@example.com"
  return wrk.format(nil, nil, nil, '{"email":"' .. email .. '","password":"SECRET"}')
end
"""
# Wrk tells of every answer, and asks before every request how long to wait: it does not matter
# that the client who waits may be another one than was refused.
PATIENCE = """
function response(status)
  if status == 503 then refused = refused + 1 end
end
function delay()
  if refused == 0 then return 0 end
  refused = refused - 1
  return 1000
end
"""


class Round(NamedTuple):
    """The others without and with the storm, and the storm itself."""

    quiet: Load
    beside: Load
    storm: Load


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--database", default="", help="a PostgreSQL server; else SQLite")
    arguments.add_argument("--workers", type=int, default=2)
    arguments.add_argument("--connections", type=int, default=4, help="of the others")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=int, default=5)
    arguments.add_argument(
        "--patient", action="store_true", help="who is refused waits, as he is told; else not"
    )
    options = arguments.parse_args()
    required()
    with broker(options.database) as tenant:
        token = _token(tenant)
        with tenant.serving(workers=options.workers) as server:
            for name in OTHERS:
                report(name, [_round(server, name, token, options) for _ in _rounds(name, options)])


def _token(tenant: Broker) -> str:
    """Of a session of one of the clients, whom it makes."""
    emails = [f"client{number}@example.com" for number in range(1, CLIENTS + 1)]
    return tenant.token(tenant.users(emails)[0])


def _rounds(name: str, options: argparse.Namespace) -> Iterator[int]:
    for number in range(1, options.rounds + 1):
        print(f"{name}: round {number} of {options.rounds}", end="\r", flush=True)
        yield number


def _round(server: Running, name: str, token: str, options: argparse.Namespace) -> Round:
    operation = OPERATIONS[name]
    others = partial(
        load,
        server.address + operation.path,
        operation.method,
        {"Authorization": f"Bearer {token}"},
        "",
        seconds=options.seconds,
        connections=options.connections,
    )
    quiet = others()
    script = STORM.replace("CLIENTS", str(CLIENTS)).replace("SECRET", PASSWORD)
    with scripted(
        server.address + OPERATIONS["login"].path,
        script + (PATIENCE if options.patient else ""),
        seconds=options.seconds + 2 * AROUND,
        connections=CLIENTS,
    ) as storm:
        time.sleep(AROUND)
        beside = others()
        return Round(quiet, beside, found(storm))


def report(name: str, rounds: list[Round]) -> None:
    """Medians of the rounds. Logins count where they succeeded."""
    quiet, beside, storm = zip(*rounds, strict=True)
    ratio = statistics.median(each.beside.median / each.quiet.median for each in rounds)
    print(f"{name:<32}{'p50 ms':>9}{'p99 ms':>9}{'requests/s':>12}")
    for title, loads in (("  quiet", quiet), ("  beside the storm", beside)):
        half, slow, rate = (
            statistics.median(getattr(each, figure) for each in loads)
            for figure in ("median", "slow", "per_second")
        )
        print(f"{title:<32}{half:>9.1f}{slow:>9.1f}{rate:>12.0f}")
    seconds = sum(each.requests / each.per_second for each in storm)
    refused = sum(each.failed for each in storm)
    done = sum(each.requests for each in storm) - refused
    print(f"  ratio of the p50 {ratio:.2f}; {done / seconds:.0f} logins a second,", end=" ")
    print(f"{refused / seconds:.0f} refused a second ({refused} of {refused + done})", flush=True)


if __name__ == "__main__":
    main()
