"""What a withdrawal comes to: the client has seen a quote, and gets what it says or nothing."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cashier import Till
from tests.outgoing import WITHDRAW
from tests.server import Server, problem
from tests.trading import Floor, told

Json = Any


def quote(fee: str, rate: str, remittance: str, currency: str = "USD") -> Json:
    """As a client sends it back."""
    shown = {"fee": fee, "exchange_rate": rate, "remittance_amount": remittance}
    return {"currency": currency, **shown}


@pytest.fixture(scope="module")
def shared(server: Server) -> Iterator[Till]:
    """A client with 500 dollars, whose orders are all rejected."""
    found = Till(Floor(server.broker()))
    found.broker.configure("offer", currencies=["USD", "CNY", "JPY", "USDT", "EUR"])
    found.fund("500.00")
    yield found
    assert (found.balance(), found.violations()) == ("500.00", [])


@pytest.fixture
def rich(shared: Till) -> Till:
    """The same, and a channel that costs nothing."""
    free = {"fee_type": "fixed", "fee_value": "0", "currencies": ["USD", "CNY", "EUR"]}
    shared.costs(shared.bank, **free)
    return shared


def rate(till: Till, currency: str, worth: str, markup: str = "0") -> None:
    """What a dollar is worth; what is kept of deposits does not matter."""
    till.rate("USD", currency, worth, markup_out=markup, markup_in="50")


def granted(till: Till, amount: str, shown: Json) -> tuple[int, int]:
    """The fee and what is to arrive, in minor units, of an order by a quote."""
    number = told(WITHDRAW.ask(till, amount=amount, **shown))["order_number"]
    order = till.order(number)
    assert order.remittance_currency == shown["currency"]
    till.work()
    till.reject(number)
    return order.fee, order.remittance_amount


@pytest.mark.parametrize(
    ("kind", "value", "fee", "left"),
    [
        ("fixed", "2", "2.00", "31.33"),
        ("fixed", "0", "0.00", "33.33"),
        ("percent", "1.5", "0.50", "32.83"),  # 0.49995, rounded up
        ("percent", "0.00000001", "0.01", "33.32"),
    ],
)
def test_a_fee_is_taken_off_what_arrives(
    rich: Till, kind: str, value: str, fee: str, left: str
) -> None:
    rich.costs(rich.bank, fee_type=kind, fee_value=value)
    minor = tuple(int(text.replace(".", "")) for text in (fee, left))
    assert granted(rich, "33.33", quote(fee, "1.00000000", left)) == minor


@pytest.mark.parametrize(
    ("currency", "worth", "markup", "told_rate", "left", "minor"),
    [
        ("CNY", "7.2", "0", "7.20000000", "705.60", 705_60),
        ("CNY", "7.2", "1", "7.12800000", "698.54", 698_54),  # 698.544
        ("JPY", "151.237", "0", "151.23700000", "14821", 14_821),  # 14821.226
        ("USDT", "0.99987654", "0.3", "0.99687691", "97.693937", 97_693_937),
    ],
)
def test_what_arrives_is_rounded_down_in_its_own_currency(
    rich: Till, currency: str, worth: str, markup: str, told_rate: str, left: str, minor: int
) -> None:
    rich.costs(rich.bank, currencies=[currency], fee_value="2")
    rate(rich, currency, worth, markup)
    shown = quote("2.00", told_rate, left, currency)
    assert granted(rich, "100.00", shown) == (2_00, minor)


@pytest.mark.parametrize(
    "shown",
    [
        quote("2", "7.2", "705.6", "CNY"),
        quote("2.00000000", "7.20000000", "705.60000000", "CNY"),
        quote("2.0", "0007.2", "705.60", "CNY"),
    ],
)
def test_zeros_at_the_ends_of_figures_do_not_matter(rich: Till, shown: Json) -> None:
    rich.costs(rich.bank, fee_value="2")
    rate(rich, "CNY", "7.2")
    assert granted(rich, "100.00", shown) == (2_00, 705_60)


@pytest.mark.parametrize(
    "changed",
    [
        {"fee": "1.99"},
        {"fee": "2.00000001"},
        {"exchange_rate": "7.20000001"},
        {"exchange_rate": "1"},
        {"remittance_amount": "705.61"},
        {"remittance_amount": "705.59"},
        {"remittance_amount": "705.60000001"},
    ],
)
def test_another_quote_than_the_right_one_is_refused_and_the_right_one_told(
    rich: Till, changed: Json
) -> None:
    rich.costs(rich.bank, fee_value="2")
    rate(rich, "CNY", "7.2")
    right = quote("2.00", "7.20000000", "705.60", "CNY")
    before = len(rich.withdrawals())
    answer = WITHDRAW.ask(rich, amount="100.00", **right | changed)
    assert problem(answer) == (409, "QUOTE_CHANGED")
    assert len(rich.withdrawals()) == before
    details = answer.json()["details"]
    assert details == {name: right[name] for name in right if name != "currency"}
    assert granted(rich, "100.00", right | details) == (2_00, 705_60)


def test_a_rate_that_has_moved_meanwhile_is_told_anew(rich: Till) -> None:
    rate(rich, "CNY", "7.2")
    shown = quote("0.00", "7.20000000", "720.00", "CNY")
    rate(rich, "CNY", "7.1")
    answer = WITHDRAW.ask(rich, amount="100.00", **shown)
    assert problem(answer) == (409, "QUOTE_CHANGED")
    assert answer.json()["details"]["remittance_amount"] == "710.00"


def test_an_order_keeps_its_rate_whatever_becomes_of_that_of_the_day(rich: Till) -> None:
    rate(rich, "CNY", "7.2")
    number = rich.withdraw("100.00", **quote("0.00", "7.2", "720.00", "CNY"))
    rate(rich, "CNY", "1")
    rich.costs(rich.bank, fee_value="5")
    row = rich.order(number)
    rich.reject(number)
    assert (f"{row.rate:f}", row.remittance_amount, row.fee) == ("7.20000000", 720_00, 0)


def test_a_currency_without_a_rate_cannot_be_paid(rich: Till) -> None:
    shown = quote("0.00", "0.90000000", "90.00", "EUR")
    assert problem(WITHDRAW.ask(rich, amount="100.00", **shown)) == (409, "CURRENCY_MISMATCH")


def test_of_an_amount_that_is_worth_nothing_there_nothing_arrives(rich: Till) -> None:
    rich.costs(rich.bank, currencies=["JPY"])
    rate(rich, "JPY", "0.01")
    answer = WITHDRAW.ask(rich, amount="10.00", **quote("0.00", "0.01", "0.10", "JPY"))
    assert problem(answer) == (409, "AMOUNT_OUT_OF_RANGE")
