"""What clients must be shown."""

from datetime import datetime
from typing import Any

from tests.reference_money import Order, text_of

Json = Any

LISTS = {"list_deposits": "D", "list_withdrawals": "W", "list_transfers": "T"}
LOOKS = (*LISTS, "count_deposit_drafts", "check_pending_withdrawal", "list_trading_accounts")


def wanted(name: str, own: list[Order], known: dict[int, int], now: datetime) -> Json:
    """By a client's own orders, the oldest first, and what is known to stand on his accounts."""
    if name in LISTS:
        rows = sorted(own, key=lambda each: each.shown_at)[::-1]
        return [
            (each.number, each.status_at(now), text_of(each.amount), each.is_payable(now))
            for each in rows
            if each.kind == LISTS[name]
        ]
    if name == "count_deposit_drafts":
        return [each.status_at(now) for each in own].count("drafted")
    if name == "check_pending_withdrawal":
        return any(each.is_undecided for each in own)
    return {number: text_of(amount) for number, amount in known.items()}


def seen(name: str, told: Json) -> Json:
    """The same in what he was told."""
    if name in LISTS:
        assert told["total"] == len(told["list"])
        return [
            (row["order_number"], row["status"], row["amount"], bool(row.get("pay_url")))
            for row in told["list"]
        ]
    if name == "list_trading_accounts":
        return {row["id"]: row["balance"] for row in told["list"]}
    return told["count" if name == "count_deposit_drafts" else "has_pending"]
