"""Lists honour page, size and filters, and their details show the same records."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock.answers import Answers
from mock.filters import FILTERS
from mock.personas import PERSONAS, Persona
from mock.world import World
from tests import conftest
from tests.conftest import whole_contract

Json = Any

ANSWERS = Answers(whole_contract(), World())
PAGED = sorted(
    name
    for name, operation in ANSWERS.operations.items()
    if {"page", "size"} <= {p["name"] for p in operation.parameters} and "count" not in name
)


def answer(name: str, **sent: Json) -> Json:
    value = conftest.answer(ANSWERS, name, **sent)
    return value["data"] if name == "list_lwork_users" else value


def test_there_are_lists_to_test() -> None:
    assert len(PAGED) == 22


@pytest.mark.parametrize("name", PAGED)
@given(size=st.integers(1, 40))
@settings(max_examples=8, deadline=None)
def test_two_pages_are_one_page_of_double_size(name: str, size: int) -> None:
    first, second = (answer(name, page=page, size=size) for page in (1, 2))
    double = answer(name, page=1, size=2 * size)
    assert first["list"] + second["list"] == double["list"]
    assert first["total"] == second["total"] == double["total"]


@pytest.mark.parametrize("name", PAGED)
def test_the_total_counts_all_pages(name: str) -> None:
    whole = answer(name, page=1, size=200)
    assert len(whole["list"]) == whole["total"] > 0
    assert answer(name, page=10_000, size=200)["list"] == []


@pytest.mark.parametrize("status", ["approved", "disapproved"])
def test_a_status_filter_is_honoured(status: str) -> None:
    everything = answer("list_deposit_report", status="all", page=1, size=200)
    found = answer("list_deposit_report", status=status, page=1, size=200)
    assert found["list"] == [row for row in everything["list"] if row["status"] == status]
    assert 0 < found["total"] < everything["total"]


def test_auditing_covers_pending_in_fund_reports_and_not_in_transfers() -> None:
    funds = answer("list_deposit_report", status="auditing", page=1, size=200)["list"]
    transfers = answer("list_transfer_report", status="auditing", page=1, size=200)["list"]
    assert {row["status"] for row in funds} == {"pending", "auditing"}
    assert {row["status"] for row in transfers} == {"auditing"}


def test_a_report_shows_no_order_that_is_not_submitted() -> None:
    deposits = answer("list_deposits", page=1, size=200)["list"]
    report = answer("list_deposit_report", status="all", page=1, size=200)["list"]
    submitted = ("pending", "auditing", "approved", "disapproved")
    expected = [(r["id"], r["status"]) for r in deposits if r["status"] in submitted]
    assert [(row["id"], row["status"]) for row in report] == expected


def test_a_period_filter_includes_its_ends() -> None:
    rows = answer("list_deposits", page=1, size=200)["list"]
    start, end = rows[20]["submit_time"], rows[10]["submit_time"]
    found = answer("list_deposits", start_time=start, end_time=end, page=1, size=200)
    assert found["list"] == rows[10:21]
    assert found["total"] == 11


def test_a_period_of_days_includes_the_last_day() -> None:
    rows = answer("list_rebate_detail_report", page=1, size=200)["list"]
    day = rows[5]["calculate_at"][:10]
    found = answer("list_rebate_detail_report", start_time=day, end_time=day, page=1, size=200)
    assert found["list"] == [row for row in rows if row["calculate_at"].startswith(day)]
    assert rows[5] in found["list"]


def test_a_part_of_a_name_finds_a_client() -> None:
    rows = answer("list_ib_clients", page=1, size=200)["list"]
    part = rows[3]["email"][:6]
    found = answer("list_ib_clients", email=part, page=1, size=200)["list"]
    assert found == [row for row in rows if part in row["email"]]
    not_approved = answer("list_ib_clients", kyc_status="disapproved", page=1, size=200)["list"]
    assert not_approved == [row for row in rows if row["kyc_status"] != "approved"]


def test_demo_accounts_are_told_from_live_ones() -> None:
    whole = answer("list_trading_accounts", page=1, size=200)["list"]
    demo = answer("list_trading_accounts", is_demo=True, page=1, size=200)["list"]
    assert demo == [row for row in whole if row["is_demo"]]
    assert len(demo) == 1 < len(whole)


def test_a_message_is_the_same_in_list_and_detail() -> None:
    for row in answer("list_client_messages", page=1, size=20)["list"]:
        message = answer("get_client_message", id=row["id"])
        assert {name: message[name] for name in row if name != "is_read"} == {
            name: value for name, value in row.items() if name != "is_read"
        }


def test_a_deposit_is_the_same_by_its_number() -> None:
    row = answer("list_deposits", page=1, size=20)["list"][7]
    draft = answer("get_deposit_draft", order_number=row["order_number"])
    assert draft["order_number"] == row["order_number"]
    assert draft["deposit_amount"] == row["amount"]


def test_a_trading_account_is_the_same_wherever_it_is_named() -> None:
    accounts = {row["id"]: row for row in answer("list_trading_accounts", page=1, size=9)["list"]}
    for row in answer("list_deposits", page=1, size=200)["list"]:
        named = row["target_trading_account"]
        account = accounts[named["id"]]
        assert named["account"] == account["account"]
        assert named["server_name"] == account["server_name"] == row["server_name"]
        assert named["server_type"].startswith(account["trading_platform"])
    for identity, account in accounts.items():
        assert answer("get_trading_account", id=identity) == account


# (list, what is asked for, which rows of the whole list those are); the first row's own values
# are asked for, so that something is found.
FILTERED: list[tuple[str, Callable[[Json], Json], Callable[[Json, Json], bool]]] = [
    (
        "list_closed_order_report",
        lambda row: {"account": row["trading_account"]["account"]},
        lambda row, sent: row["trading_account"]["account"] == sent["account"],
    ),
    (
        "list_open_position_report",
        lambda row: {"trading_account_id": row["trading_account"]["id"]},
        lambda row, sent: row["trading_account"]["id"] == sent["trading_account_id"],
    ),
    (
        "list_pending_order_report",
        lambda row: {"server_id": 31},
        lambda row, sent: row["trading_account"]["server_name"] == "TradeMax-Live01",
    ),
    (
        "list_closed_order_report",
        lambda row: {"symbol": row["symbol"], "trading_type": row["trading_type"]},
        lambda row, sent: (
            (row["symbol"], row["trading_type"]) == (sent["symbol"], sent["trading_type"])
        ),
    ),
    (
        "list_pending_order_report",
        lambda row: {"order_number": row["order_number"]},
        lambda row, sent: row["order_number"] == sent["order_number"],
    ),
    (
        "list_withdrawal_report",
        lambda row: {"method": row["method"]},
        lambda row, sent: row["method"] == sent["method"],
    ),
    (
        "list_ib_clients",
        lambda row: {"client_name": row["full_name"][:2].upper()},
        lambda row, sent: sent["client_name"].lower() in row["full_name"].lower(),
    ),
    (
        "list_ib_clients",
        lambda row: {"client_user_id": row["client_user_id"]},
        lambda row, sent: row["client_user_id"] == sent["client_user_id"],
    ),
    (
        "list_ib_clients",
        lambda row: {"status": row["status"]},
        lambda row, sent: row["status"] == sent["status"],
    ),
    (
        "list_ib_client_trading_accounts",
        lambda row: {"account_id": row["account_id"][1:4]},
        lambda row, sent: sent["account_id"] in row["account_id"],
    ),
    (
        "list_ib_client_trading_accounts",
        lambda row: {
            "user_name": row["user_name"],
            "trading_account_type_name": row["trading_account_type_name"].lower(),
        },
        lambda row, sent: row["user_name"] == sent["user_name"],
    ),
    (
        "list_rebate_accounts",
        lambda row: {"account_id": row["account_id"]},
        lambda row, sent: row["account_id"] == sent["account_id"],
    ),
    (
        "list_rebate_detail_report",
        lambda row: {"client_user_name": row["client_user_name"]},
        lambda row, sent: row["client_user_name"] == sent["client_user_name"],
    ),
    (
        "list_channel_currencies",
        lambda row: {"remittance_id": 7},
        lambda row, sent: row["code"] in ("USD", "CNY"),
    ),
    (
        "list_account_types",
        lambda row: {"trading_platform": "MT4"},
        lambda row, sent: row["name"] in ("Standard", "ECN"),
    ),
    (
        "list_account_types",
        lambda row: {"trading_platform": "MT5", "is_demo": True},
        lambda row, sent: row["name"] == "Standard",
    ),
]


@pytest.mark.parametrize(("name", "ask", "belongs"), FILTERED)
def test_a_filter_finds_what_belongs_to_it_and_nothing_else(
    name: str, ask: Callable[[Json], Json], belongs: Callable[[Json, Json], bool]
) -> None:
    wide: dict[str, Json] = {"remittance_id": 999} if name == "list_channel_currencies" else {}
    wide |= {"trading_platform": "MT5"} if name == "list_account_types" else {}
    whole = answer(name, page=1, size=200, **wide)["list"]
    sent = ask(whole[0])
    found = answer(name, page=1, size=200, **(wide | sent))
    assert found["list"] == [row for row in whole if belongs(row, sent)]
    assert 0 < found["total"] == len(found["list"]) <= len(whole)


def test_a_payout_is_found_by_its_id() -> None:
    payout = answer("list_rebate_report", page=1, size=200)["list"][1]
    found = answer("list_rebate_detail_report", rebate_aggregation_id=payout["id"], page=1, size=50)
    assert {row["order_number"] for row in found["list"]} == {payout["order_number"]}
    assert found["total"] == payout["total_orders"]


@pytest.mark.parametrize(
    ("kind", "column"), [("UserName", "realName"), ("Email", "email"), ("Phone", "phone")]
)
def test_a_partner_finds_a_user(kind: str, column: str) -> None:
    row = answer("list_lwork_users", type="UserName", value="", page=1, size=50)["list"][3]
    found = answer("list_lwork_users", type=kind, value=row[column], page=1, size=50)["list"]
    assert row in found
    assert (
        answer("list_lwork_users", type=kind, value="nobody at all", page=1, size=50)["list"] == []
    )


def test_payees_of_one_method_leave_the_other_groups_empty() -> None:
    found = answer("list_payees", payment_method="cryptocurrency")
    assert found["cryptocurrency"] and not found["bank_transfer"]
    assert found["total"] == len(found["cryptocurrency"])


def test_accounts_are_found_by_how_money_may_move() -> None:
    every = answer("list_account_balances", type=["normal", "deposit_only"])["list"]
    normal = answer("list_account_balances", type=["normal"])["list"]
    deposit = answer("list_account_balances", type=["deposit_only"])["list"]
    assert sorted(normal + deposit, key=lambda row: row["trading_account_id"]) == every
    assert answer("list_account_balances", type=["withdrawal_only"])["list"] == []


def test_currencies_are_found_by_method() -> None:
    found = answer("list_currencies", method="cryptocurrency")["list"]
    assert [row["code"] for row in found] == ["USDT"]
    assert answer("list_currencies", method="all") == answer("list_currencies")


def test_symbols_are_those_of_the_orders() -> None:
    orders = answer("list_closed_order_report", page=1, size=200)["list"]
    symbols = answer("list_traded_symbols", order_type="history")["list"]
    assert symbols == sorted({row["symbol"] for row in orders})
    on_server = [r for r in orders if r["trading_account"]["server_name"] == "TradeMax-Live02"]
    found = answer("list_traded_symbols", order_type="history", server_id=32)["list"]
    assert found == sorted({row["symbol"] for row in on_server})
    assert answer("list_trading_server_options", order_type="history")["total"] == 2


def test_an_unpaid_rebate_is_in_no_period_of_payment() -> None:
    found = answer(
        "list_rebate_detail_report",
        time_search_type="grant_at",
        end_time="2026-01-10",
        page=1,
        size=200,
    )["list"]
    assert found and all("" < row["grant_at"][:10] <= "2026-01-10" for row in found)


def test_a_word_is_a_word_where_all_is_no_choice() -> None:
    assert answer("list_ib_clients", client_name="all", page=1, size=200)["total"] < 30
    assert answer("list_lwork_users", value="all", page=1, size=200)["total"] < 15


def test_every_filter_of_a_list_is_known_or_names_a_column() -> None:
    paging = {"page", "size", "start_time", "end_time", "time_type", "time_search_type"}
    for name in PAGED:
        columns = set(answer(name, page=1, size=1)["list"][0])
        for parameter in ANSWERS.operations[name].parameters:
            if parameter["in"] == "query":
                assert parameter["name"] in paging | columns | set(FILTERS), name


def test_a_new_client_has_nothing_yet() -> None:
    new = next(persona for persona in PERSONAS if persona.is_new)
    for name, operation in ANSWERS.operations.items():
        if name in PAGED and operation.schemes == ("client",):
            sent = conftest.usual_query(operation)
            found = orjson.loads(ANSWERS.body(name, "en", new, "client", sent))
            shared = name in SHARED
            assert bool(found["total"]) == shared, name


# What the broker offers to everybody.
SHARED = (
    "list_account_types",
    "list_channel_currencies",
    "list_crypto_networks",
    "list_deposit_channels",
    "list_exchange_rates",
    "list_withdrawal_channels",
)


def test_two_personas_do_not_own_the_same_accounts() -> None:
    def numbers(persona: Persona) -> set[str]:
        value = orjson.loads(ANSWERS.body("list_trading_account_options", "en", persona))
        return {row["account"] for row in value["list"]}

    client, _, _, anyone = PERSONAS[:4]
    assert len(numbers(client)) == 4 and not numbers(client) & numbers(anyone)
