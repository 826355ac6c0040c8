"""Lists: which entries there are, and which page of them a request asks for."""

from collections.abc import Iterator, Mapping
from typing import Any

from mock.money_orders import PAYOUT_METHODS, SUBMITTED
from mock.records import Record
from mock.texts import data

Json = Any

# Properties that hold a list of records; other arrays of objects are parts of their record.
LISTS = ("list", "language", *PAYOUT_METHODS)
_OF_ACCOUNTS = ("AccountBalance", "TradingAccount", "TradingAccountRef")


def rows(record: Record, name: str, component: str) -> Iterator[Record]:
    """The records that a list shows: fixed entries in their order, accounts in theirs, everything
    else newest first.
    """
    if component in data("reference"):
        yield from _fixed(record, component)
    elif component == "LworkTradeAccount":
        yield from record.client_accounts
    else:
        kind = "trading_accounts" if component in _OF_ACCOUNTS else record.kind
        yield from (row for row in record.siblings(kind) if _belongs(row, name, component))


def _fixed(record: Record, component: str) -> Iterator[Record]:
    """Entries of reference.yaml; IBs have a menu of their own."""
    entries = data("reference")[component]
    if record.scene.persona.kind_in(record.scene.portal) == "ib":
        entries = data("reference").get(f"Ib{component}", entries)
    for place, entry in enumerate(entries):
        key = str(entry.get("id", record.first(component) + place))
        yield record.other(record.kind, key).within(entry)


def _belongs(row: Record, name: str, component: str) -> bool:
    if component == "FundsReportRow" and row.kind == "deposits":
        return row.money.status in SUBMITTED
    if component == "AccountBalance":
        return not row.account.is_demo
    return name not in PAYOUT_METHODS or row.payee.method == name


def page(entries: list[Json], sent: Mapping[str, Json]) -> list[Json]:
    """The entries of the page that the request asks for; all of them if it asks for none."""
    if "page" not in sent or "size" not in sent:
        return entries
    start = (int(sent["page"]) - 1) * int(sent["size"])
    return entries[start : start + int(sent["size"])]
