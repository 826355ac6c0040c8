"""What the mock makes up could be true: the fields of a record agree, and so do the records."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock.answers import Answers
from mock.orders import INSTRUMENTS
from mock.world import World
from tests.conftest import answer, whole_contract

Json = Any

WORLDS = st.builds(
    World,
    seed=st.integers(0, 2**32),
    now=st.datetimes(datetime(2025, 1, 1), datetime(2030, 1, 1)).map(
        lambda moment: moment.replace(tzinfo=UTC, microsecond=0)
    ),
)


@given(WORLDS)
@settings(max_examples=10, deadline=None)
def test_email_addresses_fit_the_names(world: World) -> None:
    rows = answer(made(world), "list_ib_clients", size=50)["list"]
    latin = [row for row in rows if row["first_name"].isascii() and row["last_name"].isascii()]
    assert latin and len(latin) < len(rows)
    for row in latin:
        letters = [re.sub("[^a-z]", "", row[n].lower()) for n in ("first_name", "last_name")]
        assert row["email"].startswith(".".join(letters))
    for row in rows:
        assert (
            row["full_name"].replace(" ", "")
            in (
                row["first_name"] + row["last_name"],
                row["last_name"] + row["first_name"],
            )
            or " " in row["first_name"]
        )


def local(world: World) -> str:
    """The frozen clock as the tenant reads it."""
    return world.now.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.long
@given(WORLDS)
@settings(max_examples=10, deadline=None)
def test_times_are_in_order_and_never_in_the_future(world: World) -> None:
    answers, now = made(world), local(world)
    for row in answer(answers, "list_ib_clients", size=50)["list"]:
        assert row["created_at"] <= row["updated_at"] <= now
        assert row["created_at"] <= row.get("latest_trade_time", now) <= now
    for row in answer(answers, "list_closed_order_report", size=50)["list"]:
        assert row["open_time"] < row["close_time"] <= now
    for row in answer(answers, "list_rebates", size=50)["list"]:
        assert row["open_time"] < row["settlement_time"] <= now
        assert row["payment_time"] == "" or row["settlement_time"] < row["payment_time"] <= now
    for row in answer(answers, "list_rebate_report", size=50)["list"]:
        assert row["grant_at"] == "" or row["calculate_at"] <= row["grant_at"] <= now
    profile = answer(answers, "get_client")
    oldest = answer(answers, "list_deposits", size=200)["list"][-1]["submit_time"]
    assert profile["register_datetime"] <= profile["kyc_approved_at"] < oldest


@given(WORLDS)
@settings(max_examples=10, deadline=None)
def test_lists_are_newest_first_up_to_the_frozen_clock(world: World) -> None:
    answers, now = made(world), local(world)
    columns = {
        "list_client_messages": "created_at",
        "list_deposits": "submit_time",
        "list_closed_order_report": "close_time",
        "list_open_position_report": "open_time",
        "list_pending_order_report": "pending_time",
    }
    for name, column in columns.items():
        moments = [row[column] for row in answer(answers, name, size=200)["list"]]
        assert moments == sorted(moments, reverse=True)
        newest = datetime.fromisoformat(now) - datetime.fromisoformat(moments[0])
        assert 0 <= newest.total_seconds() <= 6 * 3600


@given(WORLDS)
@settings(max_examples=10, deadline=None)
def test_money_of_accounts_adds_up(world: World) -> None:
    answers = made(world)
    accounts = answer(answers, "list_trading_accounts")["list"]
    available = {
        r["trading_account_id"]: r for r in answer(answers, "list_account_balances")["list"]
    }
    for row in accounts:
        equity, parts = Decimal(row["equity"]), Decimal(row["balance"]) + Decimal(row["credit"])
        assert abs(equity - parts) <= Decimal(row["balance"]) / 10
        assert row["equity"] == f"{equity:.2f}"
        if row["id"] in available:
            assert 0 <= Decimal(available[row["id"]]["balance"]) <= Decimal(row["balance"])
    assert {row["id"] for row in accounts if not row["is_demo"]} == set(available)


@given(WORLDS)
@settings(max_examples=10, deadline=None)
def test_profits_follow_from_prices_and_lots(world: World) -> None:
    instruments = {instrument.symbol: instrument for instrument in INSTRUMENTS}
    for row in answer(made(world), "list_closed_order_report", size=50)["list"]:
        instrument = instruments[row["symbol"]]
        direction = 1 if row["trading_type"] == "BUY" else -1
        moved = (Decimal(row["close_price"]) - Decimal(row["open_price"])) * direction
        profit = moved * Decimal(row["volume"]) * instrument.lot * instrument.quote_in_usd
        assert row["profit"] == f"{profit.quantize(Decimal('0.01')) + 0:f}"
        passed = (Decimal(row["close_price"]) - Decimal(row["sl"])) * direction
        assert passed > 0
        losing = (Decimal(row["sl"]) - Decimal(row["open_price"])) * direction
        winning = (Decimal(row["tp"]) - Decimal(row["open_price"])) * direction
        assert losing < 0 < winning


@given(WORLDS)
@settings(max_examples=10, deadline=None)
def test_an_order_fits_its_status(world: World) -> None:
    answers = made(world)
    for row in answer(answers, "list_deposits", size=200)["list"]:
        assert bool(row["remark"]) == (row["status"] == "disapproved")
        assert "pay_url" not in row or row["status"] == "drafted"
        age = datetime.fromisoformat(local(world)) - datetime.fromisoformat(row["submit_time"])
        assert (
            (row["status"] != "drafted")
            if age >= timedelta(hours=72)
            else (row["status"] != "expired")
        )
        assert row["order_number"].startswith("D") and row["order_number"].endswith(str(row["id"]))
    for row in answer(answers, "list_deposit_report", size=200)["list"]:
        assert bool(row["auditor_name"]) == (row["status"] != "pending")
    for row in answer(answers, "list_transfers", size=200)["list"]:
        assert row["source_trading_account"]["id"] != row["target_trading_account"]["id"]


@given(WORLDS)
@settings(max_examples=10, deadline=None)
def test_the_statuses_of_a_registration_fit_together(world: World) -> None:
    answers = made(world)
    for row in answer(answers, "list_ib_clients", size=30)["list"]:
        profile = answer(answers, "get_ib_client", client_user_id=row["client_user_id"])
        assert profile["kyc_status"] == row["kyc_status"]
        approved = profile["apply_status"] == "approved"
        assert approved == (profile["kyc_status"] == "approved") == bool(profile["kyc_approved_at"])
        assert ("kyc_way" in profile) == approved
        assert set(profile["kyc_data"]) - {"identity"} == set(profile["completed_module"]) - {
            "identity"
        }
        if profile["identity_status"] == "filled" and profile["completed_module"]:
            assert profile["kyc_data"]["identity"]["full_name"] == row["full_name"]
        else:
            assert profile["kyc_data"]["identity"] == {}


def test_a_document_shows_the_files_of_its_kind(answers: Answers) -> None:
    documents = answer(answers, "get_client")["kyc_data"]["authentication"]
    kind = documents.pop("identification_type")
    assert documents and all(name.startswith(kind) for name in documents)


def test_a_withdrawal_account_has_the_data_of_its_method_alone(answers: Answers) -> None:
    groups = answer(answers, "list_payees")
    infos = {
        "bank_transfer": "bank_transfer_info",
        "international_wire_transfer": "international_wire_info",
        "cryptocurrency": "cryptocurrency_info",
    }
    for method, info in infos.items():
        assert [row["is_default"] for row in groups[method]].count(True) == 1
        for row in groups[method]:
            payee = answer(answers, "get_payee", id=row["id"])
            assert payee["payment_method"] == method
            assert [name for name in infos.values() if payee[name]] == [info]
            number = payee[info].get("bank_no", payee[info].get("wallet_address"))
            shown = row.get("bank_no", row.get("wallet_address"))
            assert shown[-4:] == number[-4:] and "*" in shown and shown != number


def test_figures_of_a_dashboard_add_up(answers: Answers) -> None:
    payouts = answer(answers, "list_rebate_report", size=200)["list"]
    whole = answer(answers, "get_ib_dashboard", date_type="all")["cards"]
    paid = sum(Decimal(row["total_amount"]) for row in payouts if row["grant_at"])
    waiting = sum(Decimal(row["total_amount"]) for row in payouts if not row["grant_at"])
    assert Decimal(whole["rebate_granted"]) == paid > 0
    assert Decimal(whole["rebate_pending"]) == waiting > 0
    days = [answer(answers, "get_ib_dashboard", date_type=d) for d in ("today", "yesterday")]
    assert days[0] != days[1]
    cards = answer(answers, "get_ib_dashboard")["cards"]
    total = Decimal(cards["deposit_total"]) - Decimal(cards["withdrawal_total"])
    assert Decimal(cards["net_deposit"]) == total
    clients = answer(answers, "list_ib_clients")["total"]
    assert cards["client_total"] == clients
    today, always = (
        answer(answers, "get_ib_dashboard", date_type=period)["cards"]
        for period in ("today", "all")
    )
    assert Decimal(today["deposit_total"]) < Decimal(always["deposit_total"])


def test_an_exchange_rate_turns_around(answers: Answers) -> None:
    there = answer(answers, "get_exchange_rate", from_currency="USD", to_currency="CNY")
    back = answer(answers, "get_exchange_rate", from_currency="CNY", to_currency="USD")
    same = answer(answers, "get_exchange_rate", from_currency="CNY", to_currency="CNY")
    product = Decimal(there["exchange_rate"]) * Decimal(back["exchange_rate"])
    assert abs(product - 1) < Decimal("0.0001")
    assert Decimal(same["exchange_rate"]) == 1


def test_counts_are_those_of_the_lists(answers: Answers) -> None:
    deposits = answer(answers, "list_deposits", size=200)["list"]
    drafts = [row for row in deposits if row["status"] == "drafted"]
    assert answer(answers, "count_deposit_drafts")["count"] == len(drafts) > 0
    messages = answer(answers, "list_client_messages", size=200)["list"]
    unread = [row for row in messages if not row["is_read"]]
    assert answer(answers, "count_unread_client_messages")["count"] == len(unread) > 0
    open_orders = [
        row
        for row in answer(answers, "list_withdrawals", size=200)["list"]
        if row["status"] in ("pending", "auditing")
    ]
    assert answer(answers, "check_pending_withdrawal")["has_pending"] == bool(open_orders)


@given(WORLDS)
@settings(max_examples=10, deadline=None)
def test_a_fee_is_that_of_its_channel(world: World) -> None:
    answers = made(world)
    channels = {row["name"]: row for row in answer(answers, "list_withdrawal_channels")["list"]}
    report = answer(answers, "list_withdrawal_report", size=200)["list"]
    for row, history in zip(
        report, answer(answers, "list_withdrawals", size=200)["list"], strict=True
    ):
        channel = channels[history["remittance_name"]]
        assert (row["method"], history["icon"]) == (channel["method"], channel["icon_url"])
        share = Decimal(channel["fee"].removesuffix("%"))
        percent = Decimal(row["amount"]) * share / 100
        fee = percent if channel["fee"].endswith("%") else share
        assert abs(Decimal(row["fee"]) - fee) <= Decimal("0.005")
        limits = Decimal(channel["min_amount"]), Decimal(channel["max_amount"])
        assert limits[0] <= Decimal(row["amount"]) <= limits[1]


@pytest.mark.long
@given(WORLDS)
@settings(max_examples=10, deadline=None)
def test_one_rebate_tells_one_story_in_three_lists(world: World) -> None:
    answers = made(world)
    rebates = answer(answers, "list_rebates", size=200)["list"]
    details = answer(answers, "list_rebate_detail_report", size=200)["list"]
    payouts = answer(answers, "list_rebate_report", size=200)["list"]
    accounts = answer(answers, "list_rebate_accounts", size=200)["list"]
    clients = {
        row["client_user_id"]: row for row in answer(answers, "list_ib_clients", size=200)["list"]
    }
    lower_ibs: dict[int, int] = {}
    for rebate, detail in zip(rebates, details, strict=True):
        assert rebate["client_user_name"] == detail["client_user_name"]
        client = clients[rebate["client_user_id"]]
        assert client["full_name"] == rebate["client_user_name"]
        assert client["kyc_status"] == "approved"
        assert client["created_at"] < rebate["open_time"]
        lower_ib = lower_ibs.setdefault(rebate["client_user_id"], rebate["ib_user_id"])
        assert lower_ib == rebate["ib_user_id"]
        assert rebate["ib_user_name"] == detail["sub_ib_user_name"]
        assert (rebate["rebate_type"] == "sub") == bool(detail["sub_ib_user_name"])
        assert (rebate["ib_user_id"] > 0) == bool(detail["sub_ib_user_name"])
        assert rebate["payment_time"] == detail["grant_at"]
        assert (rebate["symbol"], str(rebate["trade_profit"])) == (
            detail["symbol"],
            str(float(detail["profit"])),
        )
        assert Decimal(detail["amount"]) == Decimal(str(detail["volume"])) * 4
    for payout in payouts:
        parts = [row for row in details if row["order_number"] == payout["order_number"]]
        assert payout["total_orders"] == len(parts)
        assert Decimal(payout["total_amount"]) == sum(Decimal(row["amount"]) for row in parts)
        assert {row["grant_at"] for row in parts} == {payout["grant_at"]}
        assert payout["login_id"] in {row["account_id"] for row in accounts if row["enabled"]}


def test_a_partner_finds_the_same_users_in_list_and_detail(answers: Answers) -> None:
    rows = answer(answers, "list_lwork_users", value="", size=200)["data"]["list"]
    assert len({row["pubUserId"] for row in rows}) == len(rows) > 20
    logins = [login for row in rows for login in row["accounts"]]
    assert len(set(logins)) == len(logins)
    for row in rows:
        user = answer(answers, "get_lwork_user", userId=row["pubUserId"])["data"]
        assert (user["username"], user["email"]) == (row["realName"], row["email"])
        assert row["accounts"] == [account["accountId"] for account in user["accounts"]]
        assert {account["accountType"] for account in user["accounts"]} == {"Live"}
        task = answer(answers, "get_account_task_state", userId=row["pubUserId"])["data"]
        assert task["pubUserId"] == row["pubUserId"]


@given(WORLDS)
@settings(max_examples=10, deadline=None)
def test_a_trading_account_is_of_a_type_that_its_server_offers(world: World) -> None:
    answers = made(world)
    for row in answer(answers, "list_trading_accounts", size=50)["list"]:
        offered = answer(
            answers,
            "list_account_types",
            trading_platform=row["trading_platform"],
            is_demo=row["is_demo"],
        )["list"]
        types = {entry["name"]: entry["leverage_options"] for entry in offered}
        leverages = [entry["value"] for entry in types[row["trading_account_type_name"]]]
        assert row["leverage"] in leverages


@given(WORLDS)
@settings(max_examples=10, deadline=None)
def test_a_position_of_today_has_paid_no_swap(world: World) -> None:
    rows = answer(made(world), "list_open_position_report", size=200)["list"]
    now = datetime.fromisoformat(local(world))
    for row in rows:
        if now - datetime.fromisoformat(row["open_time"]) < timedelta(days=1):
            assert row["swap"] == "0.00"
    assert any(row["swap"] != "0.00" for row in rows)


@given(WORLDS)
@settings(max_examples=10, deadline=None)
def test_an_order_number_has_the_year_of_the_order(world: World) -> None:
    for row in answer(made(world), "list_transfers", size=200)["list"]:
        assert row["order_number"][1:3] == row["submit_time"][2:4]


def test_open_positions_of_a_symbol_have_one_price(answers: Answers) -> None:
    prices: dict[str, set[str]] = {}
    for row in answer(answers, "list_open_position_report", size=200)["list"]:
        prices.setdefault(row["symbol"], set()).add(row["close_price"])
    assert len(prices) > 3
    assert all(len(seen) == 1 for seen in prices.values())


def made(world: World) -> Answers:
    return Answers(whole_contract(), world)
