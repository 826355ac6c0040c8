"""One turn of the cashier's."""

from dataclasses import dataclass
from datetime import datetime

from ledger import book
from ledger.book import Movement
from models.boundaries import BoundSession
from models.ledger_account import AccountKind, LedgerAccount
from models.money import Denomination
from trading.orders import Orders


@dataclass(frozen=True)
class Turn:
    """A transaction at a moment, and what writes down in it what trading servers are to do. Orders
    and accounts that are handed to the cashier are locked.
    """

    session: BoundSession
    orders: Orders
    now: datetime

    def of_broker(self, kind: AccountKind, unit: Denomination) -> LedgerAccount:
        """The ledger's account of a kind of which a broker has one."""
        return book.account(self.session, kind, unit)

    def post(self, key: str, *movements: Movement) -> None:
        """Moves amounts in the ledger, once under this key. Raises a LedgerError."""
        book.post(self.session, key, movements, self.now)
