"""Networks, rates and currencies of a channel as clients see them: wlink 46 to 48 and 58."""

from decimal import Decimal
from typing import Any

import pytest

from backoffice import networks, rates
from models.channel import Channel, ChannelMethod, Direction
from tests.server import Broker, problem
from wlink.demo_content import fill

Json = Any

PAGE: Json = {"page": 1, "size": 20}


class Client:
    """Somebody who is logged in, and what he is answered."""

    def __init__(self, broker: Broker) -> None:
        self.broker, self.token = broker, broker.login(broker.user())

    def ask(self, name: str, *, language: str = "en", **query: Json) -> Any:
        headers = {"X-Language": language}
        return self.broker.call(name, token=self.token, query=query, headers=headers)

    def told(self, name: str, **query: Json) -> Json:
        answer = self.ask(name, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def rate(self, base: str, quote: str) -> str:
        shown = self.told("get_exchange_rate", from_currency=base, to_currency=quote)
        rate: str = shown["exchange_rate"]
        return rate

    def has_no_rate(self, base: str, quote: str) -> bool:
        answer = self.ask("get_exchange_rate", from_currency=base, to_currency=quote)
        return problem(answer) == (404, "RATE_NOT_FOUND")

    def rates(self, page: int = 1, size: int = 20) -> tuple[list[tuple[str, str, str]], int]:
        shown = self.told("list_exchange_rates", page=page, size=size)
        names = ("base_currency", "quote_currency", "exchange_rate")
        found = [(each[names[0]], each[names[1]], each[names[2]]) for each in shown["list"]]
        return found, shown["total"]

    def networks(self, page: int = 1, size: int = 20) -> tuple[list[str], int]:
        shown = self.told("list_crypto_networks", page=page, size=size)
        return [each["network"] for each in shown["list"]], shown["total"]


@pytest.fixture
def client(broker: Broker) -> Client:
    return Client(broker)


def set_rate(broker: Broker, base: str, quote: str, rate: str, *markups: str) -> None:
    """With mark-ups for deposits and withdrawals."""
    names = ("markup_in", "markup_out")
    written = dict(zip(names, markups, strict=True)) if markups else {}
    form = rates.RateForm.model_validate({"base": base, "quote": quote, "rate": rate, **written})
    broker.desk(lambda desk: rates.set_rate(desk, form))


def disable_rate(broker: Broker, base: str, quote: str) -> None:
    broker.desk(lambda desk: rates.disable_rate(desk, base, quote))


def add_network(broker: Broker, name: str, sort_order: int | None = None) -> None:
    form = networks.NetworkForm(name=name, address_pattern="T.{33}", sort_order=sort_order)
    broker.desk(lambda desk: networks.add_network(desk, form))


def channel(broker: Broker, *codes: str, **changed: Json) -> int:
    """The id of a new one."""
    row = Channel(
        name={"en": "A channel"},
        direction=Direction.DEPOSIT,
        method=ChannelMethod.OFFLINE,
        currencies=list(codes),
        account_info={},
        created_at=broker.server.clock(),
        updated_at=broker.server.clock(),
    )
    row.sqlmodel_update(changed)

    def write(session: Any) -> int:
        session.add(row)
        session.flush()
        return row.id

    return broker.server.services.database.write(broker.boundary, write)


def test_a_currency_is_worth_one_of_itself(client: Client) -> None:
    set_rate(client.broker, "USD", "CNY", "7", "10", "10")
    assert [client.rate(code, code) for code in ("USD", "CNY")] == ["1.00000000"] * 2


def test_the_rate_of_a_pair_is_the_one_that_the_operator_has_set(client: Client) -> None:
    assert client.has_no_rate("EUR", "GBP")
    set_rate(client.broker, "EUR", "GBP", "0.8612", "5", "5")
    assert client.rate("EUR", "GBP") == "0.86120000"
    set_rate(client.broker, "EUR", "GBP", "0.87")
    assert client.rate("EUR", "GBP") == "0.87000000"


def test_a_client_gets_less_by_the_mark_up_of_his_direction(client: Client) -> None:
    set_rate(client.broker, "USD", "CNY", "7.2", "1", "2")
    assert client.rate("USD", "CNY") == "7.05600000"
    assert client.rate("CNY", "USD") == "0.13750000"
    set_rate(client.broker, "CNY", "USD", "0.14", "5", "50")
    assert client.rate("CNY", "USD") == "0.13300000"
    assert client.rate("USD", "CNY") == "7.05600000"


def test_without_a_rate_the_inverse_counts_and_then_a_cross_over_dollars(client: Client) -> None:
    broker = client.broker
    set_rate(broker, "USD", "CNY", "7", "1", "1")
    set_rate(broker, "HKD", "USD", "0.13", "1", "1")
    assert client.rate("CNY", "HKD") == "1.09890109"
    set_rate(broker, "HKD", "CNY", "3")
    assert client.rate("CNY", "HKD") == "0.33333333"
    set_rate(broker, "CNY", "HKD", "1.1")
    assert client.rate("CNY", "HKD") == "1.10000000"
    disable_rate(broker, "CNY", "HKD")
    assert client.rate("CNY", "HKD") == "0.33333333"
    disable_rate(broker, "HKD", "CNY")
    assert client.rate("CNY", "HKD") == "1.09890109"
    disable_rate(broker, "HKD", "USD")
    assert client.has_no_rate("CNY", "HKD")
    set_rate(broker, "HKD", "USD", "0.13")
    assert client.rate("CNY", "HKD") == "1.09890109"


def test_a_pair_that_leaves_nothing_has_no_rate(client: Client) -> None:
    set_rate(client.broker, "BTC", "VND", "2500000000")
    assert client.rate("BTC", "VND") == "2500000000.00000000"
    assert client.has_no_rate("VND", "BTC")


def test_the_largest_and_the_smallest_rate_are_told(client: Client) -> None:
    set_rate(client.broker, "BTC", "VND", "9999999999999.99999999")
    set_rate(client.broker, "VND", "BTC", "0.00000001")
    assert client.rate("BTC", "VND") == "9999999999999.99999999"
    assert client.rate("VND", "BTC") == "0.00000001"


def test_rates_of_one_broker_are_no_other_s(client: Client) -> None:
    other = Client(client.broker.server.broker())
    set_rate(client.broker, "USD", "CNY", "7.1")
    set_rate(other.broker, "USD", "CNY", "6.9")
    add_network(client.broker, "TRC20")
    assert (client.rate("USD", "CNY"), other.rate("USD", "CNY")) == ("7.10000000", "6.90000000")
    disable_rate(other.broker, "USD", "CNY")
    assert client.rate("USD", "CNY") == "7.10000000"
    assert other.has_no_rate("USD", "CNY")
    assert other.rates() == ([], 0)
    assert other.networks() == ([], 0)


def test_the_list_tells_every_enabled_rate_as_a_pair_is_told(client: Client) -> None:
    broker = client.broker
    assert client.rates() == ([], 0)
    set_rate(broker, "USD", "HKD", "7.8", "1", "2")
    set_rate(broker, "USD", "CNY", "7.2", "1", "2")
    set_rate(broker, "CNY", "USD", "0.14", "5", "6")
    set_rate(broker, "EUR", "GBP", "0.86", "5", "6")
    set_rate(broker, "USD", "JPY", "148")
    disable_rate(broker, "USD", "JPY")
    found, total = client.rates()
    assert (found, total) == (
        [
            ("CNY", "USD", "0.13300000"),
            ("EUR", "GBP", "0.86000000"),
            ("USD", "CNY", "7.05600000"),
            ("USD", "HKD", "7.64400000"),
        ],
        4,
    )
    assert all(client.rate(base, quote) == rate for base, quote, rate in found)
    assert [client.rates(page, 3) for page in (1, 2, 3)] == [
        *((found[:3], 4), (found[3:], 4), ([], 4)),
    ]


def test_networks_are_those_that_are_enabled_in_display_order(client: Client) -> None:
    broker = client.broker
    assert client.networks() == ([], 0)
    for name, sort_order in (("ERC20", 2), ("TRC20", 1), ("BEP20", 3), ("Polygon", None)):
        add_network(broker, name, sort_order)
    assert client.networks() == (["Polygon", "TRC20", "ERC20", "BEP20"], 4)
    broker.desk(lambda desk: networks.disable_network(desk, "TRC20"))
    assert client.networks() == (["Polygon", "ERC20", "BEP20"], 3)
    assert [client.networks(page, 2) for page in (1, 2, 3)] == [
        *((["Polygon", "ERC20"], 3), (["BEP20"], 3), ([], 3)),
    ]
    add_network(broker, "TRC20")
    assert client.networks() == (["Polygon", "TRC20", "ERC20", "BEP20"], 4)


@pytest.mark.parametrize("direction", Direction)
def test_a_channel_takes_its_currencies_in_its_own_order(
    client: Client, direction: Direction
) -> None:
    broker = client.broker
    broker.configure("offer", currencies=["USD", "EUR", "CNY", "JPY"])
    number = channel(broker, "CNY", "GBP", "USD", "EUR", direction=direction)
    assert client.told("list_channel_currencies", remittance_id=number, **PAGE) == {
        "list": [
            {"code": "CNY", "name": "Chinese Yuan"},
            {"code": "USD", "name": "US Dollar"},
            {"code": "EUR", "name": "Euro"},
        ],
        "total": 3,
    }
    second = client.told("list_channel_currencies", remittance_id=number, page=2, size=2)
    assert second == {"list": [{"code": "EUR", "name": "Euro"}], "total": 3}


@pytest.mark.parametrize(
    ("language", "name"), [("zh-CN", "人民币"), ("zh-TW", "人民币"), ("vi", "Chinese Yuan")]
)
def test_a_currency_is_named_in_the_language_that_is_asked_for(
    client: Client, language: str, name: str
) -> None:
    client.broker.configure("offer", currencies=["CNY"])
    number = channel(client.broker, "CNY")
    asked: Json = {"language": language, "remittance_id": number, **PAGE}
    answer = client.ask("list_channel_currencies", **asked)
    assert answer.json()["list"] == [{"code": "CNY", "name": name}]


def test_a_channel_that_a_client_cannot_use_has_no_currencies(client: Client) -> None:
    disabled = channel(client.broker, "USD", is_enabled=False)
    foreign = channel(client.broker.server.broker(), "USD")
    for number in (disabled, foreign, 9007199254740991):
        answer = client.ask("list_channel_currencies", remittance_id=number, **PAGE)
        assert problem(answer) == (409, "CHANNEL_UNAVAILABLE")


@pytest.mark.parametrize(
    ("name", "query", "errors"),
    [
        ("get_exchange_rate", {}, {"from_currency": "required", "to_currency": "required"}),
        (
            "get_exchange_rate",
            {"from_currency": "usd", "to_currency": "C"},
            {"from_currency": "pattern", "to_currency": "pattern"},
        ),
        (
            "list_channel_currencies",
            {},
            {"remittance_id": "required", "page": "required", "size": "required"},
        ),
        ("list_channel_currencies", {"remittance_id": 0, **PAGE}, {"remittance_id": "minimum"}),
        ("list_crypto_networks", {"page": 0, "size": 201}, {"page": "minimum", "size": "maximum"}),
        ("list_exchange_rates", {"page": 0, "size": 201}, {"page": "minimum", "size": "maximum"}),
    ],
)
def test_what_is_wrong_with_a_question_is_named(
    client: Client, name: str, query: Json, errors: dict[str, str]
) -> None:
    answer = client.ask(name, **query)
    assert problem(answer) == (400, "VALIDATION_ERROR")
    told = {each["pointer"]: each["rule"] for each in answer.json()["errors"]}
    assert told == {f"/query/{field}": rule for field, rule in errors.items()}


def test_a_demo_broker_has_a_rate_for_whatever_he_deals_in(client: Client) -> None:
    broker = client.broker
    broker.configure("tenant", default_language="zh-CN")
    fill(broker.server.services, broker.boundary)
    codes = [each["code"] for each in client.told("list_currencies")["list"]]
    assert len(codes) == 8
    for code in codes:
        there, back = client.rate("USD", code), client.rate(code, "USD")
        assert Decimal(there) * Decimal(back) <= 1, code
    assert client.networks() == (["TRC20", "ERC20"], 2)
    assert client.rates()[1] == 11
