"""Tests the mock with Schemathesis, every operation, with several seeds; two runs at a time.

make fuzz-ci            make fuzz            make fuzz ARGS="--seeds 7 --examples 500"
"""

import argparse
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.processes import running

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


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, default=5, help="fuzzing runs, from seed 1 on")
    arguments.add_argument("--examples", type=int, default=100, help="cases per operation and run")
    options = arguments.parse_args()
    runs = [Run("examples,coverage", 1, options.examples)]
    seeds = range(1, options.seeds + 1)
    runs += [Run("fuzzing,stateful", seed, options.examples) for seed in seeds]
    command = [str(BIN / "wlink"), "mock", "--port", "{port}"]
    with running(command, "/openapi.json") as mock, ThreadPoolExecutor(max_workers=2) as pool:
        waiting = {pool.submit(run.done, mock.address): run for run in runs}
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
