"""Trading accounts and orders."""

from mock.fields.facts import Facts

TRADING: Facts = {
    "balance": lambda r: (
        r.account.available if r.component == "AccountBalance" else r.account.balance
    ),
    "credit": lambda r: r.account.credit,
    "equity": lambda r: r.account.equity,
    "margin_level": lambda r: r.account.margin_level,
    "leverage": lambda r: r.account.leverage,
    "leverage_options": lambda r: [o["value"] for o in r.account.type["leverage_options"]],
    "is_demo": lambda r: r.account.is_demo,
    **dict.fromkeys(
        ("server_name", "trading_server_name", "serverName"), lambda r: r.account.server["name"]
    ),
    "server_type": lambda r: r.account.server["type"],
    **dict.fromkeys(("trading_platform", "platformName"), lambda r: r.account.platform),
    "accountType": lambda r: "Demo" if r.account.is_demo else "Live",
    "accountId": lambda r: r.account.login,
    "accounts": lambda r: [r.account.login],  # the first of those that the user's detail shows
    "trading_account_type_name": lambda r: r.account.type["name"],
    **dict.fromkeys(
        ("accountGroup", "accountGroupName"),
        lambda r: f"{'demo' if r.account.is_demo else 'real'}\\{r.account.type['name']}-USD",
    ),
    "trading_account_id": lambda r: (
        r.identity if r.kind == "trading_accounts" else r.account_identity
    ),
    "trading_type": lambda r: r.order.side,
    "volume": lambda r: r.order.volume,
    "open_price": lambda r: r.order.open_price,
    "pending_price": lambda r: r.order.open_price,
    "close_price": lambda r: r.order.close_price,
    "sl": lambda r: r.order.stop_loss,
    "tp": lambda r: r.order.take_profit,
    "swap": lambda r: r.order.swap,
    "commission": lambda r: r.order.commission,
    **dict.fromkeys(("profit", "trade_profit"), lambda r: r.order.profit),
    **dict.fromkeys(("password", "observe_password"), lambda r: ""),
}
