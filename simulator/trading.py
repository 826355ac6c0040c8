"""How orders come about here, where no trader does: for tests and demonstrations."""

import sqlite3
from decimal import Decimal

from simulator import servers
from simulator.accounts import free_margin, named
from simulator.deals import book
from simulator.money import decimal, units
from simulator.orders import margin, price_now, profit
from simulator.quotes import SYMBOLS, Symbol, quote, symbol_named
from simulator.refusals import NO_MONEY, NOT_FOUND, TRADE_DISABLED, WRONG_PARAMETERS, Refusal
from simulator.requests import Call, Json

_SIDES = ("BUY", "SELL")
_WAITING = ("BUY_LIMIT", "SELL_LIMIT", "BUY_STOP", "SELL_STOP")
_STOP_LIMITS = ("BUY_STOP_LIMIT", "SELL_STOP_LIMIT")
_MOST_LOTS = 1000


def open_position(call: Call) -> Json:
    """At the price of this moment, if the free margin is enough."""
    account, side = _trader(call), call.word("type", *_SIDES)
    symbol, volume = symbol_named(call.body.get("symbol")), _volume(call)
    if margin(symbol.name, volume, account, call.now) > free_margin(call, account):
        raise Refusal(NO_MONEY)
    price = price_now(symbol.name, side, call.now, opens=True)
    return _placed(call, account, symbol, side, "open", price)


def place_pending(call: Call) -> Json:
    """It waits for ever: nothing here carries it out."""
    platform = servers.about(call)["platform"]
    words = _WAITING + (_STOP_LIMITS if platform == "MT5" else ())
    account, kind = _trader(call), call.word("type", *words)
    symbol = symbol_named(call.body.get("symbol"))
    return _placed(call, account, symbol, kind, "pending", _price(call, "price", symbol))


def close_position(call: Call) -> Json:
    """What it has gained or lost becomes a deal."""
    order = call.connection.execute(
        "SELECT * FROM trade_order WHERE server = ? AND ticket = ? AND state = 'open'",
        (call.server, int(call.subject)),
    ).fetchone()
    if order is None:
        raise Refusal(NOT_FOUND)
    account = named(call, order["login"])
    price = price_now(order["symbol"], order["type"], call.now, opens=False)
    gained = profit(order, price, account["currency"], call.now)
    amount = gained + order["swap"] + order["commission"]
    deal = book(call, account, "trade", amount, f"#{order['ticket']}")
    call.connection.execute(
        "UPDATE trade_order SET state = 'closed', close_price = ?, profit = ?, closed_at = ?,"
        " closing_deal = ? WHERE server = ? AND ticket = ?",
        (str(price), gained, call.at(), deal, call.server, order["ticket"]),
    )
    return {"ticket": order["ticket"], "deal": deal}


def symbols(call: Call) -> Json:
    """All of them, with the prices of this moment."""
    return {"symbols": [_symbol_shown(call, symbol) for symbol in SYMBOLS.values()]}


def _symbol_shown(call: Call, symbol: Symbol) -> Json:
    price = quote(symbol, call.now)
    return {
        "name": symbol.name,
        "digits": symbol.digits,
        "contract_size": str(symbol.contract_size),
        "base_currency": symbol.base_currency,
        "profit_currency": symbol.profit_currency,
        "bid": str(price.bid),
        "ask": str(price.ask),
    }


def _trader(call: Call) -> sqlite3.Row:
    account = named(call, call.subject)
    if not account["is_enabled"]:
        raise Refusal(TRADE_DISABLED)
    return account


def _volume(call: Call) -> Decimal:
    volume = decimal(call.body.get("volume"))
    if not 0 < volume <= _MOST_LOTS or volume != round(volume, 2):
        raise Refusal(WRONG_PARAMETERS)
    return volume


def _price(call: Call, name: str, symbol: Symbol) -> Decimal:
    price = decimal(call.body.get(name, "0"))
    if price < 0 or price != round(price, symbol.digits):
        raise Refusal(WRONG_PARAMETERS)
    return price


def _placed(
    call: Call, account: sqlite3.Row, symbol: Symbol, kind: str, state: str, price: Decimal
) -> Json:
    ticket, currency = servers.next_ticket(call), account["currency"]
    call.connection.execute(
        "INSERT INTO trade_order (server, ticket, login, symbol, type, state, volume, open_price,"
        " stop_loss, take_profit, swap, commission, opened_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(call.server, ticket, account["login"], symbol.name, kind, state),
            *(str(_volume(call)), str(price)),
            *(str(_price(call, name, symbol)) for name in ("stop_loss", "take_profit")),
            *(units(call.text(name, "0"), currency) for name in ("swap", "commission")),
            call.at(),
        ),
    )
    return {"ticket": ticket}
