"""Lists: which entries there are, which of them a request asks for, and its page."""

from collections.abc import Iterator, Mapping
from typing import Any

from mock.records import PAYOUT_METHODS, SUBMITTED, Record, first_identity, total
from mock.texts import data

Json = Any

# Properties that hold a list of records; other arrays of objects are parts of their record.
LISTS = ("list", "language", *PAYOUT_METHODS)
_OF_ACCOUNTS = ("AccountBalance", "TradingAccount", "TradingAccountRef")
_ACCOUNTS_OF_A_USER = 2
_CONTAINED = ("email", "client_name", "client_user_name", "user_name", "account_id", "value")
_TIMES = ("submit_time", "created_at", "open_time", "pending_time", "calculate_at")
_TIME_CHOICES = {"close": "close_time", "grant_at": "grant_at"}
_ALL = "all"


def rows(record: Record, name: str, component: str) -> Iterator[Record]:
    """The records that a list shows: fixed entries in their order, accounts in theirs, everything
    else newest first.
    """
    if component in data("reference"):
        first = first_identity(record.world, component)
        for place, entry in enumerate(data("reference")[component]):
            yield record.other(record.kind, str(entry.get("id", first + place))).within(entry)
        return
    if component == "LworkTradeAccount":
        for place in range(_ACCOUNTS_OF_A_USER):
            yield record.other("trading_accounts", str(record.identity + place))
        return
    kind = "trading_accounts" if component in _OF_ACCOUNTS else record.kind
    first, count = first_identity(record.world, kind), total(record.world, kind)
    places = range(count) if kind == "trading_accounts" else range(count - 1, -1, -1)
    if component == "AccountBalance":
        places = range(count - 1)  # the last account is the demo account: nothing to move there
    for place in places:
        row = record.other(kind, str(first + place))
        if _belongs(row, name, component):
            yield row


def _belongs(row: Record, name: str, component: str) -> bool:
    if component == "FundsReportRow" and row.kind == "deposits":
        return row.deposit_status in SUBMITTED
    return name not in PAYOUT_METHODS or row.payout_method == name


def asked_for(row: Json, sent: Mapping[str, Json]) -> bool:
    """Whether an entry fits to what the request filters by."""
    if not isinstance(row, dict):
        return True
    same = all(_fits(row[name], wanted, name) for name, wanted in sent.items() if name in row)
    return same and _in_period(row, sent)


def _fits(value: Json, wanted: Json, name: str) -> bool:
    if wanted == _ALL or isinstance(value, dict | list):
        return True
    if name in _CONTAINED:
        return str(wanted).lower() in str(value).lower()
    if isinstance(wanted, tuple):
        return value in wanted
    if (name, wanted) == ("kyc_status", "disapproved"):
        return bool(value != "approved")
    return bool(value == wanted)


def _in_period(row: Mapping[str, Json], sent: Mapping[str, Json]) -> bool:
    chosen = _TIME_CHOICES.get(sent.get("time_type", sent.get("time_search_type", "")))
    column = chosen or next((name for name in _TIMES if name in row), None)
    if column is None or column not in row:
        return True
    moment = str(row[column])
    start, end = str(sent.get("start_time", "")), str(sent.get("end_time", "9"))
    # A day that ends a period counts whole, so only its ten characters are compared.
    return start <= moment and moment[: len(end)] <= end


def page(entries: list[Json], sent: Mapping[str, Json]) -> list[Json]:
    """The entries of the page that the request asks for; all of them if it asks for none."""
    if "page" not in sent or "size" not in sent:
        return entries
    start = (int(sent["page"]) - 1) * int(sent["size"])
    return entries[start : start + int(sent["size"])]
