"""Money: whole minor units of a currency. The only place where they become decimals, or decimals
become them; nothing in between is a float, and nothing is rounded but where the name says so.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import total_ordering
from math import lcm
from typing import NoReturn, Self

from sqlmodel import Session, select

from contract.problems import Problem, Violation
from models.codes import Currency

# In minor units. Nine of them still fit into 64 bits.
LARGEST = 10**18
# Where a session keeps the places that it has looked up: lists ask for them line by line.
_KNOWN = "decimal places of currencies"
_ASKED = re.compile(r"(0|[1-9][0-9]{0,18})(?:\.([0-9]{1,18}))?")
_REPORTED = re.compile(r"(-?)([0-9]{1,19})(?:\.([0-9]{1,40}))?")


@dataclass(frozen=True)
class Denomination:
    """A currency, and how many decimal places its amounts have."""

    code: str
    places: int

    @classmethod
    def of(cls, session: Session, code: str) -> "Denomination":
        """That of a currency of the world. Raises ValueError if there is none with this code."""
        known: dict[str, int | None] = session.info.setdefault(_KNOWN, {})
        if code not in known:
            wanted = select(Currency.decimals).where(Currency.code == code)
            known[code] = session.exec(wanted).first()
        places = known[code]
        if places is None:
            raise ValueError(f"no currency has the code {code}")
        return cls(code, places)


@total_ordering
@dataclass(frozen=True)
class Money:
    """An amount of any sign, in minor units. Calculating with, and ordering, amounts of different
    denominations raises ValueError; they are never equal.
    """

    minor: int
    unit: Denomination

    @classmethod
    def read(cls, text: str, unit: Denomination, pointer: str = "/body/amount") -> Self:
        """An amount that a request brings in the field at `pointer`: above zero, a plain decimal,
        with at most the places of its currency. Raises Problem AMOUNT_INVALID.
        """
        found = _ASKED.fullmatch(text)
        if found is None:
            _refuse(pointer, "pattern")
        whole, fraction = found[1], found[2] or ""
        if len(fraction) > unit.places:
            _refuse(pointer, "places")
        minor = int(whole + fraction.ljust(unit.places, "0"))
        if not 0 < minor <= LARGEST:
            _refuse(pointer, "minimum" if minor == 0 else "maximum")
        return cls(minor, unit)

    @classmethod
    def reported(cls, text: str, unit: Denomination) -> Self:
        """A figure that a trading server reports, of any sign; zeros may be missing or too many at
        its end. Raises ValueError for anything else.
        """
        found = _REPORTED.fullmatch(text)
        if found is None:
            raise ValueError("not a plain decimal")
        sign, whole, fraction = found[1], found[2], (found[3] or "").rstrip("0")
        if len(fraction) > unit.places:
            raise ValueError(f"more than the {unit.places} places of {unit.code}")
        minor = int(whole + fraction.ljust(unit.places, "0"))
        if minor > LARGEST:
            raise ValueError("too large")
        return cls(-minor if sign else minor, unit)

    @classmethod
    def whole(cls, amount: int, unit: Denomination) -> Self:
        """An amount without a fraction: 5 dollars, say."""
        return cls(amount * 10**unit.places, unit)

    @classmethod
    def exactly(cls, amount: Decimal, unit: Denomination) -> Self:
        """A decimal that was kept. Raises ValueError if it has more places than the currency."""
        return cls.reported(f"{amount:f}", unit)

    @property
    def text(self) -> str:
        """A plain decimal with exactly the places of the currency: "-0.05", "1234.00", "500"."""
        digits = str(abs(self.minor)).rjust(self.unit.places + 1, "0")
        point = len(digits) - self.unit.places
        sign, fraction = "-" if self.minor < 0 else "", digits[point:]
        return f"{sign}{digits[:point]}.{fraction}" if fraction else sign + digits

    def converted_down(self, rate: Decimal, unit: Denomination) -> "Money":
        """In another currency, of which one of this one's costs `rate`, and never more than it is
        worth. Raises ValueError for a rate that is not above zero.
        """
        worth, parts = self._converted(rate, unit)
        return Money(worth // parts, unit)

    def converted_up(self, rate: Decimal, unit: Denomination) -> "Money":
        """The same, and never less than it is worth."""
        worth, parts = self._converted(rate, unit)
        return Money(-(-worth // parts), unit)

    def percent_up(self, percent: Decimal) -> "Money":
        """So many percent of it, and never less than they are worth. Raises ValueError for a
        percentage below zero.
        """
        numerator, denominator = _ratio(percent)
        return Money(-(-self.minor * numerator // (100 * denominator)), self.unit)

    def shares(self, weights: Sequence[Decimal | int]) -> "tuple[list[Money], Money]":
        """The amount divided in proportion to the weights, each share rounded down, and what
        remains: less than one minor unit for each share. Raises ValueError unless the weights are
        finite, none is below zero and their sum is above it.
        """
        ratios = [_ratio(weight) for weight in weights]
        if not any(numerator for numerator, _ in ratios):
            raise ValueError("nobody has a share")
        common = lcm(*(denominator for _, denominator in ratios))
        parts = [numerator * common // denominator for numerator, denominator in ratios]
        shares = [Money(self.minor * part // sum(parts), self.unit) for part in parts]
        return shares, Money(self.minor - sum(share.minor for share in shares), self.unit)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._like(other), self.unit)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._like(other), self.unit)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.unit)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._like(other)

    def _like(self, other: "Money") -> int:
        if other.unit != self.unit:
            raise ValueError(f"{self.unit} and {other.unit} are different")
        return other.minor

    def _converted(self, rate: Decimal, unit: Denomination) -> tuple[int, int]:
        """The worth in minor units of the other currency, as a fraction: exact at any size."""
        numerator, denominator = _ratio(rate)
        if numerator == 0:
            raise ValueError("a rate is above zero")
        worth = self.minor * numerator * 10**unit.places
        return worth, denominator * 10**self.unit.places


def _ratio(number: Decimal | int) -> tuple[int, int]:
    if not Decimal(number).is_finite() or number < 0:
        raise ValueError("neither a rate, a percentage nor a weight")
    return number.as_integer_ratio()


def _refuse(pointer: str, rule: str) -> NoReturn:
    raise Problem("AMOUNT_INVALID", errors=[Violation(pointer, rule)])
