"""Counts and sums."""

from datetime import datetime, timedelta
from decimal import Decimal

from mock.fields.facts import Fact, Facts
from mock.rebates import Payout
from mock.records import Record
from mock.world import TENANT_ZONE

# How much more happens in a longer period than in a day.
_GROWTH = {"this_week": 4, "this_month": 14, "last_month": 22, "all": 90}
_OPEN = ("pending", "auditing")


def _period(record: Record) -> str:
    return str(record.scene.sent.get("date_type", "today"))


def _count(name: str, low: int, high: int) -> Fact:
    """A number of things in the period; low and high are those of a day."""

    def counted(record: Record) -> int:
        period = _period(record)
        return record.draw.of(period).integer(name, low, high) * _GROWTH.get(period, 1)

    return counted


def _sum(name: str, low: int, high: int) -> Fact:
    """A sum of the period in dollars; low and high are those of a day."""
    cents = _count(name, low * 100, high * 100)
    return lambda record: Decimal(cents(record)).scaleb(-2)


def _clients(name: str, low: int, high: int) -> Fact:
    counted = _count(name, low, high)
    return lambda record: min(counted(record), record.total("ib"))


def _net_deposit(record: Record) -> Decimal:
    total: Decimal = FIGURES["deposit_total"](record) - FIGURES["withdrawal_total"](record)
    return total


def _payouts(record: Record) -> list[Payout]:
    return [Payout(record, place) for place in range(record.total("payouts"))]


def _rebate_pending(record: Record) -> Decimal:
    waiting = (payout.amount for payout in _payouts(record) if not payout.paid_at)
    return sum(waiting, Decimal("0.00"))


def _rebate_granted(record: Record) -> Decimal:
    start, end = _bounds(_period(record), record.world.now.astimezone(TENANT_ZONE))
    paid = (p.amount for p in _payouts(record) if p.paid_at and start <= p.paid_at < end)
    return sum(paid, Decimal("0.00"))


def _bounds(period: str, now: datetime) -> tuple[datetime, datetime]:
    """Start and end of a period of the tenant's calendar."""
    today = now.replace(hour=0, minute=0, second=0)
    month = today.replace(day=1)
    last_month = (month - timedelta(days=1)).replace(day=1)
    tomorrow = today + timedelta(days=1)
    periods = {
        "today": (today, tomorrow),
        "yesterday": (today - timedelta(days=1), today),
        "this_week": (today - timedelta(days=today.weekday()), tomorrow),
        "this_month": (month, tomorrow),
        "last_month": (last_month, month),
        "all": (today - timedelta(days=9999), tomorrow),
    }
    return periods[period]


def _unread(record: Record) -> int:
    return sum(not message.is_read for message in record.siblings())


def _drafts(record: Record) -> int:
    return sum(deposit.money.status == "drafted" for deposit in record.siblings("deposits"))


def _has_pending(record: Record) -> bool:
    return any(order.money.status in _OPEN for order in record.siblings("withdrawals"))


FIGURES: Facts = {
    "client_total": lambda r: r.total("ib"),
    "client_new": _clients("client_new", 0, 2),
    "client_active": _clients("client_active", 1, 5),
    "sub_ib_total": lambda r: 3,
    "trading_account_total": lambda r: r.total("ib"),
    "deposit_total": _sum("deposit_total", 2_000, 9_000),
    "withdrawal_total": _sum("withdrawal_total", 200, 1_900),
    "net_deposit": _net_deposit,
    "trade_volume": _sum("trade_volume", 1, 40),
    "trade_orders": _count("trade_orders", 6, 90),
    "DashboardCards.trade_profit": _sum("trade_profit", -900, 900),
    "rebate_pending": _rebate_pending,
    "rebate_granted": _rebate_granted,
    "is_read": lambda r: r.is_read,
    "UnreadCount.count": _unread,
    "DepositDraftCount.count": _drafts,
    "has_pending": _has_pending,
}
