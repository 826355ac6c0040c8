"""Lists honour page, size and filters, and their details show the same records."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock.answers import Answers
from mock.world import World
from tests.conftest import _contract, asked

Json = Any

ANSWERS = Answers(_contract(), World())
PAGED = sorted(
    name
    for name, operation in ANSWERS.operations.items()
    if {"page", "size"} <= {p["name"] for p in operation.parameters} and "count" not in name
)


def answer(name: str, **sent: Json) -> Json:
    value = orjson.loads(ANSWERS.body(asked(ANSWERS.operations[name], **sent)))
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
