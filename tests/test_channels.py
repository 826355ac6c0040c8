"""Ways to pay in and out as clients are told them: wlink 51 and 59, and 48 for their currencies."""

from decimal import Decimal
from typing import Any

import pytest

from backoffice.channels import CHANNEL, set_secrets
from contract.problems import Problem
from models.channel import Channel, ChannelMethod, Direction, FeeType
from models.money import Denomination, Money
from models.user import User
from tests.channels import CARD, DEPOSIT, WITHDRAWAL, lives, publish, rewrite, row
from tests.server import Broker, problem
from wlink.demo_content import fill

Json = Any

USD = Denomination("USD", 2)
LISTS = {"deposit": "list_deposit_channels", "withdrawal": "list_withdrawal_channels"}
GATEWAY = "https://payments.example"


class Client:
    """Somebody who is logged in, and what he is told."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        self.user: User = broker.user()
        self.token = broker.login(self.user)

    def page(self, direction: str = "deposit", page: int = 1, size: int = 20) -> Json:
        """One page of channels in English."""
        return self.told(direction, "en", page=page, size=size)

    def told(self, direction: str, language: str, **query: Json) -> Json:
        answer = self.broker.call(
            LISTS[direction], token=self.token, query=query, headers={"X-Language": language}
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def numbers(self, direction: str = "deposit") -> list[int]:
        return [each["id"] for each in self.page(direction)["list"]]

    def lives_in(self, country: str) -> None:
        lives(self.broker, self.user, country)

    def takes(self, number: int) -> tuple[int, str]:
        """Status and code of what a channel takes, "" where there is no problem."""
        query = {"remittance_id": number, "page": 1, "size": 20}
        answer = self.broker.call("list_channel_currencies", token=self.token, query=query)
        return problem(answer) if answer.status_code != 200 else (200, "")


@pytest.fixture
def client(broker: Broker) -> Client:
    broker.configure("offer", currencies=["USD", "EUR", "CNY", "USDT"])
    return Client(broker)


def test_a_way_to_pay_in_is_told_with_its_limits_fee_and_instructions(client: Client) -> None:
    number = publish(
        client.broker,
        CARD,
        icon_url="https://static.example/card.png",
        account_info={"en": "Quote the number\nof the order."},
        currencies=["CNY", "USD"],
        min_amount="20.5",
        fee_type="percent",
        fee_value="2.9",
    )
    assert client.page() == {
        "list": [
            {
                "account_info": "Quote the number\nof the order.",
                "allowed_countries": [],
                "allowed_currencies": ["CNY", "USD"],
                "fee": "2.9%",
                "icon_url": "https://static.example/card.png",
                "id": number,
                "max_amount": "5000.00",
                "method": "stripe",
                "min_amount": "20.50",
                "name": "A card",
            }
        ],
        "total": 1,
    }


def test_a_way_to_be_paid_out_is_told_in_the_same_way(client: Client) -> None:
    number = publish(client.broker, WITHDRAWAL, fee_value="2")
    assert client.page("withdrawal") == {
        "list": [
            {
                "account_info": "",
                "allowed_currencies": ["USD"],
                "fee": "2.00",
                "icon_url": "",
                "id": number,
                "max_amount": "5000.00",
                "method": "international_wire_transfer",
                "min_amount": "50.00",
                "name": "A wire",
            }
        ],
        "total": 1,
    }


def test_each_list_has_the_channels_of_its_own_direction(client: Client) -> None:
    paid_in = [publish(client.broker), publish(client.broker, CARD)]
    paid_out = [
        publish(client.broker, WITHDRAWAL, method=method)
        for method in ("bank_transfer", "international_wire_transfer", "cryptocurrency")
    ]
    assert client.numbers("deposit") == paid_in
    assert client.numbers("withdrawal") == paid_out
    methods = {each["method"] for each in client.page("withdrawal")["list"]}
    assert methods == {"bank_transfer", "international_wire_transfer", "cryptocurrency"}


@pytest.mark.parametrize("given", [DEPOSIT, WITHDRAWAL], ids=LISTS)
def test_a_channel_for_some_countries_is_for_those_who_live_there(
    client: Client, given: Json
) -> None:
    direction = given["direction"]
    everywhere = publish(client.broker, given)
    there = publish(client.broker, given, countries=["SG", "HK"])
    assert client.numbers(direction) == [everywhere]
    assert client.takes(there) == (409, "CHANNEL_UNAVAILABLE")
    client.lives_in("HK")
    assert client.numbers(direction) == [everywhere, there]
    assert client.takes(there) == (200, "")
    client.lives_in("GB")
    assert client.numbers(direction) == [everywhere]
    assert client.takes(there) == (409, "CHANNEL_UNAVAILABLE")
    assert client.takes(everywhere) == (200, "")


def test_a_client_is_told_for_which_countries_a_deposit_is(client: Client) -> None:
    publish(client.broker, countries=["SG", "HK"])
    client.lives_in("SG")
    assert client.page()["list"][0]["allowed_countries"] == ["SG", "HK"]


@pytest.mark.parametrize(
    ("language", "name", "account_info"),
    [
        ("en", "Bank transfer", "Pay here."),
        ("zh-CN", "银行转账", "Pay here."),
        ("zh-TW", "銀行轉帳", "Pay here."),
        ("vi", "Bank transfer", "Pay here."),
    ],
)
def test_texts_are_in_the_language_that_is_asked_for_or_in_the_broker_s(
    client: Client, language: str, name: str, account_info: str
) -> None:
    names = {"en": "Bank transfer", "zh-CN": "银行转账", "zh-TW": "銀行轉帳"}
    publish(client.broker, name=names, account_info={"en": "Pay here."})
    (told,) = client.told("deposit", language, page=1, size=20)["list"]
    assert (told["name"], told["account_info"]) == (name, account_info)


@pytest.mark.parametrize("given", [DEPOSIT, WITHDRAWAL], ids=LISTS)
def test_what_is_withdrawn_is_told_to_nobody_until_it_is_published_anew(
    client: Client, given: Json
) -> None:
    number = publish(client.broker, given)
    client.broker.withdraw(CHANNEL, number)
    assert client.page(given["direction"]) == {"list": [], "total": 0}
    assert client.takes(number) == (409, "CHANNEL_UNAVAILABLE")
    rewrite(client.broker, number, given, min_amount="60")
    assert client.page(given["direction"])["list"][0]["min_amount"] == "60.00"


@pytest.mark.parametrize("given", [DEPOSIT, WITHDRAWAL], ids=LISTS)
def test_channels_come_page_by_page_in_the_order_of_the_operator(
    client: Client, given: Json
) -> None:
    direction = given["direction"]
    assert client.page(direction) == {"list": [], "total": 0}
    places = (3, 1, 2, 1)
    numbers = [publish(client.broker, given, sort_order=place) for place in places]
    in_order = [numbers[1], numbers[3], numbers[2], numbers[0]]
    assert client.numbers(direction) == in_order
    pages = [client.page(direction, page, 3) for page in (1, 2, 3)]
    assert [[each["id"] for each in page["list"]] for page in pages] == [
        *(in_order[:3], in_order[3:], []),
    ]
    assert [page["total"] for page in pages] == [4, 4, 4]


def test_currencies_are_those_that_the_broker_still_deals_in(client: Client) -> None:
    publish(client.broker, currencies=["CNY", "USD", "EUR"])
    client.broker.configure("offer", currencies=["EUR", "CNY"])
    assert client.page()["list"][0]["allowed_currencies"] == ["CNY", "EUR"]


def test_channels_of_one_broker_are_no_other_s(client: Client) -> None:
    other = Client(client.broker.server.broker())
    own, foreign = publish(client.broker), publish(other.broker)
    publish(other.broker, WITHDRAWAL)
    assert (client.numbers(), other.numbers()) == ([own], [foreign])
    assert client.numbers("withdrawal") == []
    assert client.takes(foreign) == (409, "CHANNEL_UNAVAILABLE")


def test_a_gateway_is_offered_once_it_can_be_asked_and_believed(client: Client) -> None:
    number = publish(client.broker, CARD, gateway_address=GATEWAY)
    assert client.numbers() == []
    assert client.takes(number) == (409, "CHANNEL_UNAVAILABLE")
    payments = client.broker.server.services.payments
    client.broker.desk(lambda desk: set_secrets(desk, payments, number, "sk_test", "whsec_test"))
    assert client.numbers() == [number]
    assert client.takes(number) == (200, "")
    rewrite(client.broker, number, CARD, gateway_address=GATEWAY, fee_value="1")
    assert client.numbers() == [number]


@pytest.mark.parametrize("direction", LISTS)
@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ({}, {"page": "required", "size": "required"}),
        ({"page": 0, "size": 201}, {"page": "minimum", "size": "maximum"}),
        ({"page": 1, "size": 1, "country": "SG"}, {"country": "additionalProperties"}),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_question_is_named(
    client: Client, direction: str, query: Json, errors: dict[str, str]
) -> None:
    answer = client.broker.call(LISTS[direction], token=client.token, query=query)
    assert problem(answer) == (400, "VALIDATION_ERROR")
    told = {each["pointer"]: each["rule"] for each in answer.json()["errors"]}
    assert told == {f"/query/{field}": rule for field, rule in errors.items()}


def available_to(broker: Broker, direction: Direction, number: int, country: str = "") -> int:
    return broker.server.services.database.read(
        broker.boundary,
        lambda session: Channel.available_to(session, direction, number, country).id,
    )


def test_a_channel_is_there_for_its_direction_and_countries_alone(client: Client) -> None:
    broker = client.broker
    paid_in, paid_out = publish(broker, countries=["SG"]), publish(broker, WITHDRAWAL)
    assert available_to(broker, Direction.DEPOSIT, paid_in, "SG") == paid_in
    assert available_to(broker, Direction.WITHDRAWAL, paid_out) == paid_out
    foreign = publish(broker.server.broker())
    for direction, number, country in (
        (Direction.WITHDRAWAL, paid_in, "SG"),
        (Direction.DEPOSIT, paid_in, "HK"),
        (Direction.DEPOSIT, paid_in, ""),
        (Direction.DEPOSIT, paid_out, "SG"),
        (Direction.DEPOSIT, foreign, "SG"),
        (Direction.DEPOSIT, 9007199254740991, "SG"),
    ):
        with pytest.raises(Problem, match="CHANNEL_UNAVAILABLE"):
            available_to(broker, direction, number, country)


@pytest.mark.parametrize(
    ("fee_type", "fee_value", "minor", "fee", "text"),
    [
        ("fixed", "0", 100, 0, "0.00"),
        ("fixed", "2", 1, 200, "2.00"),
        ("fixed", "2.5", 1_000_000, 250, "2.50"),
        ("percent", "0", 100, 0, "0%"),
        ("percent", "2.9", 10_000, 290, "2.9%"),
        ("percent", "2.9", 10_001, 291, "2.9%"),
        ("percent", "2.9", 1, 1, "2.9%"),
        ("percent", "0.00000001", 10**18, 100_000_000, "0.00000001%"),
        ("percent", "0.00000001", 10**17 + 1, 10_000_001, "0.00000001%"),
        ("percent", "99.99999999", 10**18, 999_999_999_900_000_000, "99.99999999%"),
    ],
)
def test_a_fee_is_fixed_or_a_share_that_is_rounded_up(
    client: Client, fee_type: str, fee_value: str, minor: int, fee: int, text: str
) -> None:
    number = publish(client.broker, fee_type=fee_type, fee_value=fee_value)
    kept = row(client.broker, number)
    assert (kept.fee_type, kept.fee_value) == (FeeType(fee_type), Decimal(fee_value))
    assert kept.fee_of(Money(minor, USD)) == Money(fee, USD)
    assert kept.fee_text(USD) == text


def test_limits_are_sums_of_money(client: Client) -> None:
    number = publish(client.broker, min_amount="0.01", max_amount="9999999999999.99")
    limits = row(client.broker, number).limits(USD)
    assert limits == (Money(1, USD), Money(999_999_999_999_999, USD))


def test_a_method_says_by_itself_which_way_money_goes() -> None:
    paid_in = {each for each in ChannelMethod if each.direction is Direction.DEPOSIT}
    assert paid_in == {"offline", "stripe"}
    assert {each for each in ChannelMethod if each.is_online} == {"stripe"}


def test_the_demo_takes_cards_from_some_countries(client: Client) -> None:
    broker = client.broker
    broker.configure("tenant", default_language="zh-CN")
    fill(broker.server.services, broker.boundary)

    def methods(direction: str) -> list[str]:
        return [each["method"] for each in client.page(direction)["list"]]

    payouts = ["bank_transfer", "international_wire_transfer", "cryptocurrency"]
    assert (methods("deposit"), methods("withdrawal")) == (["offline"], payouts)
    client.lives_in("SG")
    assert (methods("deposit"), methods("withdrawal")) == (["offline", "stripe"], payouts)
