"""Which entries of a list a request asks for. Where a parameter has the name of a column, and no
filter here, the column must be equal.
"""

from collections.abc import Callable, Mapping
from typing import Any

from mock.fields.trading import ORDERS
from mock.rebates import Rebate
from mock.records import Record
from mock.texts import data

Json = Any
Filter = Callable[[Record, Mapping[str, Json], Mapping[str, Json]], bool]
"""(the record, its row, all that was sent) -> whether the row is asked for"""

# Parameters that may say `all`, which then means no filter; elsewhere it is a word like others.
_MAY_BE_ALL = ("status", "method", "trading_type")
_TIMES = ("submit_time", "created_at", "open_time", "pending_time", "calculate_at")
_TIME_CHOICES = {"close": "close_time", "grant_at": "grant_at"}
_SEARCHED = {"UserName": "realName", "Email": "email", "Phone": "phone", "TradeAccount": "accounts"}


def _contains(value: Json, part: Json) -> bool:
    return str(part).casefold() in str(value).casefold()


def _part_of(column: str) -> Filter:
    return lambda record, row, sent: _contains(row[column], sent[column])


def _searched(record: Record, row: Mapping[str, Json], sent: Mapping[str, Json]) -> bool:
    column = _SEARCHED.get(sent.get("type", ""))
    return column is None or _contains(row[column], sent["value"])


def _channel_takes(record: Record, row: Mapping[str, Json], sent: Mapping[str, Json]) -> bool:
    channels = data("reference")["DepositChannel"] + data("reference")["WithdrawalChannel"]
    taken = [c["allowed_currencies"] for c in channels if c["id"] == sent["remittance_id"]]
    return not taken or row["code"] in taken[0]


def _method_takes(record: Record, row: Mapping[str, Json], sent: Mapping[str, Json]) -> bool:
    if "code" not in row:
        return bool(row["method"] == sent["method"])
    channels = data("reference")["WithdrawalChannel"]
    return any(
        row["code"] in c["allowed_currencies"] for c in channels if c["method"] == sent["method"]
    )


def _has_orders(record: Record, row: Mapping[str, Json], sent: Mapping[str, Json]) -> bool:
    orders = record.siblings(ORDERS[sent["order_type"]])
    return any(order.account.server["id"] == row["id"] for order in orders)


def _is_account_type(record: Record, row: Mapping[str, Json], sent: Mapping[str, Json]) -> bool:
    fits = sent["trading_platform"] in record.entry["platforms"]
    return bool(fits and (record.entry["demo"] or not sent.get("is_demo")))


def _in_status(record: Record, row: Mapping[str, Json], sent: Mapping[str, Json]) -> bool:
    wanted = sent["status"]
    return row["status"] in (wanted if isinstance(wanted, tuple) else (wanted,))


def _in_kyc_status(record: Record, row: Mapping[str, Json], sent: Mapping[str, Json]) -> bool:
    return bool((row["kyc_status"] == "approved") == (sent["kyc_status"] == "approved"))


def _in_payout(record: Record, row: Mapping[str, Json], sent: Mapping[str, Json]) -> bool:
    payout = Rebate(record).payout
    return payout is not None and payout.identity == int(sent["rebate_aggregation_id"])


FILTERS: dict[str, Filter] = {
    "account": lambda r, row, sent: r.account.login == sent["account"],
    "account_id": lambda r, row, sent: sent["account_id"] in r.account.login,
    "server_id": lambda r, row, sent: r.account.server["id"] == sent["server_id"],
    "trading_account_id": lambda r, row, sent: r.account_identity == sent["trading_account_id"],
    "client_name": lambda r, row, sent: _contains(row["full_name"], sent["client_name"]),
    "client_user_name": _part_of("client_user_name"),
    "user_name": _part_of("user_name"),
    "email": _part_of("email"),
    "trading_account_type_name": _part_of("trading_account_type_name"),
    "value": _searched,
    "type": lambda r, row, sent: (
        r.account.funding_type in sent["type"] if isinstance(sent["type"], list) else True
    ),
    "payment_method": lambda r, row, sent: r.payee.method == sent["payment_method"],
    "remittance_id": _channel_takes,
    "method": _method_takes,
    "order_type": _has_orders,
    "trading_platform": _is_account_type,
    "status": _in_status,
    "kyc_status": _in_kyc_status,
    "rebate_aggregation_id": _in_payout,
}


def asked_for(record: Record, row: Mapping[str, Json], sent: Mapping[str, Json]) -> bool:
    """Whether an entry fits to everything that the request filters by."""
    return _in_period(row, sent) and all(
        _fits(name, record, row, sent)
        for name, wanted in sent.items()
        if not (wanted == "all" and name in _MAY_BE_ALL)
    )


def _fits(name: str, record: Record, row: Mapping[str, Json], sent: Mapping[str, Json]) -> bool:
    if name in FILTERS:
        return FILTERS[name](record, row, sent)
    return name not in row or bool(row[name] == sent[name])


def _in_period(row: Mapping[str, Json], sent: Mapping[str, Json]) -> bool:
    """A row without the moment that the period means is in no period."""
    if not sent.keys() & {"start_time", "end_time"}:
        return True
    chosen = _TIME_CHOICES.get(sent.get("time_type", sent.get("time_search_type", "")))
    moment = str(row[chosen or next(name for name in _TIMES if name in row)])
    start, end = str(sent.get("start_time", "")), str(sent.get("end_time", "9"))
    # A day that ends a period counts whole, so only its ten characters are compared.
    return bool(moment) and start <= moment and moment[: len(end)] <= end
