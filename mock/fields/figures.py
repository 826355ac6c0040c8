"""Counts and sums."""

from decimal import Decimal

from mock.fields.facts import Fact, Facts, dollars, number
from mock.records import Record

# How much more happens in a longer period.
_GROWTH = {
    "today": 1,
    "yesterday": 1,
    "this_week": 4,
    "this_month": 14,
    "last_month": 22,
    "all": 90,
}
_OPEN = ("pending", "auditing")


def _grown(fact: Fact) -> Fact:
    """A figure of one day, for the period that is asked for."""
    return lambda record: fact(record) * _GROWTH.get(record.scene.sent.get("date_type", "today"), 1)


def _at_most_all(fact: Fact) -> Fact:
    return lambda record: min(_grown(fact)(record), record.total("ib"))


def _net_deposit(record: Record) -> Decimal:
    total: Decimal = FIGURES["deposit_total"](record) - FIGURES["withdrawal_total"](record)
    return total


def _unread(record: Record) -> int:
    return sum(not message.is_read for message in record.siblings())


def _drafts(record: Record) -> int:
    return sum(deposit.money.status == "drafted" for deposit in record.siblings("deposits"))


def _has_pending(record: Record) -> bool:
    return any(order.money.status in _OPEN for order in record.siblings("withdrawals"))


FIGURES: Facts = {
    "client_total": lambda r: r.total("ib"),
    "client_new": _at_most_all(number("client_new", 0, 2)),
    "client_active": _at_most_all(number("client_active", 1, 5)),
    "sub_ib_total": lambda r: 3,
    "trading_account_total": lambda r: r.total("ib"),
    "deposit_total": _grown(dollars("deposit_total", 2_000, 9_000)),
    "withdrawal_total": _grown(dollars("withdrawal_total", 200, 1_900)),
    "net_deposit": _net_deposit,
    "trade_volume": _grown(dollars("trade_volume", 1, 40)),
    "trade_orders": _grown(number("trade_orders", 6, 90)),
    "DashboardCards.trade_profit": _grown(dollars("trade_profit", -900, 900)),
    "rebate_pending": dollars("rebate_pending", 0, 90),
    "rebate_granted": _grown(dollars("rebate_granted", 5, 160)),
    "is_read": lambda r: r.is_read,
    "UnreadCount.count": _unread,
    "DepositDraftCount.count": _drafts,
    "has_pending": _has_pending,
}
