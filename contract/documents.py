"""The documents of the contract: wlink, lwork, and both as one."""

from pathlib import Path
from typing import Any

from contract.bundling import Bundle, Bundler
from contract.errors import ContractError
from contract.narrowing import narrow

NAMES = ("wlink", "lwork")

Json = Any


def folder() -> Path:
    """Where the YAML lies: beside this room, in the checkout as in an installed package."""
    return Path(__file__).resolve().parent.parent / "openapi"


def bundle(name: str, root: Path | None = None) -> Bundle:
    """One of the two documents. Raises ContractError where a file or reference is broken."""
    found = Bundler((root or folder()) / name / "openapi.yaml").run()
    narrow(found)
    return found


def merged(root: Path | None = None) -> Bundle:
    """Both documents as one: what the server routes by and publishes as /openapi.json."""
    parts = [bundle(name, root) for name in NAMES]
    first = parts[0].document
    whole: dict[str, Json] = {key: first[key] for key in ("openapi", "servers")}
    texts = [part.document["info"]["description"] for part in parts]
    whole["info"] = {**first["info"], "description": "\n\n".join(texts)}
    whole |= {"tags": [], "security": [], "paths": {}, "components": {}}
    for part in parts:
        whole["tags"] += part.document.get("tags", [])
        _join(part, whole["paths"], part.document["paths"])
        for section, entries in part.document["components"].items():
            _join(part, whole["components"].setdefault(section, {}), entries)
    sources = {key: source for part in parts for key, source in part.sources.items()}
    return Bundle(whole, sources)


def _join(part: Bundle, target: dict[str, Json], entries: dict[str, Json]) -> None:
    for key, entry in entries.items():
        if key in target:
            raise ContractError(part.place(entry), f"{key} is in both documents")
        target[key] = entry
