"""Trading accounts and orders."""

from mock.fields.facts import Facts, constant, each
from mock.orders import INSTRUMENTS
from mock.records import Record

ORDERS = {"holding": "open_positions", "history": "closed_orders", "pending": "pending_orders"}


def _traded_symbols(record: Record) -> list[str]:
    """Of the caller's orders of the kind that is asked for, on one server or on all."""
    sent = record.scene.sent
    if "order_type" not in sent:
        return sorted(instrument.symbol for instrument in INSTRUMENTS)
    orders = record.siblings(ORDERS[sent["order_type"]])
    server = sent.get("server_id")
    return sorted(
        {
            order.trade.instrument.symbol
            for order in orders
            if server in (None, order.account.server["id"])
        }
    )


TRADING: Facts = {
    "balance": lambda r: r.account.balance,
    "AccountBalance.balance": lambda r: r.account.available,
    "credit": lambda r: r.account.credit,
    "equity": lambda r: r.account.equity,
    "margin_level": lambda r: r.account.margin_level,
    "leverage": lambda r: r.account.leverage,
    "leverage_options": lambda r: [o["value"] for o in r.account.type["leverage_options"]],
    "is_demo": lambda r: r.account.is_demo,
    **each("server_name trading_server_name serverName", lambda r: r.account.server["name"]),
    "server_type": lambda r: r.account.server["type"],
    **each("trading_platform platformName", lambda r: r.account.platform),
    "accountType": lambda r: "Demo" if r.account.is_demo else "Live",
    "accountId": lambda r: r.account.login,
    "accounts": lambda r: [each.account.login for each in r.client_accounts],
    "trading_account_type_name": lambda r: r.account.type["name"],
    "trading_account_id": lambda r: r.account_identity,
    "trading_type": lambda r: r.trade.side,
    "volume": lambda r: r.trade.volume,
    **each("open_price pending_price", lambda r: r.trade.open_price),
    "close_price": lambda r: r.trade.close_price,
    "sl": lambda r: r.trade.stop_loss,
    "tp": lambda r: r.trade.take_profit,
    "swap": lambda r: r.trade.swap,
    "commission": lambda r: r.trade.commission,
    **each("profit trade_profit", lambda r: r.trade.profit),
    "LworkTradeAccount.status": lambda r: r.draw.chance("status", 50),
    "SymbolList.list": _traded_symbols,
    "enabled": lambda r: r.identity == r.first() + r.total() - 1 or r.draw.chance("enabled", 50),
    **each("password observe_password", constant("")),
}
