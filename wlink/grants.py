"""Whether a caller's roles let him do what he wants to: where there is a button for an operation,
only those may call it who have been granted one.
"""

from collections.abc import Mapping

from contract.operations import Operation
from contract.problems import Problem
from models.boundaries import Boundary
from models.permission import Button, buttons, granted
from models.user import Caller
from wlink.fresh import Fresh
from wlink.services import Services


class Grants:
    """Knows of each tenant, for a second, which operations have buttons."""

    def __init__(self, services: Services, operations: Mapping[str, Operation]) -> None:
        self._database = services.database
        self._buttons: Fresh[int, dict[Button, set[int]]] = Fresh(services.clock)
        self._refusable = {
            name: (operation.method, operation.path)
            for name, operation in operations.items()
            if "FORBIDDEN" in operation.problems
        }

    def require(self, name: str, caller: Caller, boundary: Boundary) -> None:
        """Raises Problem FORBIDDEN."""
        if name not in self._refusable:
            return
        known = self._buttons.found(
            boundary.tenant_id, lambda: self._database.read(boundary, buttons)
        )
        needed = known.get(Button(caller.portal, *self._refusable[name]))
        if needed and not needed & self._granted(caller, boundary):
            raise Problem("FORBIDDEN")

    def _granted(self, caller: Caller, boundary: Boundary) -> set[int]:
        return self._database.read(
            boundary, lambda session: granted(session, caller.user_id, caller.portal)
        )
