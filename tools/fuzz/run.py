"""Tests the mock with Schemathesis, every operation, with several seeds; two runs at a time.

make fuzz-ci            make fuzz            make fuzz ARGS="--seeds 7 --examples 500"
"""

import argparse
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

HERE = Path(__file__).resolve().parent
BIN = Path(sys.executable).parent
COUNTS = re.compile(r"^ +(\d+ generated.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """One start of Schemathesis. The coverage phase makes the same cases with every seed."""

    phases: str
    seed: int
    examples: int

    def command(self, address: str) -> list[str]:
        return [
            str(BIN / "st"),
            *["--config-file", str(HERE / "schemathesis.toml")],
            *["run", f"{address}/openapi.json", "--url", address],
            *["--phases", self.phases, "--seed", str(self.seed)],
            *["--max-examples", str(self.examples)],
        ]

    def done(self, address: str) -> tuple[int, str]:
        """Exit code and output."""
        paths = {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE)}
        finished = subprocess.run(
            self.command(address),
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **paths},
        )
        return finished.returncode, finished.stdout + finished.stderr


@contextmanager
def mock() -> Iterator[str]:
    """Address of a mock of one's own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(BIN / "wlink"), "mock", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, server)
            yield address
        finally:
            server.terminate()


def _wait(address: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(f"{address}/openapi.json"):
                return
        except OSError:
            time.sleep(0.1)
    sys.exit("fuzz: the mock did not start")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, default=5, help="fuzzing runs, from seed 1 on")
    arguments.add_argument("--examples", type=int, default=100, help="cases per operation and run")
    options = arguments.parse_args()
    runs = [Run("examples,coverage", 1, options.examples)]
    seeds = range(1, options.seeds + 1)
    runs += [Run("fuzzing,stateful", seed, options.examples) for seed in seeds]
    with mock() as address, ThreadPoolExecutor(max_workers=2) as pool:
        waiting = {pool.submit(run.done, address): run for run in runs}
        codes = [_told(waiting[each], *each.result()) for each in as_completed(waiting)]
    sys.exit(max(codes))


def _told(run: Run, code: int, output: str) -> int:
    counts = COUNTS.search(output)
    print(
        f"fuzz: {run.phases}, seed {run.seed}: {counts[1] if counts else 'no result'}", flush=True
    )
    if code or not counts:
        print(output)
        return code or 1
    return 0


if __name__ == "__main__":
    main()
