"""Runs of Schemathesis, and what becomes of them; the same for every server."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).resolve().parent
BIN = Path(sys.executable).parent
COUNTS = re.compile(r"^ +(\d+ generated.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Target:
    """A server to test. `settings` are the files beside this one that Schemathesis reads as one,
    `only` the operationIds to test if not all of them.
    """

    name: str
    address: str
    settings: Sequence[str] = ("schemathesis.toml",)
    hooks: str = "tools.fuzz.hooks"
    only: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """One start of Schemathesis. The coverage phase makes the same cases with every seed."""

    phases: str
    seed: int
    examples: int

    def command(self, target: Target, settings: Path) -> list[str]:
        return [
            str(BIN / "st"),
            *["--config-file", str(settings)],
            *["run", f"{target.address}/openapi.json", "--url", target.address],
            *["--phases", self.phases, "--seed", str(self.seed)],
            *["--max-examples", str(self.examples)],
            *[part for name in target.only for part in ("--include-operation-id", name)],
        ]

    def done(self, target: Target) -> tuple[int, str]:
        """Exit code and output."""
        with TemporaryDirectory(prefix="wlink-fuzz-") as folder:
            settings = Path(folder) / "schemathesis.toml"
            parts = (HERE / name for name in target.settings)
            settings.write_text("\n".join(part.read_text("utf-8") for part in parts), "utf-8")
            finished = subprocess.run(
                self.command(target, settings),
                capture_output=True,
                text=True,
                check=False,
                env={**os.environ, "SCHEMATHESIS_HOOKS": target.hooks, **target.environment},
            )
        return finished.returncode, finished.stdout + finished.stderr

    def told(self, target: Target) -> int:
        """Exit code; says how many cases there were, and everything if one has failed."""
        code, output = self.done(target)
        counts = COUNTS.search(output)
        result = counts[1] if counts else "no result"
        print(f"fuzz: {target.name}: {self.phases}, seed {self.seed}: {result}", flush=True)
        if code or not counts:
            print(output, flush=True)
            return code or 1
        return 0


def runs(seeds: int, examples: int) -> list[Run]:
    """Everything once, and what chance makes once for each seed."""
    chance = [Run("fuzzing,stateful", seed, examples) for seed in range(1, seeds + 1)]
    return [Run("examples,coverage", 1, examples), *chance]
