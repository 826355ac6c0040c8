"""Trading accounts of clients, as money is brought to them and taken off."""

from contract.problems import Problem
from models.boundaries import BoundSession
from models.trading_account import AccountStatus, FundingType, TradingAccount

_TAKES = frozenset([FundingType.NORMAL, FundingType.DEPOSIT_ONLY])
_GIVES = frozenset([FundingType.NORMAL, FundingType.WITHDRAWAL_ONLY])


def takes(account: TradingAccount) -> bool:
    """Whether money may be put on an account by now."""
    return not _fault(account, _TAKES)


def gives(account: TradingAccount) -> bool:
    """Whether money may be taken off an account by now."""
    return not _fault(account, _GIVES)


def require_taking(account: TradingAccount) -> None:
    """Raises Problem unless the account is open, live, and money may be put on it: NOT_FOUND,
    NOT_A_LIVE_ACCOUNT, ACCOUNT_FUNDING_NOT_ALLOWED.
    """
    _require(account, _TAKES)


def require_giving(account: TradingAccount) -> None:
    """The same where money is to be taken off."""
    _require(account, _GIVES)


def locked(session: BoundSession, user_id: int, *numbers: int) -> list[TradingAccount]:
    """A user's own accounts, which nobody else changes meanwhile, in the order that is asked for;
    they are locked in that of their ids. Raises Problem NOT_FOUND.
    """
    found = {
        number: TradingAccount.require_open(session, user_id, number)
        for number in sorted(set(numbers))
    }
    return [found[number] for number in numbers]


def _require(account: TradingAccount, kinds: frozenset[FundingType]) -> None:
    fault = _fault(account, kinds)
    if fault:
        raise Problem(fault)


def _fault(account: TradingAccount, kinds: frozenset[FundingType]) -> str:
    """The code of the problem; empty if there is none."""
    if account.status is not AccountStatus.OPEN:
        return "NOT_FOUND"
    if account.is_demo:
        return "NOT_A_LIVE_ACCOUNT"
    return "" if account.funding_type in kinds else "ACCOUNT_FUNDING_NOT_ALLOWED"
