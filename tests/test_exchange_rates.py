"""What a pair is worth: exact to the last digit, and never more for the client than its rate."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import StatementError
from sqlmodel import col, select

from models.columns import Exact
from models.exchange_rate import ExchangeRate, pair_rate
from tests.server import Broker

Json = Any

NOW = datetime(2026, 1, 15, 9, tzinfo=UTC)
STEP = Fraction(1, 10**8)


def decimals(least: str, most: str) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(least), Decimal(most), places=8)


RATES = decimals("0.00000001", "9999999999999.99999999")
MARKUPS = decimals("0", "99.99999999")


def row(base: str, quote: str, rate: Decimal, *markups: Decimal) -> ExchangeRate:
    """A rate, and its mark-ups for deposits and withdrawals."""
    inward, outward = markups or (Decimal(0), Decimal(0))
    return ExchangeRate(
        base=base, quote=quote, rate=rate, markup_in=inward, markup_out=outward, at=NOW
    )


def is_next_below(told: Decimal | None, exactly: Fraction) -> bool:
    """Whether it is the exact number, rounded down to eight decimals; none if nothing is left or
    there is no room for it.
    """
    if told is None:
        return exactly < STEP or exactly >= 10**13
    return told > 0 and told.as_tuple().exponent == -8 and 0 <= exactly - Fraction(told) < STEP


@given(RATES)
def test_the_rate_of_a_pair_without_a_mark_up_is_the_rate(rate: Decimal) -> None:
    assert pair_rate([row("USD", "CNY", rate)], "USD", "CNY") == rate
    assert pair_rate([row("EUR", "GBP", rate)], "EUR", "GBP") == rate


@given(RATES, MARKUPS, MARKUPS)
def test_the_mark_up_is_that_of_the_direction_in_which_the_client_changes(
    rate: Decimal, inward: Decimal, outward: Decimal
) -> None:
    left_in, left_out = (1 - Fraction(markup) / 100 for markup in (inward, outward))
    exactly, markups = Fraction(rate), (inward, outward)
    for rows, in_dollars in (
        ([row("CNY", "USD", rate, *markups)], exactly),
        ([row("USD", "CNY", rate, *markups)], 1 / exactly),
    ):
        assert is_next_below(pair_rate(rows, "CNY", "USD"), in_dollars * left_in)
        assert is_next_below(pair_rate(rows, "USD", "CNY"), left_out / in_dollars)


@given(RATES, MARKUPS, MARKUPS)
def test_between_two_other_currencies_there_is_no_mark_up(
    rate: Decimal, inward: Decimal, outward: Decimal
) -> None:
    rows = [row("EUR", "GBP", rate, inward, outward)]
    assert pair_rate(rows, "EUR", "GBP") == rate
    assert is_next_below(pair_rate(rows, "GBP", "EUR"), 1 / Fraction(rate))


@given(RATES, MARKUPS, MARKUPS)
def test_nobody_gains_by_changing_there_and_back(
    rate: Decimal, inward: Decimal, outward: Decimal
) -> None:
    rows = [row("USD", "CNY", rate, inward, outward)]
    there, back = pair_rate(rows, "USD", "CNY"), pair_rate(rows, "CNY", "USD")
    assert there is None or back is None or Fraction(there) * Fraction(back) <= 1


@given(RATES, st.lists(MARKUPS, min_size=2, max_size=2), st.booleans(), st.booleans())
def test_a_higher_mark_up_never_favours_the_client(
    rate: Decimal, markups: list[Decimal], is_inverse: bool, is_deposit: bool
) -> None:
    pair = ("USD", "CNY") if is_inverse else ("CNY", "USD")
    asked = ("CNY", "USD") if is_deposit else ("USD", "CNY")
    told = [
        pair_rate([row(*pair, rate, markup, markup)], *asked) or 0
        for markup in (Decimal(0), *sorted(markups))
    ]
    assert told == sorted(told, reverse=True)


@given(RATES, RATES, st.booleans(), st.booleans(), MARKUPS)
def test_a_cross_is_rounded_once_and_has_no_mark_up(
    first: Decimal, second: Decimal, turned: bool, turned_too: bool, markup: Decimal
) -> None:
    there = row("USD", "CNY", first, markup, markup) if turned else row("CNY", "USD", first)
    back = row("HKD", "USD", second, markup, markup) if turned_too else row("USD", "HKD", second)
    exactly = 1 / Fraction(first) if turned else Fraction(first)
    exactly *= 1 / Fraction(second) if turned_too else Fraction(second)
    assert is_next_below(pair_rate([there, back], "CNY", "HKD"), exactly)


@given(RATES)
def test_a_third_of_a_third_times_three_loses_nothing_on_the_way(rate: Decimal) -> None:
    rows = [row("USD", "CNY", rate), row("USD", "HKD", rate)]
    assert pair_rate(rows, "CNY", "HKD") == 1


def test_what_is_set_comes_before_what_follows_from_it() -> None:
    direct, opposite = row("CNY", "HKD", Decimal("1.08")), row("HKD", "CNY", Decimal("0.5"))
    cross = [row("CNY", "USD", Decimal("0.139")), row("USD", "HKD", Decimal("7.8"))]
    assert pair_rate([direct, opposite, *cross], "CNY", "HKD") == Decimal("1.08")
    assert pair_rate([opposite, *cross], "CNY", "HKD") == 2
    assert pair_rate(cross, "CNY", "HKD") == Decimal("1.0842")
    assert pair_rate(cross[:1], "CNY", "HKD") is None
    assert pair_rate(cross[1:], "CNY", "HKD") is None
    assert pair_rate([], "CNY", "CNY") == 1


def test_there_is_no_cross_over_any_other_currency() -> None:
    rows = [row("CNY", "EUR", Decimal(2)), row("EUR", "HKD", Decimal(2))]
    assert pair_rate(rows, "CNY", "HKD") is None


@pytest.mark.parametrize(
    ("rows", "pair"),
    [
        ([("BTC", "VND", "2500000000", "0")], ("VND", "BTC")),
        ([("CNY", "USD", "0.00000001", "0.00000001")], ("CNY", "USD")),
        ([("CNY", "USD", "9999999999999", "0"), ("USD", "HKD", "10", "0")], ("CNY", "HKD")),
    ],
    ids=["nothing left of an inverse", "nothing left by the mark-up", "more than there is room"],
)
def test_a_rate_that_cannot_be_told_is_none(
    rows: list[tuple[str, str, str, str]], pair: tuple[str, str]
) -> None:
    kept = [
        row(base, quote, Decimal(rate), Decimal(markup), Decimal(markup))
        for base, quote, rate, markup in rows
    ]
    assert pair_rate(kept, *pair) is None


def test_how_others_reckon_changes_no_rate() -> None:
    rows = [row("USD", "CNY", Decimal("7.12345678"), Decimal("0.3"), Decimal("0.7"))]
    before = pair_rate(rows, "CNY", "USD"), pair_rate(rows, "USD", "CNY")
    with localcontext() as context:
        context.prec = 3
        context.rounding = "ROUND_UP"
        assert (pair_rate(rows, "CNY", "USD"), pair_rate(rows, "USD", "CNY")) == before


@pytest.mark.parametrize(
    "value",
    [
        *(Decimal(text) for text in ("NaN", "sNaN", "Infinity", "-Infinity", "1E+3")),
        *(Decimal("0." + "1" * 31), 7.1, 7, "7.1", True),
    ],
    ids=repr,
)
def test_what_is_not_exact_is_not_kept(value: Json) -> None:
    with pytest.raises(ValueError, match="number"):
        Exact().process_bind_param(value, sqlite.dialect())


def test_a_float_never_becomes_a_rate(broker: Broker) -> None:
    floating: Json = 7.1234
    kept = row("USD", "CNY", floating)
    with pytest.raises(StatementError, match="not an exact number"):
        broker.server.services.database.write(broker.boundary, lambda session: session.add(kept))


@pytest.fixture
def kept_in(broker: Broker) -> Callable[[Decimal], Decimal]:
    """What the database gives back for a number that it was given."""
    database, code = broker.server.services.database, "USD"

    def keep(number: Decimal) -> Decimal:
        def write(session: Json) -> Decimal:
            kept = row(code, "CNY", number)
            session.add(kept)
            session.flush()
            session.expunge_all()
            read: Decimal = session.exec(select(col(ExchangeRate.rate))).one()
            session.delete(session.exec(select(ExchangeRate)).one())
            return read

        return database.write(broker.boundary, write)

    return keep


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    number=st.decimals(
        allow_nan=False, allow_infinity=False, places=8, min_value=0, max_value=Decimal("9" * 21)
    )
)
def test_a_number_comes_back_as_it_was_written(
    kept_in: Callable[[Decimal], Decimal], number: Decimal
) -> None:
    assert kept_in(number).as_tuple() == number.as_tuple()


def test_trailing_zeros_stay_and_no_exponent_is_written(broker: Broker) -> None:
    def write(session: Json) -> list[str]:
        session.add(row("USD", "CNY", Decimal("7.10000000")))
        session.add(row("USD", "HKD", Decimal("0.00000001")))
        session.flush()
        written = "SELECT rate FROM exchange_rate WHERE tenant_id = {} ORDER BY quote"
        statement = written.format(broker.tenant_id)
        return [text for (text,) in session.connection().exec_driver_sql(statement)]

    told = broker.server.services.database.write(broker.boundary, write)
    assert told == ["7.10000000", "0.00000001"]
