"""Rebates and payouts of an IB."""

from datetime import datetime

from mock.fields.facts import Facts, constant, each
from mock.order_numbers import numbered
from mock.rebates import Payout, Rebate
from mock.records import PER_PAYOUT, Record


def _payout(record: Record) -> Payout:
    return Payout(record, record.identity - record.first("payouts"))


def _payout_number(record: Record) -> str | None:
    payout = Rebate(record).payout
    return numbered("R", payout.calculated_at, payout.identity) if payout else None


def _paid_at(record: Record) -> datetime | None:
    payout = Rebate(record).payout
    return payout.paid_at if payout else None


REBATES: Facts = {
    "RebateDetailRow.amount": lambda r: Rebate(r).amount,
    "RebateDetailRow.order_number": _payout_number,
    "client_user_name": lambda r: Rebate(r).client.person.full_name,
    "RebateRow.client_user_id": lambda r: Rebate(r).client.identity,
    "RebateDetailRow.ib_user_name": lambda r: r.caller.full_name,
    **each("RebateRow.ib_user_name sub_ib_user_name", lambda r: Rebate(r).lower_ib_name),
    "ib_user_id": lambda r: Rebate(r).lower_ib,
    "rebate_type": lambda r: "sub" if Rebate(r).lower_ib else "direct",
    "trigger_event": constant("order_close"),
    **each("settlement_time calculate_at", lambda r: r.created),
    **each("payment_time grant_at", _paid_at),
    "RebateAggregationRow.calculate_at": lambda r: _payout(r).calculated_at,
    "RebateAggregationRow.grant_at": lambda r: _payout(r).paid_at,
    "RebateAggregationRow.order_number": lambda r: numbered(
        "R", _payout(r).calculated_at, r.identity
    ),
    "total_amount": lambda r: _payout(r).amount,
    "total_orders": constant(PER_PAYOUT),
}
