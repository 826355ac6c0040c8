"""Counts and sums."""

from mock.fields.facts import Facts, dollars, number

FIGURES: Facts = {
    "client_total": number("client_total", 40, 90),
    "client_new": number("client_new", 0, 9),
    "client_active": number("client_active", 5, 38),
    "sub_ib_total": number("sub_ib_total", 1, 9),
    "trading_account_total": number("trading_account_total", 50, 140),
    "deposit_total": dollars("deposit_total", 20_000, 90_000),
    "withdrawal_total": dollars("withdrawal_total", 2_000, 19_000),
    "net_deposit": lambda r: FIGURES["deposit_total"](r) - FIGURES["withdrawal_total"](r),
    "trade_volume": dollars("trade_volume", 10, 400),
    "trade_orders": number("trade_orders", 60, 900),
    "rebate_pending": dollars("rebate_pending", 0, 900),
    "rebate_granted": dollars("rebate_granted", 50, 4_000),
    "total_orders": number("total_orders", 1, 60),
    "count": number("count", 0, 9),
}
