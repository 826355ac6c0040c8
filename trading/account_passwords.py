"""The passwords of trading accounts: nobody reads them back. They are sealed until the trading
server has them, and then they are gone.
"""

from dataclasses import dataclass

import orjson

from contract.problems import Problem
from gateways.secret_box import SecretBox

_KINDS = (str.islower, str.isupper, str.isdigit)


@dataclass(frozen=True)
class AccountPasswords:
    """`trade` is the one to trade with, `observe` the read-only one; either may be left out."""

    trade: str = ""
    observe: str = ""

    def __repr__(self) -> str:
        return "AccountPasswords(...)"

    def require_strong(self) -> None:
        """Small and capital letters and digits, as trading servers ask for, and no two the same.
        Raises Problem TRADING_PASSWORD_WEAK.
        """
        given = [password for password in (self.trade, self.observe) if password]
        if len(set(given)) < len(given) or not all(map(_is_strong, given)):
            raise Problem("TRADING_PASSWORD_WEAK")

    def sealed(self, box: SecretBox, trading_account_id: int) -> bytes:
        """Good for this account only."""
        content = orjson.dumps({"trade": self.trade, "observe": self.observe})
        return box.sealed(_purpose(trading_account_id), content)

    @classmethod
    def opened(cls, box: SecretBox, trading_account_id: int, sealed: bytes) -> "AccountPasswords":
        """Raises cryptography's InvalidTag if they were sealed for another account."""
        return cls(**orjson.loads(box.opened(_purpose(trading_account_id), sealed)))


def _is_strong(password: str) -> bool:
    return all(any(map(kind, password)) for kind in _KINDS)


def _purpose(trading_account_id: int) -> str:
    return f"passwords of trading account {trading_account_id}"
