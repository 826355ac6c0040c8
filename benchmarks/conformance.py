"""Schemathesis on four operations of the contract, served by each mock: its unique failures.

make bench NAME=conformance ARGS="--seeds 1"
"""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

from benchmarks.peers.mocks import CONTRACT, MOCKS, READY, ROOT, TOKEN, prepared
from benchmarks.peers.processes import running

OPERATIONS = ["login", "list_deposits", "create_deposit_draft", "get_client_message"]
FUZZ = ROOT / "tools" / "fuzz"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seeds", type=int, default=1)
    arguments.add_argument("--examples", type=int, default=50)
    options = arguments.parse_args()
    prepared()
    print(f"{'':<18}{'cases':>8}{'unique failures':>18}   of which")
    for name, command in MOCKS.items():
        with running(command, READY, TOKEN) as server:
            for seed in range(1, options.seeds + 1):
                print(f"{name:<18}{tested(server.address, seed, options.examples)}", flush=True)


def tested(address: str, seed: int, examples: int) -> str:
    """One line of the table."""
    run = subprocess.run(
        [
            *[str(Path(sys.executable).parent / "st")],
            *["--config-file", str(FUZZ / "schemathesis.toml")],
            *["run", str(CONTRACT), "--url", address, "--seed", str(seed)],
            *["--max-examples", str(examples)],
            *(part for name in OPERATIONS for part in ("--include-operation-id", name)),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(FUZZ)},
    )
    cases = re.search(r"(\d+) generated", run.stdout)
    kinds = re.findall(r"❌ (.+): (\d+)$", run.stdout, re.MULTILINE)
    if not cases:
        sys.exit(f"Schemathesis stopped\n{run.stdout}{run.stderr}")
    failures = sum(int(count) for _, count in kinds)
    shown = ", ".join(f"{count} {kind}" for kind, count in kinds)
    return f"{cases[1]:>8}{failures:>18}   {shown}"


if __name__ == "__main__":
    main()
