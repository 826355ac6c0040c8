"""Moments, UTC."""

from datetime import timedelta

from mock.fields.facts import ABSENT, Facts, each, when

TIMES: Facts = {
    **each("created_at submit_time registerTime createdTime", lambda r: r.created),
    "updated_at": lambda r: r.later("updated"),
    "register_datetime": lambda r: r.registered,
    "kyc_approved_at": when(
        lambda r: r.registration.approved,
        lambda r: r.after(r.registered, "approved", timedelta(days=5)),
    ),
    "lastLoginTime": lambda r: r.later("login", timedelta(days=9)),
    "latest_trade_time": when(
        lambda r: r.registration.approved, lambda r: r.later("trade", timedelta(days=30)), ABSENT
    ),
    **each("open_time pending_time", lambda r: r.trade.opened_at),
    "close_time": lambda r: r.trade.seen_at,
    "last_update_time": lambda r: r.world.now - timedelta(minutes=7),
    "expire_at": lambda r: r.world.now + timedelta(minutes=30),
    "expiration": lambda r: r.world.now + timedelta(minutes=15),
    "can_resend_at": lambda r: r.world.now + timedelta(seconds=60),
    "expired_at": lambda r: r.world.now + timedelta(minutes=10),
}
