"""Withdrawals and transfers as tests follow them: what is asked, who decides, where it is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest
from httpx2 import Response

from backoffice import cash_orders
from backoffice.desk import Desk
from contract.errors import RefusedError
from models.audit_entry import AuditEntry
from models.ledger_account import LedgerAccount
from models.money import Money
from models.tenant import Portal
from models.user import User
from tests.cashier import Till, kind_of

Json = Any
Result = TypeVar("Result")


@dataclass(frozen=True)
class Way:
    """A way on which money leaves an account: how it is asked for, told of and kept, and the field
    that names the account.
    """

    name: str
    body: Callable[..., Json]
    order: Callable[..., str]
    history: str
    scene: str
    source: str

    def ask(self, till: Till, **changed: Json) -> Response:
        """The client asks for it."""
        return till.floor.call(self.name, self.body(till, **changed))


WITHDRAW = Way(
    *("create_withdrawal", Till.wants_to_withdraw, Till.withdraw),
    *("list_withdrawals", "withdrawal", "trading_account_id"),
)
TRANSFER = Way(
    *("create_transfer", Till.wants_to_transfer, Till.transfer),
    *("list_transfers", "transfer", "source_trading_account_id"),
)
each_way = pytest.mark.parametrize("way", [WITHDRAW, TRANSFER], ids=lambda way: way.name)


def violations(answer: Response) -> list[tuple[str, str]]:
    """Where a request is wrong, and by which rule."""
    return [(each["pointer"], each["rule"]) for each in answer.json()["errors"]]


def standing(till: Till) -> dict[str, str]:
    """What is on the broker's accounts in the ledger, and how much of that is held; those of the
    client's first trading account are number 1. What is empty is left out.
    """
    numbers = {f"trading_account {each.id}": str(place) for place, each in _accounts(till)}
    found: dict[str, str] = {}
    for row in till.floor.rows(LedgerAccount):
        name = f"{row.kind} {numbers.get(row.subject, '')}".rstrip()
        held = f", {Money(row.held, row.unit).text} held" if row.held else ""
        if row.posted or row.held:
            found[name] = Money(row.posted, row.unit).text + held
    return found


def _accounts(till: Till) -> Any:
    return enumerate(till.floor.accounts(), start=1)


def states(till: Till, order: str) -> dict[str, str]:
    """Those of an order."""
    found = till.order(order)
    return {machine: str(getattr(found, machine)) for machine in found.MACHINES}


def person(till: Till, name: str) -> User:
    """One of the broker's own people."""
    return till.broker.user(f"{name}@example.com", Portal.BROKER)


def at_desk(till: Till, user: User, work: Callable[[Desk], Result]) -> Result:
    """What he does in one transaction, under his name."""
    parts = till.broker.server.services

    def write(session: Any) -> Result:
        return work(Desk(session, parts.audit, parts.clock(), "203.0.113.9", user.id))

    return parts.database.write(till.broker.boundary, write)


def release(till: Till, order: str) -> None:
    """Whoever has claimed an order gives it back."""
    till.desk(lambda desk: cash_orders.release(desk, kind_of(order), order))


def refused(deed: Callable[[], object]) -> str:
    """What an operator is told who is not let."""
    with pytest.raises(RefusedError) as error:
        deed()
    return str(error.value)


def deeds(till: Till) -> list[tuple[str, str, Json]]:
    """What was written down, the oldest first: deed, subject, and what came of it."""
    entries: list[AuditEntry] = till.floor.rows(AuditEntry)
    return [(str(entry.deed), entry.subject, entry.after) for entry in entries]


def history(till: Till, way: Way, language: str = "en", **query: Json) -> Json:
    """One page of what the client is told of his orders."""
    asked = {"page": 1, "size": 20} | query
    answer = till.broker.call(
        way.history, token=till.floor.token, query=asked, headers={"X-Language": language}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()
