"""Reading the ledger at the console."""

from collections.abc import Sequence
from functools import partial

from sqlalchemy import text
from sqlmodel import col, select

from cashier import checks as cashier_checks
from ledger import verification
from ledger.book import available
from ledger.verification import size
from ledger.violations import Check
from models.boundaries import Boundary, BoundSession
from models.database import Database
from models.ledger_account import LedgerAccount
from models.money import Money
from trading import checks as trading_checks
from wlink.desks import Console
from wlink.readiness import ready

CHECKS = (*verification.CHECKS, *trading_checks.CHECKS, *cashier_checks.CHECKS)


def verified(console: Console, checks: Sequence[Check] = CHECKS) -> tuple[list[str], str]:
    """What the checks find wrong with the books of the console's broker, or of all if it names
    none; and how much there is, in words.
    """
    with ready() as parts:
        boundary = console.boundary(parts) if console.tenant else None
        found = [each for check in checks for each in found_by(check, parts.database, boundary)]
        accounts, transactions, entries = parts.database.read(boundary, size)
    state = "sound"
    if found:
        state = "1 violation" if len(found) == 1 else f"{len(found)} violations"
    return found, f"{accounts} accounts, {transactions} transactions, {entries} entries: {state}"


def found_by(check: Check, database: Database, boundary: Boundary | None) -> list[str]:
    """Every violation. Each check has a transaction of its own: on SQLite, where nobody can write
    meanwhile, they may do so in between.
    """
    return database.read(boundary, partial(_unhurried, check))


def _unhurried(check: Check, session: BoundSession) -> list[str]:
    """Books grow longer than any request may take."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(text("SET LOCAL statement_timeout = 0"))
    return list(check(session))


def balances(console: Console) -> list[str]:
    """A line for each account of a broker's."""
    with ready() as parts:
        return parts.database.read(console.boundary(parts), _balances)


def _balances(session: BoundSession) -> list[str]:
    order = (LedgerAccount.kind, LedgerAccount.subject, LedgerAccount.currency)
    accounts = session.exec(select(LedgerAccount).order_by(*map(col, order)))
    return [_line(account) for account in accounts]


def _line(account: LedgerAccount) -> str:
    held = Money(account.held, account.unit).text
    figures = f"{available(account).text} {account.currency} available, {held} held"
    return "  ".join(filter(None, (account.kind, account.subject, figures)))
