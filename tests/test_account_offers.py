"""What a client may open: platforms, types of accounts, and how many accounts."""

from typing import Any

import pytest

from backoffice import applications
from backoffice.settings import set_leverages
from backoffice.trading_offers import ACCOUNT_TYPE, TRADING_SERVER
from models.account_application import AccountApplication
from models.account_type import AccountType
from models.audit_status import AuditStatus
from simulator.faults import Fault
from tests.server import problem
from tests.trading import DEMO, Floor, at_once, floor, told

__all__ = ["floor"]

Json = Any

APPLY, CREATE = "create_account_application", "create_trading_account"
CLIENTS = 6


def demo(floor: Floor, **changed: Json) -> Json:
    return floor.wanted(is_demo=True, trading_account_type_id=floor.demo_type, **changed)


def another(floor: Floor, server: int, **changed: Json) -> int:
    given = {"name": "Another", "group_name": "another", "leverages": [100, 200]}
    return floor.publish(ACCOUNT_TYPE, **{"server_id": server, **given, **changed})


def limit(floor: Floor, **most: int) -> None:
    """So many accounts of a type a client may have."""

    def change(session: Any) -> None:
        for name, number in most.items():
            AccountType.present(session, getattr(floor, name)).most_per_user = number

    floor.broker.server.services.database.write(floor.broker.boundary, change)


def offered(floor: Floor, page: int = 1, size: int = 20, **query: Json) -> Json:
    asked = {"trading_platform": "MT4", **query}
    return told(floor.call("list_account_types", page=page, size=size, **asked))


def test_types_are_offered_by_platform_and_kind(floor: Floor) -> None:
    assert [each["name"] for each in offered(floor)["list"]] == ["Standard"]
    assert [each["name"] for each in offered(floor, is_demo=False)["list"]] == ["Standard"]
    assert [each["name"] for each in offered(floor, is_demo=True)["list"]] == ["Practice"]
    assert offered(floor, trading_platform="MT5") == {"list": [], "total": 0}


def test_the_leverages_of_a_type_are_those_that_the_broker_has(floor: Floor) -> None:
    (shown,) = offered(floor)["list"]
    assert shown["id"] == floor.live_type
    assert [each["value"] for each in shown["leverage_options"]] == [100, 200, 500]
    globals_ = told(floor.call("list_global_leverages", page=1, size=20))["list"]
    assert all(each in globals_ for each in shown["leverage_options"])
    floor.broker.desk(lambda desk: set_leverages(desk, [500, 1000, 100]))
    (shown,) = offered(floor)["list"]
    assert [each["value"] for each in shown["leverage_options"]] == [100, 500]


def test_types_come_page_by_page_in_the_broker_s_order(floor: Floor) -> None:
    last = another(floor, floor.live_server, name="Last", sort_order=9)
    first = another(floor, floor.live_server, name="First", sort_order=0)
    middle = another(floor, floor.live_server, name="Middle", sort_order=4)
    in_order = [floor.live_type, first, middle, last]
    pages = [offered(floor, page, 3) for page in (1, 2, 3)]
    assert [each["id"] for page in pages for each in page["list"]] == in_order
    assert [len(page["list"]) for page in pages] == [3, 1, 0]
    assert {page["total"] for page in pages} == {4}


def test_what_was_withdrawn_is_not_offered(floor: Floor) -> None:
    floor.broker.withdraw(ACCOUNT_TYPE, floor.live_type)
    assert offered(floor)["total"] == 0
    floor.broker.withdraw(TRADING_SERVER, floor.demo_server)
    assert offered(floor, is_demo=True)["total"] == 0
    assert told(floor.call("get_demo_availability")) == {"enabled": False}


def test_platforms_are_those_that_have_a_server_in_use(floor: Floor) -> None:
    assert told(floor.call("list_trading_platforms")) == {"list": ["MT4"], "total": 1}
    mt5 = floor.publish(TRADING_SERVER, name="Live5", platform="MT5", is_demo=False)
    assert told(floor.call("list_trading_platforms")) == {"list": ["MT4", "MT5"], "total": 2}
    for number in (floor.live_server, floor.demo_server, mt5):
        floor.broker.withdraw(TRADING_SERVER, number)
    assert told(floor.call("list_trading_platforms")) == {"list": [], "total": 0}


def test_what_another_broker_has_is_nobody_s_business_here(floor: Floor) -> None:
    stranger = Floor(floor.broker.server.broker())
    stranger.publish(TRADING_SERVER, name="Live5", platform="MT5", is_demo=False)
    assert told(floor.call("list_trading_platforms"))["list"] == ["MT4"]
    assert offered(floor)["total"] == 1


@pytest.mark.parametrize("name", [APPLY, CREATE])
def test_who_has_applied_waits_for_the_answer(floor: Floor, name: str) -> None:
    number = floor.apply()
    body = floor.wanted(**({"is_demo": False} if name == CREATE else {}))
    for claimed in (False, True):
        if claimed:
            floor.claim(applications.ACCOUNT, number)
        answer = floor.call(name, body)
        assert problem(answer) == (409, "APPLICATION_PENDING")
        assert answer.json()["details"] == {"audit_id": number}
    assert len(floor.accounts()) == 1


def test_who_was_answered_may_apply_again(floor: Floor) -> None:
    floor.reject(applications.ACCOUNT, floor.apply())
    second = floor.apply()
    floor.approve(applications.ACCOUNT, second)
    assert floor.apply() > second


def test_a_client_has_so_many_live_accounts_of_a_type_and_no_more(floor: Floor) -> None:
    limit(floor, live_type=2)
    floor.open_live()
    number = floor.apply()
    assert problem(floor.call(APPLY, floor.wanted())) == (409, "ACCOUNT_LIMIT_REACHED"), (
        "the one that is being opened counts"
    )
    floor.reject(applications.ACCOUNT, number)
    floor.open_live()
    for name, kind in ((APPLY, {}), (CREATE, {"is_demo": False})):
        answer = floor.call(name, floor.wanted(**kind))
        assert problem(answer) == (409, "ACCOUNT_LIMIT_REACHED")
    other = another(floor, floor.live_server)
    assert floor.apply(trading_account_type_id=other), "of another type he may"


def test_a_client_has_so_many_demo_accounts_of_a_type_and_no_more(floor: Floor) -> None:
    limit(floor, demo_type=1)
    floor.open_demo()
    assert problem(floor.call(CREATE, demo(floor))) == (409, "ACCOUNT_LIMIT_REACHED")
    assert told(floor.call(CREATE, demo(floor) | {"trading_account_type_id": spare(floor)}))


def spare(floor: Floor) -> int:
    return another(floor, floor.demo_server)


def test_demo_accounts_are_limited_in_all(floor: Floor) -> None:
    floor.set(most_demo_accounts=2)
    floor.open_demo()
    assert told(floor.call("get_demo_availability")) == {"enabled": True}
    told(floor.call(CREATE, demo(floor) | {"trading_account_type_id": spare(floor)}))
    assert told(floor.call("get_demo_availability")) == {"enabled": False}
    assert problem(floor.call(CREATE, demo(floor))) == (409, "ACCOUNT_LIMIT_REACHED")
    assert floor.apply(), "live accounts are none of them"


def test_a_demo_account_that_was_not_opened_does_not_count(floor: Floor) -> None:
    floor.set(most_demo_accounts=1)
    floor.suffers(DEMO, Fault.REFUSE, actions=["open_account"])
    floor.open_demo()
    assert told(floor.call("get_demo_availability")) == {"enabled": True}
    assert floor.open_demo()


def test_accounts_of_others_do_not_count(floor: Floor) -> None:
    floor.set(most_demo_accounts=1)
    limit(floor, demo_type=1)
    other = floor.broker.login(floor.broker.user("other@example.com"))
    floor.open_demo()
    floor.open_demo(token=other)
    answer = floor.call(CREATE, demo(floor), token=other)
    assert problem(answer) == (409, "ACCOUNT_LIMIT_REACHED")


def race(floor: Floor, name: str, body: Json) -> list[str]:

    told(floor.call("get_demo_availability"))  # he is logged in by now
    return at_once(CLIENTS, lambda: floor.call(name, body))


def test_of_several_applications_at_once_one_waits(floor: Floor) -> None:
    codes = race(floor, APPLY, floor.wanted())
    assert codes == ["", *["APPLICATION_PENDING"] * (CLIENTS - 1)]
    (application,) = floor.rows(AccountApplication)
    assert application.status is AuditStatus.PENDING
    assert len(floor.accounts()) == 1


def test_of_several_at_once_the_last_account_goes_to_one(floor: Floor) -> None:
    floor.set(most_demo_accounts=1)
    codes = race(floor, CREATE, demo(floor))
    assert codes == ["", *["ACCOUNT_LIMIT_REACHED"] * (CLIENTS - 1)]
    assert len(floor.accounts()) == 1


def test_the_last_live_account_goes_to_one_where_nobody_needs_to_decide(floor: Floor) -> None:
    floor.set(opens_at_once=True)
    limit(floor, live_type=1)
    codes = race(floor, APPLY, floor.wanted())
    assert codes == ["", *["ACCOUNT_LIMIT_REACHED"] * (CLIENTS - 1)]
    assert len(floor.accounts()) == 1
