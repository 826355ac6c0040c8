"""How often an operation may be called, and by whom it is counted."""

from collections.abc import Callable
from typing import Any, NamedTuple

from models.rate_counter import Limit
from models.user import Caller, normal

Json = Any

MINUTE, HOUR, DAY = 60, 3600, 86400


class Who(NamedTuple):
    """What is known of somebody who calls."""

    address: str
    caller: Caller | None
    body: dict[str, Json]


def _address(who: Who) -> str:
    return who.address


def _user(who: Who) -> str:
    return f"user {who.caller.user_id}" if who.caller else who.address


def _mailbox(who: Who) -> str:
    """Whose mailbox gets the mail."""
    return normal(who.body["email"]) if who.body.get("email") else _user(who)


LIMITS: dict[str, tuple[tuple[Callable[[Who], str], Limit], ...]] = {
    "change_password": ((_user, Limit(10, 5 * MINUTE)),),
    "login": ((_address, Limit(60, MINUTE)),),
    "reset_password": ((_address, Limit(20, MINUTE)),),
    "send_password_reset_email": (
        (_address, Limit(20, MINUTE)),
        (_mailbox, Limit(5, 5 * MINUTE)),
    ),
    "check_password_reset_token": ((_address, Limit(30, MINUTE)),),
    "verify_tencent_captcha": ((_address, Limit(60, MINUTE)),),
    "send_email_code": (
        (_address, Limit(20, HOUR)),
        (_mailbox, Limit(5, HOUR)),
        (_mailbox, Limit(20, DAY)),
    ),
    "check_email_registered": ((_address, Limit(5, MINUTE)), (_address, Limit(30, DAY))),
    "issue_upload_credentials": ((_user, Limit(20, HOUR)),),
}
