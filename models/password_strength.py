"""How hard a password is to guess."""

from collections.abc import Sequence
from threading import Lock

from zxcvbn import zxcvbn

from contract.problems import Problem
from models.security_setting import Strength

# zxcvbn's scores: guessed in 10^3, 10^6, 10^8, 10^10 tries or more.
_SCORES = {Strength.LOW: 1, Strength.MEDIUM: 2, Strength.HIGH: 3, Strength.STRONG: 4}
# What comes after these characters makes no password weaker, and costs much time to look at.
_LOOKED_AT = 24
# zxcvbn keeps the words about the user where every thread sees them.
_turn = Lock()


def require_strong(password: str, required: Strength, about: Sequence[str]) -> None:
    """Raises Problem PASSWORD_TOO_WEAK, with the strength that is required. `about` are words that
    somebody who knows the user would try first.
    """
    with _turn:
        score = zxcvbn(password[:_LOOKED_AT], list(about))["score"]
    if score < _SCORES[required]:
        raise Problem("PASSWORD_TOO_WEAK", details={"required": required.value})
