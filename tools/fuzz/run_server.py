"""Tests the real server with Schemathesis, every operation that is built, on both databases at the
same time; then says which operations have accepted a valid request that chance made.

make fuzz-server-ci     make fuzz-server     make fuzz-server ARGS="--seeds 7 --examples 500"
"""

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock

import pytest

from benchmarks.peers.processes import running
from contract.documents import merged
from contract.operations import operations
from handlers.planned import PLANNED
from tests.server import DATABASES, database_url
from tools.fuzz.broker import furnish
from tools.fuzz.reached import ANSWERS, reached
from tools.fuzz.runs import BIN, Target, runs
from wlink.logs import log_warnings_only
from wlink.services import services
from wlink.settings import Settings

# Alembic knows one migration at a time in a process.
_FURNISHING = Lock()
# SQLite lets one process at a time write; with PostgreSQL it is as in a deployment.
_WORKERS = {"sqlite": 1, "postgresql": 2}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, default=5, help="fuzzing runs, from seed 1 on")
    arguments.add_argument("--examples", type=int, default=100, help="cases per operation and run")
    options = arguments.parse_args()
    log_warnings_only()  # of what the worker does while the broker is furnished
    with ThreadPoolExecutor(max_workers=len(DATABASES)) as pool:
        codes = pool.map(lambda kind: _tested(kind, options.seeds, options.examples), DATABASES)
        sys.exit(max(codes))


def _tested(kind: str, seeds: int, examples: int) -> int:
    """Exit code. One run after the other: more at once would only wait for hashes."""
    try:
        with TemporaryDirectory(prefix="wlink-fuzz-") as folder:
            with _server(kind, Path(folder)) as target:
                codes = [run.told(target) for run in runs(seeds, examples)]
            codes.append(reached(kind, target.only, Path(folder) / "answers"))
        return max(codes)
    except pytest.skip.Exception as reason:
        print(f"fuzz: {kind}: left out, {reason}")
        return 0


@contextmanager
def _server(kind: str, folder: Path) -> Iterator[Target]:
    """The server as its users start it, on a database with the broker in it."""
    with database_url(kind, folder) as url:
        parts = services(Settings(data=folder, database_url=url))
        with _FURNISHING:
            furnish(parts)
        parts.database.close()
        environment = {
            "WLINK_DATA": str(folder),
            "WLINK_DATABASE_URL": url,
            "WLINK_RATE_LIMITS": "false",
            ANSWERS: str(folder / "answers"),
        }
        command = [str(BIN / "wlink"), "serve", "--docs", "--port", "{port}"]
        command += ["--workers", str(_WORKERS[kind])]
        built = [name for name in operations(merged().document) if name not in PLANNED]
        with running(command, "/openapi.json", environment=environment) as server:
            yield Target(
                name=kind,
                address=server.address,
                hooks="tools.fuzz.server_hooks",
                only=built,
                environment=environment,
            )


if __name__ == "__main__":
    main()
