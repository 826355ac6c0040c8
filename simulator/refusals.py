"""What a request may be refused with; in each case nothing was changed."""

# Numbers of the Manager API's, see docs/trading-bridge.md.
WRONG_PARAMETERS = 3
NOT_FOUND = 13
REJECTED = 10006
TRADE_DISABLED = 10017
NO_MONEY = 10019
NO_PRICE = 10021


class Refusal(Exception):
    """The trading server says no."""

    def __init__(self, retcode: int) -> None:
        super().__init__(f"retcode {retcode}")
        self.retcode = retcode


class NotServedError(Exception):
    """The request did not come as far as a trading server."""

    def __init__(self, status: int, word: str) -> None:
        super().__init__(word)
        self.status, self.word = status, word
