"""Moments, UTC."""

from datetime import timedelta

from mock.fields.facts import Facts, granted, when

TIMES: Facts = {
    **dict.fromkeys(
        ("created_at", "submit_time", "register_datetime", "calculate_at", "createdTime"),
        lambda r: r.created,
    ),
    "registerTime": lambda r: r.created,
    **dict.fromkeys(("updated_at", "verified_at"), lambda r: r.later("updated")),
    "lastLoginTime": lambda r: r.later("login", timedelta(days=9)),
    "latest_trade_time": lambda r: r.later("trade", timedelta(days=30)),
    "open_time": lambda r: r.order.opened_at,
    "pending_time": lambda r: r.order.opened_at,
    "close_time": lambda r: r.order.closed_at,
    "kyc_approved_at": when(
        lambda r: r.registration.approved, lambda r: r.later("approved", timedelta(days=5))
    ),
    "settlement_time": lambda r: r.later("settled", timedelta(hours=6)),
    "payment_time": when(
        granted, lambda r: r.later("settled", timedelta(hours=6)) + timedelta(seconds=40)
    ),
    "grant_at": when(granted, lambda r: r.later("granted_at")),
    "last_update_time": lambda r: r.world.now - timedelta(minutes=7),
    "expire_at": lambda r: r.world.now + timedelta(minutes=30),
    "expiration": lambda r: r.world.now + timedelta(minutes=15),
    "can_resend_at": lambda r: r.world.now + timedelta(seconds=60),
    "expired_at": lambda r: r.world.now + timedelta(minutes=10),
}
