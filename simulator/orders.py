"""Orders as they stand: what is open, waits or is closed, and what it comes to."""

import sqlite3
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal

from simulator.money import places, shown
from simulator.quotes import SYMBOLS, converted, quote
from simulator.requests import Call, Json

PAGE = 500


def price_now(symbol: str, order_type: str, now: datetime, *, opens: bool) -> Decimal:
    """Whoever buys pays the ask; a position is closed by the opposite."""
    current = quote(SYMBOLS[symbol], now)
    buys = order_type.startswith("BUY") is opens
    return current.ask if buys else current.bid


def profit(order: sqlite3.Row, close_price: Decimal, currency: str, now: datetime) -> int:
    """In smallest units of the account's currency."""
    symbol = SYMBOLS[order["symbol"]]
    gained = close_price - Decimal(order["open_price"])
    if order["type"] == "SELL":
        gained = -gained
    raw = gained * Decimal(order["volume"]) * symbol.contract_size
    return _rounded(raw, symbol.profit_currency, currency, now, ROUND_HALF_EVEN)


def margin(symbol_name: str, volume: Decimal, account: sqlite3.Row, now: datetime) -> int:
    """What a position ties up, in smallest units of the account's currency; rounded up."""
    symbol = SYMBOLS[symbol_name]
    tied = volume * symbol.contract_size / account["leverage"]
    return _rounded(tied, symbol.base_currency, account["currency"], now, ROUND_CEILING)


def _rounded(amount: Decimal, source: str, target: str, now: datetime, how: str) -> int:
    exact = converted(amount, source, target, now).scaleb(places(target))
    return int(exact.quantize(Decimal(1), rounding=how))


def floating_profit(call: Call, account: sqlite3.Row) -> int:
    """Of all that is open, with swap and commission."""
    total = 0
    for order in _of(call, account["login"], "open"):
        now_at = price_now(order["symbol"], order["type"], call.now, opens=False)
        gained = profit(order, now_at, account["currency"], call.now)
        total += gained + order["swap"] + order["commission"]
    return total


def used_margin(call: Call, account: sqlite3.Row) -> int:
    """Of all that is open."""
    return sum(
        margin(order["symbol"], Decimal(order["volume"]), account, call.now)
        for order in _of(call, account["login"], "open")
    )


def positions(call: Call) -> Json:
    """What is open, with the price and profit of this moment."""
    return {"orders": [_standing(call, order) for order in _asked(call, "open")]}


def pendings(call: Call) -> Json:
    """What waits for its price."""
    return {"orders": [_standing(call, order) for order in _asked(call, "pending")]}


def closed(call: Call) -> Json:
    """A page of closed orders, in the order in which they were closed."""
    cursor, login = call.asked_cursor(), call.query.get("login", "")
    found = call.connection.execute(
        "SELECT trade_order.*, currency FROM trade_order JOIN account USING (server, login)"
        " WHERE server = ? AND closing_deal > ? AND ? IN ('', login)"
        " ORDER BY closing_deal LIMIT ?",
        (call.server, cursor, login, PAGE),
    ).fetchall()
    last = found[-1]["closing_deal"] if found else cursor
    orders = [_shown(order, Decimal(order["close_price"]), order["profit"]) for order in found]
    return {"orders": orders, "cursor": str(last)}


def _of(call: Call, login: str, state: str) -> list[sqlite3.Row]:
    return call.connection.execute(
        "SELECT trade_order.*, currency FROM trade_order JOIN account USING (server, login)"
        " WHERE server = ? AND login = ? AND state = ? ORDER BY ticket",
        (call.server, login, state),
    ).fetchall()


def _asked(call: Call, state: str) -> list[sqlite3.Row]:
    return _of(call, call.query.get("login", ""), state)


def _standing(call: Call, order: sqlite3.Row) -> Json:
    is_open = order["state"] == "open"
    price = price_now(order["symbol"], order["type"], call.now, opens=not is_open)
    gained = profit(order, price, order["currency"], call.now) if is_open else 0
    return _shown(order, price, gained)


def _shown(order: sqlite3.Row, close_price: Decimal, gained: int) -> Json:
    amounts = {"profit": gained, "swap": order["swap"], "commission": order["commission"]}
    kept = ("ticket", "login", "symbol", "type", "volume", "open_price", "stop_loss")
    return {
        **{name: order[name] for name in (*kept, "take_profit", "opened_at", "closed_at")},
        "close_price": str(close_price),
        **{name: shown(amount, order["currency"]) for name, amount in amounts.items()},
    }
