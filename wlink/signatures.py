"""A handler's arguments, and where each comes from."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connexion.decorators.parameter import pythonic

from contract.errors import ContractError
from contract.operations import Operation, lookup
from wlink.calls import GIVEN, Call

Json = Any
Handler = Callable[..., Json]

_OPENED = ("session", "reading")


@dataclass(frozen=True)
class Signature:
    """`fields` are arguments with the documented names of what they take; `given` are those that
    the call gives; `opens` is how the handler wants to ask the database: `session`, a transaction,
    `reading`, for prepared queries, or nothing.
    """

    fields: Mapping[str, str]
    given: tuple[str, ...]
    opens: str

    def arguments(self, call: Call, sent: Mapping[str, Json]) -> dict[str, Json]:
        """For one call, all but the session."""
        taken = {name: sent[field] for name, field in self.fields.items() if field in sent}
        return taken | {name: GIVEN[name](call) for name in self.given}


def signature(operation: Operation, document: dict[str, Json], handler: Handler) -> Signature:
    """Raises ContractError if a handler wants what its operation does not, or not always, bring."""
    arguments = inspect.signature(handler).parameters
    body: dict[str, Json] = lookup(document, operation.body or {})
    offered = [parameter["name"] for parameter in operation.parameters]
    fields = {pythonic(name): name for name in (*offered, *body.get("properties", {}))}
    sure = {p["name"] for p in operation.parameters if p["required"]} | set(
        body.get("required", [])
    )
    faults = ", ".join(_faults(arguments, fields, sure))
    if faults:
        raise ContractError(f"handlers/{operation.tag}.py", f"{operation.operation_id} {faults}")
    return Signature(
        fields={name: field for name, field in fields.items() if name in arguments},
        given=tuple(name for name in GIVEN if name in arguments),
        opens=next((name for name in _OPENED if name in arguments), ""),
    )


def _faults(
    arguments: Mapping[str, inspect.Parameter], fields: Mapping[str, str], sure: set[str]
) -> Iterator[str]:
    for name, argument in arguments.items():
        if name in fields:
            if name in GIVEN:
                yield f"takes {name}, of which there are two"
            if argument.default is argument.empty and fields[name] not in sure:
                yield f"needs a default for {name}"
        elif name not in _OPENED and name not in GIVEN:
            yield f"takes {name}, which there is not"
    both = [name for name in (*_OPENED, "transaction") if name in arguments]
    if len(both) > 1:
        yield f"takes both {' and '.join(both)}"
