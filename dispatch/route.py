"""From a path to what can be done there. Exact paths are found at once; the others segment by
segment, concrete before templated, as OpenAPI wants it.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from starlette.types import Receive, Scope

from contract.errors import ContractError
from dispatch.answer import Answer

Endpoint = Callable[[Scope, Receive], Awaitable[Answer]]
Methods = dict[str, Endpoint]
_TEMPLATE = re.compile(r"{[^{}]+}")


@dataclass
class _Node:
    concrete: dict[str, "_Node"] = field(default_factory=dict)
    templated: "_Node | None" = None
    methods: Methods = field(default_factory=dict)


class Routes:
    """All paths with their methods."""

    def __init__(self) -> None:
        self._exact: dict[bytes, Methods] = {}
        self._root = _Node()
        self._templates: dict[int, str] = {}

    def add(self, method: str, path: str, endpoint: Endpoint) -> None:
        """Raises ContractError if a path is there already, be it with other names in braces."""
        node = self._root
        for segment in path.split("/")[1:]:
            node = self._next(node, segment, path)
        known = self._templates.setdefault(id(node), path)
        if known != path or method in node.methods:
            raise ContractError(f"{method} {path}", f"the same path as {known}")
        node.methods[method] = endpoint
        if "{" not in path:
            self._exact[path.encode()] = node.methods

    def _next(self, node: _Node, segment: str, path: str) -> _Node:
        if _TEMPLATE.fullmatch(segment):
            node.templated = node.templated or _Node()
            return node.templated
        if "{" in segment or "}" in segment:
            raise ContractError(path, f"the segment {segment} is neither a text nor one parameter")
        return node.concrete.setdefault(segment, _Node())

    def find(self, raw_path: bytes) -> tuple[Methods, Sequence[str]]:
        """The methods of a path, none if it is unknown, and the texts that stand for its
        parameters. The path is as it was sent: an encoded slash does not part segments.
        """
        methods = self._exact.get(raw_path)
        if methods is not None:
            return methods, ()
        try:
            nothing, *parts = raw_path.decode("ascii").split("/")
            segments = [unquote(part, errors="strict") for part in parts]
        except UnicodeDecodeError:
            return {}, ()
        return ({}, ()) if nothing else _found(self._root, segments, 0) or ({}, ())


def _found(node: _Node, segments: list[str], at: int) -> tuple[Methods, list[str]] | None:
    if at == len(segments):
        return (node.methods, []) if node.methods else None
    segment = segments[at]
    concrete = node.concrete.get(segment)
    found = _found(concrete, segments, at + 1) if concrete else None
    if found or not (node.templated and segment):
        return found
    found = _found(node.templated, segments, at + 1)
    return found and (found[0], [segment, *found[1]])


def allowed(methods: Methods) -> str:
    """The header Allow: everything that the path answers."""
    implied = {"OPTIONS", "HEAD"} if "GET" in methods else {"OPTIONS"}
    return ", ".join(sorted(methods.keys() | implied))
