"""Rates and networks at the console: what operators may set, and what is written down of it."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from pydantic import ValidationError
from sqlmodel import col, select

from backoffice.desk import Desk
from backoffice.rates import RateForm, set_rate
from models.audit_entry import AuditEntry
from models.crypto_network import addresses
from models.exchange_rate import ExchangeRate
from tests.console import Console, console
from tests.server import Broker

__all__ = ["console"]

Json = Any


def log(broker: Broker) -> list[tuple[str, str, Json, Json]]:
    """Deed, subject, before and after of every entry."""
    database = broker.server.services.database
    entries = database.read(
        broker.boundary,
        lambda session: session.exec(select(AuditEntry).order_by(col(AuditEntry.number))).all(),
    )
    return [(entry.deed, entry.subject, entry.before, entry.after) for entry in entries]


def test_a_rate_is_set_changed_and_disabled(console: Console) -> None:
    console.operator(
        *("rate", "set", "USD", "CNY", "7.1234", "--markup-in", "0.5", "--markup-out", "1.25")
    )
    line = "USD    CNY    7.1234  in 0.5 %  out 1.25 %  manual  20"
    assert console.operator("rate", "list").startswith(line)
    assert console.operator("rate", "set", "USD", "CNY", "0.0000001") == ""
    assert console.operator("rate", "disable", "USD", "CNY") == ""
    assert console.operator("rate", "list").endswith(" UTC  disabled\n")
    markups = {"base": "USD", "quote": "CNY", "markup_in": "0.5", "markup_out": "1.25"}
    first = {**markups, "rate": "7.1234", "source": "manual", "is_enabled": True}
    second = {**first, "rate": "0.0000001"}
    assert log(console.broker) == [
        ("rate_set", "rate USD CNY", None, first),
        ("rate_set", "rate USD CNY", first, second),
        ("rate_disabled", "rate USD CNY", {"is_enabled": True}, {"is_enabled": False}),
    ]


def test_a_mark_up_that_is_left_out_stays_as_it_is(console: Console) -> None:
    console.operator("rate", "set", "USD", "CNY", "7.1")
    assert "7.1  in 0 %  out 0 %" in console.operator("rate", "list")
    console.operator("rate", "set", "USD", "CNY", "7.2", "--markup-out", "2")
    console.operator("rate", "set", "USD", "CNY", "7.3", "--markup-in", "1")
    assert "7.3  in 1 %  out 2 %" in console.operator("rate", "list")
    console.operator("rate", "set", "USD", "CNY", "7.4", "--markup-in", "0", "--markup-out", "0")
    assert "7.4  in 0 %  out 0 %" in console.operator("rate", "list")


def test_a_rate_that_is_set_again_is_enabled_and_dated_anew(console: Console) -> None:
    console.operator("rate", "set", "USD", "CNY", "7.1")
    before = console.operator("rate", "list")
    console.operator("rate", "disable", "USD", "CNY")
    console.broker.server.clock.forward(days=1)
    console.operator("rate", "set", "USD", "CNY", "7.1")
    again = console.operator("rate", "list")
    assert "disabled" not in again
    assert again != before
    assert again.count("\n") == 1


def test_rates_are_listed_by_their_codes(console: Console) -> None:
    for pair in (("USD", "HKD"), ("EUR", "USD"), ("USD", "CNY")):
        console.operator("rate", "set", *pair, "2")
    listed = console.operator("rate", "list").splitlines()
    assert [tuple(line.split()[:2]) for line in listed] == [
        *(("EUR", "USD"), ("USD", "CNY"), ("USD", "HKD")),
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("USD", "CNY", "0"), "rate: "),
        (("USD", "CNY", "0.00000000"), "rate: "),
        (("USD", "CNY", "7.123456789"), "rate: "),
        (("USD", "CNY", "10000000000000"), "rate: "),
        (("USD", "CNY", "1e3"), "rate: "),
        (("USD", "CNY", "NaN"), "rate: "),
        (("USD", "CNY", "7,1"), "rate: "),
        (("USD", "CNY", "\uff17"), "rate: "),
        (("USD", "CNY", "+7"), "rate: "),
        (("USD", "CNY", "7."), "rate: "),
        (("USD", "CNY", "7\n"), "rate: "),
        (("USD", "CNY", "7", "--markup-in", "100"), "markup_in: "),
        (("USD", "CNY", "7", "--markup-out", "100"), "markup_out: "),
        (("USD", "CNY", "7", "--markup-out=-1"), "markup_out: "),
        (("USD", "CNY", "7", "--markup-in", "0.123456789"), "markup_in: "),
        (("USD", "USD", "1"), "worth 1 of itself"),
        (("USD", "DEM", "2"), "there is no currency DEM"),
        (("usd", "CNY", "7"), "there is no currency usd"),
        (("CNY", "USD", "0.00000001", "--markup-in", "1"), "nothing is left"),
    ],
)
def test_a_rate_that_makes_no_sense_is_refused(
    console: Console, arguments: tuple[str, ...], told: str
) -> None:
    assert told in console.refused("rate", "set", *arguments)
    assert console.operator("rate", "list") == ""
    assert log(console.broker) == []


@pytest.mark.parametrize("rate", [7.1, 7, True, None])
def test_a_rate_is_written_as_text(rate: Json) -> None:
    with pytest.raises(ValidationError, match="is text of at most 13 digits"):
        RateForm.model_validate({"base": "USD", "quote": "CNY", "rate": rate})


def test_the_largest_rate_and_mark_up_are_taken(console: Console) -> None:
    console.operator("rate", "set", "USD", "CNY", "9999999999999.99999999", "--markup-in", "99.99")
    assert "9999999999999.99999999  in 99.99 %" in console.operator("rate", "list")


def test_what_is_not_there_cannot_be_disabled(console: Console) -> None:
    console.operator("rate", "set", "USD", "CNY", "7")
    console.operator("network", "add", "TRC20", "--pattern", "T.*")
    assert "no rate CNY USD" in console.refused("rate", "disable", "CNY", "USD")
    assert "no network ERC20" in console.refused("network", "disable", "ERC20")
    assert len(log(console.broker)) == 2


def test_several_who_set_a_new_rate_at_once_leave_one(broker: Broker) -> None:
    together, parts = Barrier(6), broker.server.services

    def work(number: int) -> None:
        form = RateForm.model_validate({"base": "USD", "quote": "CNY", "rate": str(number)})
        together.wait(10)
        parts.database.write(
            broker.boundary,
            lambda session: set_rate(Desk(session, parts.audit, parts.clock(), "console"), form),
        )

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(1, 7)))
    (row,) = parts.database.read(
        broker.boundary, lambda session: session.exec(select(ExchangeRate)).all()
    )
    entries = log(broker)
    afters = [after["rate"] for _, _, _, after in entries]
    befores = [before and before["rate"] for _, _, before, _ in entries]
    assert sorted(afters) == ["1", "2", "3", "4", "5", "6"]
    assert befores == [None, *afters[:-1]]
    assert f"{row.rate:f}" == afters[-1]


def test_a_network_is_added_changed_and_disabled(console: Console) -> None:
    tron = "T[1-9A-HJ-NP-Za-km-z]{33}"
    console.operator("network", "add", "TRC20", "--pattern", "T.{33}", "--sort-order", "3")
    console.operator("network", "add", "ERC20", "--pattern", "0x[0-9A-Fa-f]{40}")
    console.operator("network", "disable", "TRC20")
    assert console.operator("network", "list") == (
        "   0  ERC20         0x[0-9A-Fa-f]{40}\n   3  TRC20         T.{33}  disabled\n"
    )
    console.operator("network", "add", "TRC20", "--pattern", tron)
    assert f"   3  TRC20         {tron}\n" in console.operator("network", "list")
    told = {"name": "TRC20", "address_pattern": "T.{33}", "sort_order": 3, "is_enabled": True}
    entries = log(console.broker)
    assert entries[0] == ("network_set", "network USDT TRC20", None, told)
    assert entries[2] == (
        *("network_disabled", "network USDT TRC20", {"is_enabled": True}, {"is_enabled": False}),
    )
    assert entries[3][2:] == (
        {**told, "is_enabled": False},
        {**told, "address_pattern": tron},
    )


@pytest.mark.parametrize(
    ("name", "pattern", "told"),
    [
        ("TRC20", "(", "address_pattern: "),
        ("TRC20", "a)|(b", "address_pattern: "),
        ("TRC20", "(?x)a #", "address_pattern: "),
        ("TRC20", r"(.)\1", "address_pattern: "),
        ("TRC20", "(?=T).*", "address_pattern: "),
        ("TRC20", "a{1000}{1000}", "address_pattern: "),
        ("TRC20", "x" * 201, "address_pattern: "),
        ("TRC20", "", "address_pattern: "),
        ("TRC20", "T\nx", "address_pattern: "),
        ("", "T.*", "name: "),
        ("-TRC", "T.*", "name: "),
        ("<b>TRC</b>", "T.*", "name: "),
        ("N" * 33, "T.*", "name: "),
    ],
)
def test_a_network_that_makes_no_sense_is_refused(
    console: Console, name: str, pattern: str, told: str
) -> None:
    assert told in console.refused("network", "add", f"--pattern={pattern}", "--", name)
    assert console.operator("network", "list") == ""
    assert log(console.broker) == []


@pytest.mark.parametrize(
    ("pattern", "address", "is_taken"),
    [
        ("T[0-9]{3}", "T123", True),
        ("T[0-9]{3}", "T1234", False),
        ("T[0-9]{3}", "xT123", False),
        ("T[0-9]{3}", "T123\n", False),
        ("a|b", "ab", False),
        ("a|b", "b", True),
        ("(a+)+b", "a" * 20_000, False),
    ],
)
def test_a_pattern_is_that_of_a_whole_address(pattern: str, address: str, is_taken: bool) -> None:
    try:
        addresses(pattern).validate_python(address)
    except ValidationError:
        assert not is_taken
    else:
        assert is_taken
