"""Accounts to pay out to."""

from functools import cached_property
from typing import Any

from mock.draw import Draw
from mock.money_orders import PAYOUT_METHODS
from mock.texts import data

Json = Any


class PayeeAccount:
    """A bank account or wallet; its method follows from its id."""

    def __init__(self, draw: Draw, identity: int) -> None:
        self.draw = draw
        self.identity = identity

    @property
    def method(self) -> str:
        """How it is paid."""
        return PAYOUT_METHODS[self.identity % len(PAYOUT_METHODS)]

    @cached_property
    def bank(self) -> dict[str, Json]:
        """A bank of texts.yaml."""
        bank: dict[str, Json] = self.draw.choice("bank", data("texts")["bank"])
        return bank

    @property
    def number(self) -> str:
        """Number of the bank account."""
        return "62" + self.draw.text("bank_number", 17, "0123456789")

    @property
    def wallet(self) -> str:
        """A TRC20 address."""
        return "T" + self.draw.text("wallet", 33, "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkm")
