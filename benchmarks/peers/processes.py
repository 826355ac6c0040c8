"""Servers in processes of their own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parent.parent.parent


class Running(NamedTuple):
    """A server that has answered: how long that took, with the start of its process."""

    process: int
    address: str
    started_seconds: float

    def cpu_seconds(self) -> float:
        """What it has used since its start."""
        stat = Path(f"/proc/{self.process}/stat").read_text(encoding="ascii")
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_megabytes(self) -> float:
        """What it holds in memory now."""
        pages = int(Path(f"/proc/{self.process}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGESIZE") / 1e6


@contextmanager
def running(
    command: list[str],
    path: str,
    headers: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Running]:
    """The server of a command in which {port} stands for a free one; `path` must answer 200. The
    environment comes on top of our own, from which what is meant for a server of wlink's is left
    out.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    filled = [part.replace("{port}", str(port)) for part in command]
    address = f"http://127.0.0.1:{port}"
    started = time.perf_counter()
    own = {name: text for name, text in os.environ.items() if not name.startswith("WLINK_")}
    env = {**own, **(environment or {})}
    with subprocess.Popen(filled, cwd=ROOT, stdout=subprocess.DEVNULL, env=env) as server:
        try:
            _wait(Request(address + path, headers=dict(headers or {})), server)
            yield Running(server.pid, address, time.perf_counter() - started)
        finally:
            server.terminate()


def _wait(request: Request, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(request):
                return
        except OSError:
            time.sleep(0.02)
    sys.exit(f"a server did not start: {server.args!r}")
