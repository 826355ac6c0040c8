"""Tests the mock with Schemathesis, every operation, with several seeds; two runs at a time.

make fuzz-ci            make fuzz            make fuzz ARGS="--seeds 7 --examples 500"
"""

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor

from benchmarks.peers.processes import running
from tools.fuzz.runs import BIN, Target, runs


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, default=5, help="fuzzing runs, from seed 1 on")
    arguments.add_argument("--examples", type=int, default=100, help="cases per operation and run")
    options = arguments.parse_args()
    command = [str(BIN / "wlink"), "mock", "--port", "{port}"]
    with running(command, "/openapi.json") as mock, ThreadPoolExecutor(max_workers=2) as pool:
        target = Target("mock", mock.address, ("schemathesis.toml", "mock.toml"))
        codes = pool.map(lambda run: run.told(target), runs(options.seeds, options.examples))
        sys.exit(max(codes))


if __name__ == "__main__":
    main()
