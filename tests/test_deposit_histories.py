"""What clients are told of their deposits: wlink 56."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.cashier import Till, till
from tests.incoming import ask_cancel, card_draft, history, pay, row
from tests.keyed import newcomer
from tests.outgoing import release, violations
from tests.server import problem
from tests.trading import LIVE, floor, told

__all__ = ["floor", "till"]

Json = Any

SHANGHAI = ZoneInfo("Asia/Shanghai")


def numbers(till: Till, **query: Json) -> list[str]:
    return [each["order_number"] for each in history(till, **query)["list"]]


def three(till: Till) -> list[str]:
    """Drafts, an hour apart."""
    found = []
    for _ in range(3):
        found.append(till.draft("100.00"))
        till.broker.server.clock.forward(hours=1)
    return found


def test_a_deposit_is_shown_with_its_account_and_channel(till: Till) -> None:
    till.costs(till.offline, icon_url="https://static.example/bank.png")
    order = till.draft("100.00", remark="from my savings")
    kept = till.order(order)
    assert history(till) == {
        "list": [
            {
                "amount": "100.00",
                "client_remark": "from my savings",
                "currency": "USD",
                "icon": "https://static.example/bank.png",
                "id": kept.id,
                "order_number": order,
                "pay_url": "",
                "remark": "",
                "remittance_name": "A bank",
                "server_name": LIVE,
                "server_type": "MT4-Live",
                "status": "drafted",
                "submit_time": f"{kept.created_at:%F %T}",
                "target_trading_account": {
                    "account": till.floor.account(till.account).login,
                    "id": till.account,
                    "server_name": LIVE,
                    "server_type": "MT4-Live",
                },
            }
        ],
        "total": 1,
    }


def test_the_page_on_which_to_pay_is_told_while_it_can_be_paid(till: Till) -> None:
    paid, cancelled, over = (card_draft(till) for _ in range(3))
    for order in (paid, cancelled, over):
        assert row(till, order)["pay_url"] == till.order(order).pay_url != ""
    pay(till, paid)
    told(ask_cancel(till, cancelled))
    till.broker.server.clock.forward(hours=23)
    for order in (paid, cancelled, over):
        assert row(till, order)["pay_url"] == ""


def test_every_state_is_told_and_the_remark_is_the_operator_s(till: Till) -> None:
    seen = []

    def look() -> None:
        seen.append((row(till, order)["status"], row(till, order)["remark"]))

    order = till.paid_in()
    look()
    till.claim(order)
    look()
    release(till, order)
    till.reject(order, "We need a proof.")
    look()
    assert seen == [("pending", ""), ("auditing", ""), ("disapproved", "We need a proof.")]


def test_the_newest_comes_first_and_what_is_submitted_is_new_again(till: Till) -> None:
    first, second, third = three(till)
    assert numbers(till) == [third, second, first]
    till.submit(first)
    assert numbers(till) == [first, third, second]
    assert row(till, first)["submit_time"] == f"{till.broker.server.clock():%F %T}"
    told(ask_cancel(till, third))
    assert numbers(till) == [first, third, second]
    assert numbers(till, page=2, size=1) == [third]
    assert numbers(till, page=2, size=2) == [second]
    assert history(till, page=9) == {"list": [], "total": 3}


def test_a_history_is_asked_for_in_the_broker_s_time(till: Till) -> None:
    till.broker.configure("tenant", timezone="Asia/Shanghai")
    orders = three(till)
    times = [row(till, order)["submit_time"] for order in orders]
    first, middle, last = times
    assert first == f"{till.order(orders[0]).created_at.astimezone(SHANGHAI):%F %T}"
    assert numbers(till, start_time=middle) == [orders[2], orders[1]]
    assert numbers(till, end_time=middle) == [orders[1], orders[0]]
    assert numbers(till, start_time=middle, end_time=middle) == [orders[1]]
    query = {"page": 1, "size": 1, "start_time": last, "end_time": first}
    answer = till.floor.call("list_deposits", **query)
    assert problem(answer) == (400, "DATE_RANGE_INVALID")
    assert violations(answer) == [("/query/start_time", "range")]


def test_what_is_wrong_with_a_question_is_named(till: Till) -> None:
    wrong: list[tuple[Json, str]] = [
        ({"page": 1}, "/query/size"),
        ({"size": 1}, "/query/page"),
        ({"page": 0, "size": 1}, "/query/page"),
        ({"page": 1, "size": 201}, "/query/size"),
    ]
    for query, where in wrong:
        for name in ("list_deposits", "count_deposit_drafts"):
            answer = till.floor.call(name, **query)
            assert problem(answer) == (400, "VALIDATION_ERROR")
            assert violations(answer)[0][0] == where
    for name in ("start_time", "end_time"):
        answer = till.floor.call("list_deposits", page=1, size=1, **{name: "2026-01-15"})
        assert problem(answer) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(("language", "name"), [("en", "Bank"), ("zh-CN", "银行"), ("vi", "Bank")])
def test_a_channel_is_named_in_the_language_of_who_asks(
    till: Till, language: str, name: str
) -> None:
    till.costs(till.offline, name={"en": "Bank", "zh-CN": "银行"})
    till.draft()
    assert history(till, language)["list"][0]["remittance_name"] == name


def test_nobody_sees_the_deposits_of_others(till: Till) -> None:
    till.paid_in()
    answer = newcomer(till.floor).call("list_deposits", page=1, size=20)
    assert told(answer) == {"list": [], "total": 0}
