"""Load, made by wrk."""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple


class Load(NamedTuple):
    """What was answered. `median` and `slow` (the 99th percentile) are in milliseconds; `failed`
    counts the answers that were no success.
    """

    requests: int
    per_second: float
    median: float
    slow: float
    failed: int


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
    script = f'wrk.method="{method}"\nwrk.body=[[{body}]]\n'
    script += "".join(f'wrk.headers["{name}"]="{text}"\n' for name, text in headers.items())
    with scripted(address, script, seconds=seconds, connections=connections) as run:
        result = found(run)
    if result.failed:
        sys.exit(f"{result.failed} of {result.requests} answers of {address} were no success")
    return result


@contextmanager
def scripted(
    address: str, script: str, *, seconds: int, connections: int
) -> Iterator["subprocess.Popen[str]"]:
    """Wrk at work, with requests that a script in Lua makes; `found` waits for its end."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        options = ["-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", file.name]
        with subprocess.Popen(["wrk", *options, address], stdout=subprocess.PIPE, text=True) as run:
            yield run


def found(run: "subprocess.Popen[str]") -> Load:
    """What it tells at its end. Stops if it has failed."""
    told, _ = run.communicate()
    patterns = (
        r"(\d+) requests in",
        r"Requests/sec:\s*([\d.]+)",
        r"50%\s+([\d.]+\w+)",
        r"99%\s+([\d.]+\w+)",
    )
    figures = [each[1] for pattern in patterns if (each := re.search(pattern, told))]
    if run.returncode or len(figures) < len(patterns):
        sys.exit(f"wrk failed\n{told}")
    count, rate, median, slow = figures
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", told)
    return Load(
        requests=int(count),
        per_second=float(rate),
        median=_milliseconds(median),
        slow=_milliseconds(slow),
        failed=int(failed[1]) if failed else 0,
    )


def _milliseconds(text: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(\w+)", text).groups()  # type: ignore[union-attr]  # wrk writes it so
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]
