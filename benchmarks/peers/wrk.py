"""Load, made by wrk."""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from typing import NamedTuple


class Load(NamedTuple):
    """What was answered. `median` is in milliseconds."""

    requests: int
    per_second: float
    median: float


def required() -> None:
    """Stops where there is no wrk."""
    if not shutil.which("wrk"):
        sys.exit("wrk is needed: apt-get install wrk")


def load(
    address: str,
    method: str,
    headers: Mapping[str, str],
    body: str,
    *,
    seconds: int,
    connections: int = 32,
) -> Load:
    """One request again and again over kept connections. Stops if an answer is no success."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(f'wrk.method="{method}"\nwrk.body=[[{body}]]\n')
        script.writelines(f'wrk.headers["{name}"]="{text}"\n' for name, text in headers.items())
        script.flush()
        options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", script.name]
        run = subprocess.run(["wrk", *options, address], capture_output=True, text=True, check=True)
    if "Non-2xx" in run.stdout:
        sys.exit(f"not every answer was a success\n{run.stdout}")
    count, rate, median = (
        re.search(pattern, run.stdout)
        for pattern in (r"(\d+) requests in", r"Requests/sec:\s*([\d.]+)", r"50%\s+([\d.]+\w+)")
    )
    assert count and rate and median
    return Load(int(count[1]), float(rate[1]), _milliseconds(median[1]))


def _milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(\w+)", text).groups()  # type: ignore[union-attr]  # wrk writes it so
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
