"""Does the answer, or the time that it takes, tell whether an email address has an account?

Every call is made in pairs: an address that has a user, and one that has none. AUC is the
probability that the answer for a known one takes longer than that for an unknown one: 0.5 if time
tells nothing. With 300 pairs chance alone stays between 0.43 and 0.57; outside 0.40 to 0.60, or
where answers differ, this stops with 1.

make timing          make timing ARGS="--database postgresql://postgres@127.0.0.1:5432/"
"""

import argparse
import gc
import random
import statistics
import sys
import time
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

import orjson

from backoffice.users import disable_user
from benchmarks.peers.broker import Broker, broker
from contract.documents import merged
from contract.operations import operations
from models.boundaries import BoundSession
from models.outbox_entry import OutboxEntry
from tools.timing.probes import PROBES, Probe

Json = Any

LOWEST, HIGHEST = 0.40, 0.60
WARM_UP = 20


class Answered(NamedTuple):
    """An answer without what may differ each time, and how long it took."""

    shown: str
    seconds: float


class Pair(NamedTuple):
    known: Answered
    unknown: Answered


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--database", default="", help="a PostgreSQL server; else SQLite")
    arguments.add_argument("--pairs", type=int, default=300)
    # The worker runs unless it is switched off: servers have it inside by default, and what it
    # does for known addresses alone could slow down their answers. Without it the figures are
    # quieter, so that smaller differences of the handlers themselves show.
    arguments.add_argument("--no-worker", action="store_true")
    options = arguments.parse_args()
    with broker(options.database, reveals_registered=False) as tenant:
        enabled, disabled = _users(tenant, options.pairs + WARM_UP)
        with tenant.serving(outbox=not options.no_worker) as server:
            print(f"{'medians':<28}{'known':>10}{'unknown':>10}{'AUC':>8}", flush=True)
            sound = []
            for probe in PROBES:
                if not options.no_worker:
                    _wait_for_outbox(tenant)
                known = disabled if probe.disabled else enabled
                sound.append(told(probe, measured(server.address, probe, known)))
    sys.exit(0 if all(sound) else 1)


def _users(tenant: Broker, count: int) -> tuple[list[str], list[str]]:
    """Addresses of users who may log in, and of users who may not."""
    print(f"preparing {2 * count} users", end="\r", flush=True)
    enabled, disabled = _addresses(count), _addresses(count)
    tenant.users(enabled)
    ids = [user.id for user in tenant.users(disabled)]
    now = tenant.services.clock()

    def disable(session: BoundSession) -> None:
        for number in ids:
            disable_user(session, number, now)

    tenant.services.database.write(tenant.boundary, disable)
    return enabled, disabled


def _addresses(count: int) -> list[str]:
    """All of one length, in no order: neither is to make a difference in an index."""
    return [f"{uuid4().hex[:12]}@example.com" for _ in range(count)]


def measured(address: str, probe: Probe, known: list[str]) -> list[Pair]:
    """Each pair has addresses of its own: five failures would lock one, and a code is sent to one
    only every minute. Which of the two comes first is left to chance.
    """
    connection = HTTPConnection(urlsplit(address).netloc)
    path = operations(merged().document)[probe.operation].path
    pairs = []
    gc.disable()
    for number, emails in enumerate(zip(known, _addresses(len(known)), strict=True), start=1):
        print(f"{probe.title}: {number} of {len(known)}   ", end="\r", flush=True)
        answers: dict[str, Answered] = {}
        for email in random.sample(emails, 2):
            answers[email] = _answered(connection, path, orjson.dumps(probe.body(email)))
        pairs.append(Pair(*(answers[email] for email in emails)))
    gc.enable()
    connection.close()
    return pairs[WARM_UP:]


def _wait_for_outbox(tenant: Broker) -> None:
    """Until the mails of the probe before are out: they would blur the times of this one."""
    parts = tenant.services
    while parts.database.read(None, lambda each: OutboxEntry.is_any_due(each, parts.clock())):
        time.sleep(0.2)


def _answered(connection: HTTPConnection, path: str, body: bytes) -> Answered:
    began = time.time()
    started = time.perf_counter()
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    content = answer.read()
    seconds = time.perf_counter() - started
    told = {name: _coarse(value, began) for name, value in orjson.loads(content).items()}
    told.pop("request_id", None)
    return Answered(f"{answer.status} {told} {sorted(answer.headers)}", seconds)


def _coarse(value: Json, began: float) -> Json:
    """A moment as its distance from now: it goes on while the answers come in."""
    is_moment = isinstance(value, int) and value > 1e9
    return f"{(value - began) / 10:.0f}0 s from now" if is_moment else value


def told(probe: Probe, pairs: list[Pair]) -> bool:
    """Prints the line of a probe, and what is wrong. Says whether nothing is."""
    known, unknown = zip(*pairs, strict=True)
    found = auc([each.seconds for each in known], [each.seconds for each in unknown])
    medians = [statistics.median(each.seconds * 1000 for each in side) for side in (known, unknown)]
    figures = "".join(f"{median:>7.2f} ms" for median in medians)
    even = LOWEST <= found <= HIGHEST
    print(f"{probe.title:<28}{figures}{found:>8.3f}  {'' if even else 'TIME TELLS'}", flush=True)
    shown = {each.shown for pair in pairs for each in pair}
    right = len(shown) == 1 and shown.copy().pop().startswith(str(probe.status))
    if not right:
        print(f"  not always the same answer with {probe.status}:", *sorted(shown), sep="\n    ")
    return even and right


def auc(ours: list[float], theirs: list[float]) -> float:
    """Mann and Whitney's: how often one of ours is larger than one of theirs; a tie counts half."""
    wins = sum((one > other) + (one == other) / 2 for one in ours for other in theirs)
    return wins / (len(ours) * len(theirs))


if __name__ == "__main__":
    main()
