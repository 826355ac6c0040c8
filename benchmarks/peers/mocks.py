"""Mock servers on wlink's own contract, each started by a command."""

import subprocess
import sys
from pathlib import Path

import orjson

from contract import documents

ROOT = Path(__file__).resolve().parent.parent.parent
TOOLS = ROOT / "tools" / "peers"
CONTRACT = ROOT / "build" / "peers" / "contract.json"

_NODE = TOOLS / "node_modules" / ".bin"
_PRISM = [str(_NODE / "prism"), "mock", str(CONTRACT), "-p", "{port}", "-v", "error"]
MOCKS: dict[str, list[str]] = {
    "wlink": [str(Path(sys.executable).parent / "wlink"), "mock", "--port", "{port}"],
    "Prism, static": _PRISM,
    "Prism, dynamic": [*_PRISM, "-d"],
    "Mockoon": [
        *[str(_NODE / "mockoon-cli"), "start", "--data", str(CONTRACT), "--port", "{port}"],
        "--disable-log-to-file",
    ],
    "Connexion": [sys.executable, "-m", "benchmarks.peers.connexion_mock", "{port}"],
}
READY = "/v1/public/setting/version/get"
TOKEN = {"Authorization": "Bearer mock-client"}


def prepared() -> None:
    """Installs the peers that come from npm, and writes the contract as one file for them."""
    if not _NODE.is_dir():
        print("peers: packages of tools/peers/package-lock.json", flush=True)
        subprocess.run(["npm", "--prefix", str(TOOLS), "--loglevel=error", "ci"], check=True)
    CONTRACT.parent.mkdir(parents=True, exist_ok=True)
    CONTRACT.write_bytes(orjson.dumps(documents.merged().document))
