"""Countries, currencies, languages and leverages of a broker: wlink 20 to 23."""

from typing import Any

import pytest

from backoffice import settings
from contract.errors import RefusedError
from models.channel import Channel, ChannelMethod, Direction
from tests.server import Broker, problem

Json = Any


def countries(broker: Broker) -> dict[str, Json]:
    answer = broker.call("list_countries")
    assert answer.status_code == 200, answer.text
    return {country["code"]: country for country in answer.json()["list"]}


def test_a_broker_who_chooses_no_countries_takes_people_from_everywhere(broker: Broker) -> None:
    found = countries(broker)
    assert list(found) == sorted(found)
    assert 230 < len(found) < 250
    assert found["CN"] == {
        "code": "CN",
        "flag": "🇨🇳",
        "name": {"en": "China", "zh-CN": "中国", "zh-TW": "中國"},
        "phone_code": "+86",
    }
    assert all(country["name"].keys() == {"en", "zh-CN", "zh-TW"} for country in found.values())
    assert all(all(country["name"].values()) for country in found.values())
    assert len({country["flag"] for country in found.values()}) == len(found)


@pytest.mark.parametrize(
    ("code", "phone_code", "names"),
    [
        ("TW", "+886", ("Taiwan", "台湾", "台灣")),
        ("US", "+1", ("United States", "美国", "美國")),
        ("CA", "+1", ("Canada", "加拿大", "加拿大")),
        ("GB", "+44", ("United Kingdom", "英国", "英國")),
        ("KZ", "+7", ("Kazakhstan", "哈萨克斯坦", "哈薩克")),
        ("VN", "+84", ("Vietnam", "越南", "越南")),
        ("NZ", "+64", ("New Zealand", "新西兰", "紐西蘭")),
    ],
)
def test_a_country_has_a_dialling_code_and_three_names(
    broker: Broker, code: str, phone_code: str, names: tuple[str, str, str]
) -> None:
    country = countries(broker)[code]
    assert country["phone_code"] == phone_code
    assert country["name"] == dict(zip(("en", "zh-CN", "zh-TW"), names, strict=True))


def test_where_nobody_can_be_telephoned_nobody_lives(broker: Broker) -> None:
    assert not countries(broker).keys() & {"AQ", "BV", "TF", "HM", "GS", "PN", "UM"}


def test_chosen_countries_come_in_the_order_of_the_operator(broker: Broker) -> None:
    other = broker.server.broker()
    broker.configure("offer", countries=["VN", "CN", "MY"])
    assert list(countries(broker)) == ["VN", "CN", "MY"]
    assert len(countries(other)) > 200
    broker.configure("offer", countries=[])
    assert len(countries(broker)) > 200


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"countries": ["CN", "ZZ"]}, "there is no country ZZ"),
        ({"currencies": ["USD", "DEM"]}, "there is no currency DEM"),
        ({"languages": ["en", "xx"]}, "there is no language xx"),
        ({"languages": ["zh-CN"]}, "languages must hold the broker's default language"),
    ],
)
def test_what_there_is_not_cannot_be_offered(
    broker: Broker, given: dict[str, list[str]], told: str
) -> None:
    with pytest.raises(RefusedError, match=told):
        broker.configure("offer", **given)


def languages(broker: Broker) -> list[Json]:
    answer = broker.call("list_languages")
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["language"]
    return found


def test_languages_are_called_what_their_speakers_call_them(broker: Broker) -> None:
    assert languages(broker) == [
        {"code": "en", "name": "English"},
        {"code": "zh-CN", "name": "简体中文"},
        {"code": "zh-TW", "name": "繁體中文"},
    ]
    broker.configure("offer", languages=["vi", "zh-CN", "en"])
    assert languages(broker) == [
        {"code": "vi", "name": "Tiếng Việt"},
        {"code": "zh-CN", "name": "简体中文"},
        {"code": "en", "name": "English"},
    ]


def currencies(broker: Broker, **query: str) -> list[str]:
    answer = broker.call("list_currencies", query=query)
    assert answer.status_code == 200, answer.text
    found = [currency["code"] for currency in answer.json()["list"]]
    assert answer.json()["total"] == len(found)
    return found


def channel(broker: Broker, method: str, *codes: str, enabled: bool = True) -> None:
    row = Channel(
        name={"en": "A channel"},
        direction=Direction.WITHDRAWAL,
        method=ChannelMethod(method),
        currencies=list(codes),
        is_enabled=enabled,
        account_info={},
        created_at=broker.server.clock(),
        updated_at=broker.server.clock(),
    )
    broker.server.services.database.write(broker.boundary, lambda session: session.add(row))


def test_a_new_broker_deals_in_dollars(broker: Broker) -> None:
    assert broker.call("list_currencies").json() == {
        "list": [{"code": "USD", "name": {"en": "US Dollar", "zh": "美元"}}],
        "total": 1,
    }


def test_currencies_come_in_the_order_of_the_operator(broker: Broker) -> None:
    broker.configure("offer", currencies=["USDT", "USD", "CNY", "EUR"])
    assert currencies(broker) == ["USDT", "USD", "CNY", "EUR"]
    assert currencies(broker, method="all") == ["USDT", "USD", "CNY", "EUR"]
    names = {each["code"]: each["name"] for each in broker.call("list_currencies").json()["list"]}
    assert names["CNY"] == {"en": "Chinese Yuan", "zh": "人民币"}
    assert names["USDT"] == {"en": "Tether", "zh": "泰达币"}


def test_a_method_of_payment_takes_what_one_of_its_channels_takes(broker: Broker) -> None:
    broker.configure("offer", currencies=["USDT", "USD", "CNY", "EUR", "JPY"])
    channel(broker, "bank_transfer", "CNY", "GBP")
    channel(broker, "bank_transfer", "USD", "CNY")
    channel(broker, "bank_transfer", "EUR", enabled=False)
    channel(broker, "cryptocurrency", "USDT")
    channel(broker.server.broker(), "bank_transfer", "JPY")
    assert currencies(broker, method="bank_transfer") == ["USD", "CNY"]
    assert currencies(broker, method="cryptocurrency") == ["USDT"]
    assert currencies(broker, method="international_wire_transfer") == []
    assert currencies(broker) == ["USDT", "USD", "CNY", "EUR", "JPY"]


@pytest.mark.parametrize("method", ["normal", "", "BANK_TRANSFER", "cash"])
def test_a_method_that_there_is_not_is_refused(broker: Broker, method: str) -> None:
    answer = broker.call("list_currencies", query={"method": method})
    assert problem(answer) == (400, "VALIDATION_ERROR")
    assert answer.json()["errors"] == [{"pointer": "/query/method", "rule": "enum"}]


def set_leverages(broker: Broker, *values: int) -> None:
    broker.desk(lambda desk: settings.set_leverages(desk, values))
    broker.server.clock.forward(seconds=1)


def leverages(broker: Broker, page: int = 1, size: int = 20) -> tuple[list[int], int]:
    answer = broker.call("list_global_leverages", query={"page": page, "size": size})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return [leverage["value"] for leverage in found["list"]], found["total"]


def test_leverages_rise_from_page_to_page(broker: Broker) -> None:
    assert leverages(broker) == ([], 0)
    set_leverages(broker, 500, 50, 100, 1, 200)
    assert leverages(broker) == ([1, 50, 100, 200, 500], 5)
    assert leverages(broker, 1, 2) == ([1, 50], 5)
    assert leverages(broker, 2, 2) == ([100, 200], 5)
    assert leverages(broker, 3, 2) == ([500], 5)
    assert leverages(broker, 4, 2) == ([], 5)
    assert leverages(broker, 1_000_000, 200) == ([], 5)
    assert leverages(broker.server.broker()) == ([], 0)


def test_a_leverage_that_comes_back_is_the_one_that_it_was(broker: Broker) -> None:
    def ids() -> dict[int, int]:
        found = broker.call("list_global_leverages", query={"page": 1, "size": 20}).json()["list"]
        return {leverage["value"]: leverage["id"] for leverage in found}

    set_leverages(broker, 100, 200, 300)
    before = ids()
    set_leverages(broker, 100, 400)
    assert leverages(broker) == ([100, 400], 2)
    set_leverages(broker, 300, 200, 100)
    assert ids() == before


@pytest.mark.parametrize("values", [(), (0,), (100, 5001), (-1,)])
def test_a_leverage_that_there_cannot_be_is_refused(
    broker: Broker, values: tuple[int, ...]
) -> None:
    with pytest.raises(RefusedError):
        set_leverages(broker, *values)


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ({}, {"/query/page": "required", "/query/size": "required"}),
        ({"page": 1}, {"/query/size": "required"}),
        ({"page": 0, "size": 0}, {"/query/page": "minimum", "/query/size": "minimum"}),
        (
            {"page": 1_000_001, "size": 201},
            {"/query/page": "maximum", "/query/size": "maximum"},
        ),
        ({"page": "one", "size": "1.5"}, {"/query/page": "type", "/query/size": "type"}),
    ],
)
def test_every_number_of_a_page_that_is_wrong_is_named(
    broker: Broker, query: dict[str, Json], errors: dict[str, str]
) -> None:
    answer = broker.call("list_global_leverages", query=query)
    assert problem(answer) == (400, "VALIDATION_ERROR")
    assert {each["pointer"]: each["rule"] for each in answer.json()["errors"]} == errors
