"""Money is exact: through text, both databases and JSON, and wherever it is divided."""

import ast
import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from operator import add, ge, gt, le, lt, sub
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlmodel import SQLModel

from contract.problems import Problem
from models.boundaries import BoundSession
from models.database import Database
from models.ledger_account import AccountKind
from models.money import LARGEST, Denomination, Money
from tests.books import Books, books, ledger_database

__all__ = ["books", "ledger_database"]

ROOT = Path(__file__).parent.parent
# Whatever moves money knows no floats.
EXACT = ("models/money.py", "models/ledger_*.py", "ledger/*.py", "migrations/versions/0005_*.py")
USD, JPY, TND, USDT, BTC = (
    Denomination(code, places)
    for code, places in (("USD", 2), ("JPY", 0), ("TND", 3), ("USDT", 6), ("BTC", 8))
)
UNITS = st.sampled_from([USD, JPY, TND, USDT, BTC])
LARGEST_ASKED = 999_999_999_99999999  # at 8 places


@st.composite
def amounts(draw: st.DrawFn) -> Money:
    """From the smallest to 999,999,999.99999999, in any denomination."""
    unit = draw(UNITS)
    return Money(draw(st.integers(1, LARGEST_ASKED // 10 ** (8 - unit.places))), unit)


SIGNED = st.builds(Money, st.integers(-(10**18), 10**18), UNITS)
RATES = st.decimals(Decimal("1e-9"), Decimal("1e9"), allow_nan=False, allow_infinity=False)


@pytest.mark.long
@settings(max_examples=10_000, deadline=None)
@given(amounts())
def test_an_amount_comes_back_out_of_text_and_json_as_it_was(amount: Money) -> None:
    whole, _, fraction = amount.text.partition(".")
    assert (len(fraction), Decimal(amount.text)) == (
        amount.unit.places,
        Decimal(amount.minor).scaleb(-amount.unit.places),
    )
    assert str(int(whole)) == whole
    told = orjson.loads(orjson.dumps({"amount": amount.text}))["amount"]
    assert Money.read(told, amount.unit) == Money.reported(told, amount.unit) == amount
    assert Money.reported((-amount).text, amount.unit) == -amount


@pytest.mark.long
@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(amounts(), min_size=200, max_size=200))
def test_ten_thousand_amounts_come_back_out_of_the_database_as_they_were(
    books: Books, found: list[Money]
) -> None:
    assert kept(books, found) == found


@pytest.mark.parametrize("minor", [-(2**63), -1, 0, 2**53 + 1, LARGEST, 2**63 - 1])
def test_the_database_keeps_whatever_has_64_bits(books: Books, minor: int) -> None:
    assert kept(books, [Money(minor, BTC)]) == [Money(minor, BTC)]


class _Undo(Exception):
    """What was written is to be forgotten."""


def kept(books: Books, amounts: list[Money]) -> list[Money]:
    """The amounts as balances that were written and read."""
    table = SQLModel.metadata.tables["ledger_account"]
    tenant = books.boundary.tenant_id
    rows = [
        {"tenant_id": tenant, "kind": AccountKind.TRADING, "subject": str(number), "held": 0}
        | {"currency": money.unit.code, "places": money.unit.places, "posted": money.minor}
        | {"may_be_negative": True}
        for number, money in enumerate(amounts)
    ]
    columns = (table.c.posted, table.c.currency, table.c.places)
    own = select(*columns).where(table.c.tenant_id == tenant).order_by(table.c.id)
    found = list[Money]()

    def write_and_read(session: BoundSession) -> None:
        session.connection().execute(insert(table), rows)
        read = session.connection().execute(own)
        found.extend(Money(posted, Denomination(code, places)) for posted, code, places in read)
        raise _Undo

    with pytest.raises(_Undo):
        books.do(write_and_read)
    return found


# Full-width, Arabic, a half and a square: all of them are digits to Python.
FOREIGN_DIGITS = ("\uff11", "1\uff12.50", "1.\uff15", "\u0663", "\u00bd", "\u00b2")
HOSTILE = [
    *("NaN", "nan", "sNaN", "Infinity", "-Infinity", "inf", "1e400", "1e3", "1E3", "1e-3"),
    *("-0", "-5", "-0.01", "+5", "0", "0.00", "0.0", ".5", "5.", ".", "", " ", "-", "00", "007"),
    *("01.00", *FOREIGN_DIGITS, "1_000", "1,000", "1 000", " 5", "5 ", "5\n", "\t5"),
    *("5\x00", "0x10", "1/2", "1.2.3", "--5", "5-", "1.000", "1.001", "1.500", "five"),
    *("9" * 40, "1." + "0" * 40, "9" * 5000, "1" + "0" * 17, "10000000000000000.01", "$5", "5 USD"),
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:40])
def test_what_is_no_plain_amount_above_zero_is_refused(text: str) -> None:
    with pytest.raises(Problem) as refused:
        Money.read(text, USD)
    assert refused.value.code == "AMOUNT_INVALID"


@pytest.mark.parametrize(
    ("text", "unit", "rule"),
    [
        ("x", USD, "pattern"),
        ("0.00", USD, "minimum"),
        ("1.001", USD, "places"),
        ("1.0", JPY, "places"),
        ("10000000000000000.01", USD, "maximum"),
    ],
)
def test_a_refusal_says_where_and_why(text: str, unit: Denomination, rule: str) -> None:
    with pytest.raises(Problem) as refused:
        Money.read(text, unit, pointer="/body/deposit_amount")
    assert refused.value.errors == [("/body/deposit_amount", rule)]


@pytest.mark.parametrize(
    ("text", "unit", "minor"),
    [
        ("0.01", USD, 1),
        ("5", USD, 500),
        ("5.1", USD, 510),
        ("1234.00", USD, 123400),
        ("500", JPY, 500),
        ("0.00000001", BTC, 1),
        ("999999999.99999999", BTC, LARGEST_ASKED),
        ("10000000000000000.00", USD, LARGEST),
    ],
)
def test_a_plain_amount_is_read(text: str, unit: Denomination, minor: int) -> None:
    assert Money.read(text, unit) == Money(minor, unit)


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        *(("-0.05", -5), ("0", 0), ("-0", 0), ("-0.00", 0), ("12", 1200), ("1.5", 150)),
        *(("007", 700), ("1.5000000000", 150), ("-10000.00", -1000000)),
    ],
)
def test_a_trading_server_may_write_figures_its_own_way(text: str, minor: int) -> None:
    assert Money.reported(text, USD) == Money(minor, USD)


@pytest.mark.parametrize(
    "text",
    [
        *("NaN", "Infinity", "1e3", "1.001", "+5", ".5", "5.", "", "-", "1_0", " 5", "5\n"),
        *(
            "9" * 19,
            "9" * 5000,
            "0" * 20 + "1",
            "0." + "0" * 41,
            "10000000000000000.01",
            "-10000000000000000.01",
        ),
        *FOREIGN_DIGITS,
    ],
    ids=lambda text: ascii(text)[:40],
)
def test_a_figure_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Money.reported(text, USD)


@given(st.text(max_size=50), UNITS)
def test_whatever_is_told_is_an_amount_or_refused(text: str, unit: Denomination) -> None:
    try:
        money = Money.read(text, unit)
    except Problem as problem:
        assert problem.code == "AMOUNT_INVALID"
    else:
        assert 0 < money.minor <= LARGEST
        assert Decimal(text) == Decimal(money.text)


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(-5, USD), "-0.05"),
        (Money(123400, USD), "1234.00"),
        (Money(500, JPY), "500"),
        (Money(-500, JPY), "-500"),
        (Money(0, USD), "0.00"),
        (Money(0, JPY), "0"),
        (Money(-1, BTC), "-0.00000001"),
    ],
)
def test_money_is_written_with_the_places_of_its_currency(money: Money, text: str) -> None:
    assert money.text == text


def test_amounts_are_added_and_compared_within_one_denomination() -> None:
    ten, five = Money(10, USD), Money(5, USD)
    assert (ten + five, ten - five, -ten) == (Money(15, USD), five, Money(-10, USD))
    assert five < ten and ten > five
    assert five <= Money(5, USD) >= five
    assert max(five, ten) is ten


@pytest.mark.parametrize("other", [Money(5, JPY), Money(5, Denomination("USD", 3))])
@pytest.mark.parametrize("mix", [add, sub, lt, le, gt, ge])
def test_different_denominations_never_mix(
    other: Money, mix: Callable[[Money, Money], object]
) -> None:
    for one, two in permutations([Money(5, USD), other]):
        with pytest.raises(ValueError, match="different"):
            mix(one, two)
        assert one != two


@given(SIGNED, RATES, UNITS)
def test_a_conversion_is_rounded_once_and_by_less_than_one_unit(
    money: Money, rate: Decimal, unit: Denomination
) -> None:
    exact = Fraction(money.minor, 10**money.unit.places) * Fraction(rate) * 10**unit.places
    down, up = money.converted_down(rate, unit), money.converted_up(rate, unit)
    assert down == Money(math.floor(exact), unit)
    assert up == Money(math.ceil(exact), unit)


@pytest.mark.parametrize(
    ("minor", "rate", "down", "up"),
    [(100, "7.0825", 708, 709), (-100, "7.0825", -709, -708), (200, "0.5", 100, 100)],
)
def test_down_is_never_more_and_up_never_less(minor: int, rate: str, down: int, up: int) -> None:
    money = Money(minor, USD)
    assert money.converted_down(Decimal(rate), USD).minor == down
    assert money.converted_up(Decimal(rate), USD).minor == up


@given(SIGNED, st.decimals(0, 100, places=8))
def test_a_share_in_percent_is_rounded_up_by_less_than_one_unit(
    money: Money, percent: Decimal
) -> None:
    exact = money.minor * Fraction(percent) / 100
    assert exact <= money.percent_up(percent).minor < exact + 1


@pytest.mark.parametrize("percent", ["-0.01", "NaN", "Infinity"])
def test_a_percentage_is_a_number_that_is_not_below_zero(percent: str) -> None:
    with pytest.raises(ValueError, match="percentage"):
        Money(100, USD).percent_up(Decimal(percent))


@pytest.mark.parametrize(("kept", "minor"), [("0", 0), ("2.5", 250), ("7.00", 700), ("1.10", 110)])
def test_an_amount_that_was_kept_as_a_number_is_money(kept: str, minor: int) -> None:
    assert Money.exactly(Decimal(kept), USD) == Money(minor, USD)


def test_an_amount_that_was_kept_is_not_rounded() -> None:
    with pytest.raises(ValueError, match="places"):
        Money.exactly(Decimal("0.001"), USD)


@pytest.mark.parametrize("rate", ["0", "-1", "NaN", "sNaN", "Infinity", "-Infinity"])
def test_a_rate_is_a_number_above_zero(rate: str) -> None:
    with pytest.raises(ValueError):
        Money(100, USD).converted_down(Decimal(rate), JPY)
    with pytest.raises(ValueError):
        Money(100, USD).converted_up(Decimal(rate), JPY)


WEIGHTS = st.lists(
    st.integers(0, 10**6) | st.decimals(0, 10**6, places=4), min_size=1, max_size=12
).filter(any)


@given(SIGNED, WEIGHTS)
def test_shares_and_what_remains_are_the_whole(money: Money, weights: list[Decimal | int]) -> None:
    shares, remains = money.shares(weights)
    assert len(shares) == len(weights)
    assert sum(share.minor for share in shares) + remains.minor == money.minor
    assert 0 <= remains.minor < len(weights)
    whole = sum(map(Fraction, weights))
    for share, weight in zip(shares, weights, strict=True):
        assert share.minor == math.floor(money.minor * Fraction(weight) / whole)


def test_a_rebate_is_shared_by_levels() -> None:
    shares, remains = Money(1000, USD).shares([Decimal("0.5"), Decimal("0.3"), Decimal("0.1")])
    assert [share.text for share in shares] == ["5.55", "3.33", "1.11"]
    assert remains.text == "0.01"


@pytest.mark.parametrize("weights", [[], [0], [0, Decimal(0)], [1, -1], [Decimal("NaN")]])
def test_somebody_has_a_share_and_nobody_less_than_none(weights: list[Decimal | int]) -> None:
    with pytest.raises(ValueError):
        Money(1000, USD).shares(weights)


def test_a_currency_of_the_world_says_how_many_places_it_has(ledger_database: Database) -> None:
    def of(code: str) -> Denomination:
        return ledger_database.read(None, lambda session: Denomination.of(session, code))

    assert [of(code) for code in ("USD", "JPY", "USDT", "BTC")] == [USD, JPY, USDT, BTC]
    with pytest.raises(ValueError, match="XXX"):
        of("XXX")


def test_whatever_moves_money_knows_no_floats() -> None:
    modules = [path for pattern in EXACT for path in ROOT.glob(pattern)]
    assert len(modules) > len(EXACT)
    for path in modules:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            is_float = isinstance(node, ast.Name) and node.id == "float"
            is_literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
            divides = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
            assert not (is_float or is_literal or divides), f"{path}: {ast.unparse(node)}"
