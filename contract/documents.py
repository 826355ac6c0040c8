"""The documents of the contract: wlink, lwork, and both as one."""

from functools import cache
from pathlib import Path
from typing import Any

from contract.bundling import Bundle, Bundler
from contract.errors import ContractError
from contract.narrowing import narrow
from contract.sources import read

NAMES = ("wlink", "lwork")

Json = Any


def folder() -> Path:
    """Where the YAML lies: beside this room, in the checkout as in an installed package."""
    return Path(__file__).resolve().parent.parent / "openapi"


@cache
def bundle(name: str) -> Bundle:
    """One of the two documents, read once. Raises ContractError where the YAML is broken."""
    found = Bundler(folder() / name / "openapi.yaml").run()
    narrow(found)
    return found


def forget() -> None:
    """Everything is read anew when it is asked for next."""
    bundle.cache_clear()
    read.cache_clear()


def merged() -> Bundle:
    """Both documents as one: what the server routes by and publishes as /openapi.json."""
    parts = [bundle(name) for name in NAMES]
    first = parts[0].document
    whole: dict[str, Json] = {key: first[key] for key in ("openapi", "servers")}
    texts = [part.document["info"]["description"] for part in parts]
    whole["info"] = {**first["info"], "description": "\n\n".join(texts)}
    whole |= {"tags": [], "security": [], "paths": {}, "components": {}}
    result = Bundle(whole)
    for part in parts:
        result.sources |= part.sources
        whole["tags"] += part.document.get("tags", [])
        _join(result, whole["paths"], part.document["paths"])
        for section, entries in part.document["components"].items():
            _join(result, whole["components"].setdefault(section, {}), entries)
    return result


def _join(whole: Bundle, target: dict[str, Json], entries: dict[str, Json]) -> None:
    """Adds the entries. Both documents may use one and the same part, not two of one name."""
    for key, entry in entries.items():
        known = target.setdefault(key, entry)
        if whole.sources[id(entry)] != whole.sources[id(known)]:
            raise ContractError(whole.place(entry), f"{key} is also in the other document")
