"""What clients pay for a deposit: the amount and the fee, in a currency that the channel takes."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from cashier import drafts
from cashier.drafts import DepositWanted
from contract.problems import Problem
from models.boundaries import BoundSession
from models.channel import Channel, FeeType
from models.exchange_rate import ExchangeRate
from models.money import LARGEST, Denomination
from tests import channels
from tests.cashier import Till
from tests.outgoing import standing
from tests.server import Server, problem
from tests.trading import Floor

Json = Any

FREE: Json = {"fee_type": "fixed", "fee_value": "0"}
HUNDREDTHS = st.integers(1, 10**9).map(lambda number: Decimal(number).scaleb(-2))
RATES = st.integers(1, 10**13).map(lambda number: Decimal(number).scaleb(-8))
PERCENTAGES = st.integers(0, 10**10 - 1).map(lambda number: Decimal(number).scaleb(-8))
# By code: how many places its amounts have, and how the rate is written.
CURRENCIES = {"USD": 2, "CNY": 2, "JPY": 0, "USDT": 6}


@pytest.fixture(scope="module")
def shared(server: Server) -> Iterator[Till]:
    """A client who only drafts."""
    found = Till(Floor(server.broker()))
    assert found.account
    yield found
    assert (standing(found), found.violations()) == ({}, [])


@pytest.fixture
def channel(shared: Till) -> int:
    """A new channel that costs nothing."""
    return channels.publish(shared.broker, currencies=["USD"])


def paid_for(till: Till, channel: int, amount: str) -> tuple[str, int, int]:
    """The currency of a new draft, what is paid in it, and the fee, both in minor units."""
    order = till.order(till.draft(amount, remittance_id=channel))
    assert order.currency == "USD"
    return order.pay_currency, order.pay_amount, order.fee


@pytest.mark.parametrize(
    ("kind", "value", "fee"),
    [
        ("fixed", "0", 0),
        ("fixed", "2.5", 2_50),
        ("percent", "1.5", 1_12),  # 1.11555, rounded up
        ("percent", "0.00000001", 1),
        ("percent", "0", 0),
    ],
)
def test_a_fee_is_paid_on_top(shared: Till, channel: int, kind: str, value: str, fee: int) -> None:
    shared.costs(channel, fee_type=kind, fee_value=value)
    assert paid_for(shared, channel, "74.37") == ("USD", 74_37 + fee, fee)


@pytest.mark.parametrize(
    ("taken", "offered", "chosen"),
    [
        (["CNY", "USD"], ["CNY", "USD"], "USD"),
        (["CNY", "JPY"], ["JPY", "CNY", "USD"], "CNY"),
        (["JPY", "CNY"], ["CNY", "JPY", "USD"], "JPY"),
        (["JPY", "CNY"], ["CNY", "USD"], "CNY"),
    ],
)
def test_the_account_s_own_currency_is_paid_where_the_channel_takes_it_else_the_first(
    shared: Till, channel: int, taken: list[str], offered: list[str], chosen: str
) -> None:
    for code in ("CNY", "JPY"):
        shared.rate("USD", code, "7")
    shared.costs(channel, currencies=taken)
    shared.broker.configure("offer", currencies=offered)
    try:
        assert paid_for(shared, channel, "100")[0] == chosen
    finally:
        shared.broker.configure("offer", currencies=list(CURRENCIES))


@pytest.mark.parametrize(
    ("base", "quote", "rate", "markup", "paid"),
    [
        ("USD", "CNY", "7.2", "0", 734_40),
        ("USD", "CNY", "7.2", "1", 741_82),  # 102 x 7.27272728 = 741.81818256
        ("CNY", "USD", "0.14", "0", 728_58),  # 102 x 7.14285715 = 728.5714293
        ("USD", "JPY", "150.005", "0", 15_301),  # 15300.51
        ("USDT", "USD", "0.9995", "0", 102_051_027),  # 102 x 1.00050026 = 102.05102652
    ],
)
def test_the_rate_is_the_inverse_of_the_way_in_and_whatever_is_rounded_is_rounded_up(
    shared: Till, channel: int, base: str, quote: str, rate: str, markup: str, paid: int
) -> None:
    currency = quote if base == "USD" else base
    disable_rates(shared)
    shared.rate(base, quote, rate, markup_in=markup, markup_out="50")
    shared.costs(channel, currencies=[currency], fee_value="2")
    assert paid_for(shared, channel, "100") == (currency, paid, 2_00)


def disable_rates(till: Till) -> None:
    """None is enabled any more."""

    def write(session: BoundSession) -> None:
        for row in session.exec(select(ExchangeRate)):
            row.is_enabled = False

    till.broker.server.services.database.write(till.broker.boundary, write)


def test_without_a_rate_nothing_is_drafted(shared: Till, channel: int) -> None:
    disable_rates(shared)
    shared.costs(channel, currencies=["JPY"])
    before = len(shared.deposits())
    answer = shared.floor.call(
        "create_deposit_draft", shared.wants_to_pay_in("100", remittance_id=channel)
    )
    assert problem(answer) == (404, "RATE_NOT_FOUND")
    assert len(shared.deposits()) == before


def test_what_was_drafted_stays_whatever_rate_and_fee_become(shared: Till, channel: int) -> None:
    disable_rates(shared)
    shared.rate("USD", "CNY", "7.2", markup_in="0")
    shared.costs(channel, currencies=["CNY"], fee_value="2")
    number = shared.draft("100", remittance_id=channel)
    shared.rate("USD", "CNY", "9")
    shared.costs(channel, fee_value="20")
    order = shared.order(number)
    assert (order.pay_amount, order.fee, order.rate) == (734_40, 2_00, Decimal("7.2"))


@pytest.mark.long
def test_whatever_is_drafted_the_client_pays_its_worth_and_less_than_a_unit_more(
    shared: Till, channel: int
) -> None:
    """In one transaction, so that hundreds of drafts take seconds."""
    shared.rate("USD", "CNY", "7.2")

    def write(session: BoundSession) -> None:
        offer = session.get_one(Channel, channel)
        offer.min_amount, offer.max_amount = Decimal("0.01"), Decimal(10**10)
        row, *others = session.exec(
            select(ExchangeRate).order_by(col(ExchangeRate.is_enabled).desc())
        )
        for other in others:
            session.delete(other)
        session.flush()
        draft_any(session, shared, offer, row)

    shared.broker.server.services.database.write(shared.broker.boundary, write)


def draft_any(session: BoundSession, till: Till, offer: Channel, row: ExchangeRate) -> None:
    now = till.broker.server.clock()
    place = (till.floor.user.id, till.account, offer.id)

    @settings(max_examples=300, deadline=None, database=None)
    @given(
        currency=st.sampled_from(sorted(CURRENCIES)),
        is_inverse=st.booleans(),
        rate=RATES,
        markup=PERCENTAGES,
        fee=st.one_of(
            st.tuples(st.just(FeeType.FIXED), HUNDREDTHS | st.just(Decimal(0))),
            st.tuples(st.just(FeeType.PERCENT), PERCENTAGES),
        ),
        amount=HUNDREDTHS,
    )
    def draft(
        currency: str,
        is_inverse: bool,
        rate: Decimal,
        markup: Decimal,
        fee: tuple[FeeType, Decimal],
        amount: Decimal,
    ) -> None:
        row.base, row.quote = (currency, "USD") if is_inverse else ("USD", currency)
        row.rate, row.markup_in = rate, markup
        offer.currencies, (offer.fee_type, offer.fee_value) = [currency], fee
        wanted = DepositWanted(*place, f"{amount:f}", "", ("en",))
        try:
            found = drafts.reckoned(session, wanted, now)
        except Problem as refused:
            if refused.code != "RATE_NOT_FOUND":
                require_too_much(session, refused, amount, currency, fee)
            assume(False)
        require_exact(found, currency, fee)

    draft()


def require_too_much(
    session: BoundSession,
    refused: Problem,
    amount: Decimal,
    currency: str,
    fee: tuple[FeeType, Decimal],
) -> None:
    """That is, more than an order can hold."""
    assert refused.code == "AMOUNT_OUT_OF_RANGE"
    kind, value = fee
    exact_fee = Fraction(value) * (Fraction(amount) / 100 if kind is FeeType.PERCENT else 1)
    rate = ExchangeRate.to_pay_in(session, "USD", currency)
    rounded_up = Fraction(amount) + exact_fee + Fraction(1, 100)
    assert rounded_up * Fraction(rate) * 10 ** CURRENCIES[currency] > LARGEST - 1


def require_exact(found: drafts.Draft, currency: str, fee: tuple[FeeType, Decimal]) -> None:
    kind, value = fee
    assert found.pays.unit == Denomination(currency, CURRENCIES[currency])
    exact_fee = Fraction(value) * (found.amount.minor if kind is FeeType.PERCENT else 100 * 100)
    assert 0 <= found.fee.minor - exact_fee / 100 < 1
    whole = Fraction(found.amount.minor + found.fee.minor, 100)
    worth = whole * Fraction(found.rate) * 10 ** CURRENCIES[currency]
    assert 0 <= found.pays.minor - worth < 1
