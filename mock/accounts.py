"""Trading accounts whose figures add up."""

from decimal import ROUND_DOWN, Decimal
from functools import cached_property
from typing import Any

from mock.draw import Draw
from mock.texts import data

Json = Any

_CENT = Decimal("0.01")
# Every client of the mock has four accounts; these are their servers, by entry of reference.yaml.
_SERVER_OF = (0, 0, 1, 2)
PER_CLIENT = len(_SERVER_OF)


class TradingAccount:
    """One account: equity = balance + credit + floating profit. `place` counts a client's accounts;
    the last of the four is the demo account.
    """

    def __init__(self, draw: Draw, place: int) -> None:
        self.draw = draw
        self.place = place

    @cached_property
    def server(self) -> dict[str, Json]:
        """The server's entry in reference.yaml."""
        entry: dict[str, Json] = data("reference")["ServerOption"][_SERVER_OF[self.place]]
        return entry

    @property
    def is_demo(self) -> bool:
        """True on a demo server."""
        return str(self.server["type"]).endswith("Demo")

    @property
    def platform(self) -> str:
        """MT4 or MT5."""
        return str(self.server["type"]).partition("-")[0]

    @property
    def funding_type(self) -> str:
        """Which way money may move; most accounts take both."""
        return self.draw.choice("funding_type", ("normal", "normal", "normal", "deposit_only"))

    @property
    def login(self) -> str:
        """Number on the server."""
        return str(self.draw.integer("login", 600_000, 689_999) + self.place * 100_000)

    @cached_property
    def type(self) -> dict[str, Json]:
        """The account type's entry in reference.yaml: one that the server offers."""
        offered = [
            entry
            for entry in data("reference")["AccountType"]
            if self.platform in entry["platforms"] and (entry["demo"] or not self.is_demo)
        ]
        entry: dict[str, Json] = self.draw.choice("type", offered)
        return entry

    @property
    def leverage(self) -> int:
        """One of those that the type allows."""
        return int(self.draw.choice("leverage", self.type["leverage_options"])["value"])

    @cached_property
    def balance(self) -> Decimal:
        """US dollars."""
        return Decimal(self.draw.integer("balance", 50_000, 4_500_000)).scaleb(-2)

    @cached_property
    def credit(self) -> Decimal:
        """US dollars; most accounts have none."""
        given = self.draw.choice("credit", (0, 0, 0, 50, 100))
        return Decimal(given).quantize(_CENT)

    @cached_property
    def floating(self) -> Decimal:
        """US dollars: profit of the open positions, within a tenth of the balance."""
        share = Decimal(self.draw.integer("floating", -100, 100)) / 1000
        return (self.balance * share).quantize(_CENT, ROUND_DOWN)

    @property
    def equity(self) -> Decimal:
        """US dollars."""
        return self.balance + self.credit + self.floating

    @property
    def available(self) -> Decimal:
        """US dollars that can be moved: max(0, min(balance, free margin - credit))."""
        free_margin = self.equity - self._margin
        return max(Decimal("0.00"), min(self.balance, free_margin - self.credit))

    @property
    def _margin(self) -> Decimal:
        used = Decimal(self.draw.integer("margin", 2, 20)) / 100
        return (self.balance * used).quantize(_CENT)

    @property
    def margin_level(self) -> Decimal:
        """Equity in percent of the margin in use."""
        return (self.equity * 100 / self._margin).quantize(_CENT)
