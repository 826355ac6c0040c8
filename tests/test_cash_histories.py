"""What clients are told of the money that leaves their accounts: wlink 32, 57 and 93."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.cashier import Till, till
from tests.keyed import newcomer
from tests.outgoing import TRANSFER, WITHDRAW, Way, each_way, history, release, violations
from tests.server import Server, problem
from tests.trading import LIVE, Floor, floor, told

__all__ = ["floor", "till"]

Json = Any

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def asking(server: Server) -> Till:
    """A client who has done nothing yet."""
    return Till(Floor(server.broker()))


def place(till: Till, number: int) -> Json:
    """An account as a history shows it."""
    login = till.floor.account(number).login
    return {"account": login, "id": number, "server_name": LIVE, "server_type": "MT4-Live"}


def numbers(till: Till, way: Way, **query: Json) -> list[str]:
    return [each["order_number"] for each in history(till, way, **query)["list"]]


def has_pending(till: Till, token: str = "") -> bool:
    answer = told(till.floor.call("check_pending_withdrawal", token=token))
    assert answer.keys() == {"has_pending"}
    return bool(answer["has_pending"])


def three(till: Till, way: Way) -> list[str]:
    """Three orders, an hour apart, of which the last is undecided."""
    till.fund("500.00")
    found = []
    for _ in range(3):
        found.append(way.order(till, "100.00"))
        if len(found) < 3:
            till.reject(found[-1])
            till.broker.server.clock.forward(hours=1)
    return found


def test_a_withdrawal_is_shown_with_its_account_and_channel(till: Till) -> None:
    till.fund("500.00")
    till.costs(till.bank, icon_url="https://static.example/bank.png")
    order = till.withdraw("100.00", remark="for the rent")
    row = till.order(order)
    assert history(till, WITHDRAW) == {
        "list": [
            {
                "amount": "100.00",
                "client_remark": "for the rent",
                "currency": "USD",
                "icon": "https://static.example/bank.png",
                "id": row.id,
                "order_number": order,
                "remark": "",
                "remittance_name": "A wire",
                "source_trading_account": place(till, till.account),
                "status": "pending",
                "submit_time": f"{row.created_at:%F %T}",
            }
        ],
        "total": 1,
    }


def test_a_transfer_is_shown_with_both_accounts(till: Till) -> None:
    till.fund("500.00")
    order = till.transfer("100.00")
    row = till.order(order)
    assert history(till, TRANSFER) == {
        "list": [
            {
                "amount": "100.00",
                "currency": "USD",
                "id": row.id,
                "order_number": order,
                "remark": "",
                "source_trading_account": place(till, till.account),
                "status": "pending",
                "submit_time": f"{row.created_at:%F %T}",
                "target_trading_account": place(till, till.second),
            }
        ],
        "total": 1,
    }


@each_way
def test_the_status_is_that_of_the_decision_and_the_remark_the_operator_s(
    till: Till, way: Way
) -> None:
    till.fund("500.00")
    seen = []
    order = way.order(till, "100.00")
    till.claim(order)
    seen.append(history(till, way)["list"][0])
    release(till, order)
    till.reject(order, "We need a proof.")
    seen.append(history(till, way)["list"][0])
    till.approve(way.order(till, "50.00"))
    seen.append(history(till, way)["list"][0])
    assert [(row["status"], row["remark"]) for row in seen] == [
        ("auditing", ""),
        ("disapproved", "We need a proof."),
        ("approved", ""),
    ]


@each_way
def test_a_history_has_the_newest_first_and_comes_by_pages(till: Till, way: Way) -> None:
    orders = three(till, way)[::-1]
    assert numbers(till, way) == orders
    assert numbers(till, way, page=2, size=1) == [orders[1]]
    assert numbers(till, way, page=2, size=2) == [orders[2]]
    assert history(till, way, page=9) == {"list": [], "total": 3}


@each_way
def test_a_history_is_asked_for_in_the_broker_s_time(till: Till, way: Way) -> None:
    till.broker.configure("tenant", timezone="Asia/Shanghai")
    orders = three(till, way)
    times = {each["order_number"]: each["submit_time"] for each in history(till, way)["list"]}
    first, middle, last = (times[order] for order in orders)
    assert first == f"{till.order(orders[0]).created_at.astimezone(SHANGHAI):%F %T}"
    assert numbers(till, way, start_time=middle) == [orders[2], orders[1]]
    assert numbers(till, way, end_time=middle) == [orders[1], orders[0]]
    assert numbers(till, way, start_time=middle, end_time=middle) == [orders[1]]
    backwards = {"page": 1, "size": 1, "start_time": last, "end_time": first}
    answer = till.floor.call(way.history, **backwards)
    assert problem(answer) == (400, "DATE_RANGE_INVALID")
    assert violations(answer) == [("/query/start_time", "range")]


@each_way
@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({"page": 1}, "/query/size"),
        ({"size": 1}, "/query/page"),
        ({"page": 0, "size": 1}, "/query/page"),
        ({"page": 1, "size": 201}, "/query/size"),
        ({"page": 1, "size": 1, "start_time": "2026-01-15"}, "/query/start_time"),
        ({"page": 1, "size": 1, "end_time": "now"}, "/query/end_time"),
    ],
)
def test_what_is_wrong_with_a_question_is_named(
    asking: Till, way: Way, query: Json, where: str
) -> None:
    answer = asking.floor.call(way.history, **query)
    assert problem(answer) == (400, "VALIDATION_ERROR")
    assert violations(answer)[0][0] == where


@pytest.mark.parametrize(("language", "name"), [("en", "Bank"), ("zh-CN", "银行"), ("vi", "Bank")])
def test_a_channel_is_named_in_the_language_of_who_asks(
    till: Till, language: str, name: str
) -> None:
    till.fund("500.00")
    till.costs(till.bank, name={"en": "Bank", "zh-CN": "银行"})
    till.withdraw("100.00")
    (row,) = history(till, WITHDRAW, language)["list"]
    assert row["remittance_name"] == name


@each_way
def test_nobody_sees_the_orders_of_others(till: Till, way: Way) -> None:
    till.fund("500.00")
    way.order(till, "100.00")
    token = newcomer(till.floor).token
    assert told(till.floor.call(way.history, token=token, page=1, size=20)) == {
        "list": [],
        "total": 0,
    }
    assert has_pending(till)
    assert not has_pending(till, token)


@each_way
def test_whether_an_order_is_undecided_is_told_of_every_account(till: Till, way: Way) -> None:
    till.fund("500.00")
    assert not has_pending(till)
    order = way.order(till, "100.00")
    assert has_pending(till)
    till.claim(order)
    assert has_pending(till)
    release(till, order)
    till.reject(order)
    assert not has_pending(till)
    till.approve(way.order(till, "100.00"))
    assert not has_pending(till)
