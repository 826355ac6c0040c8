"""How often an operation may be called, and by whom it is counted."""

from collections.abc import Callable, Mapping
from typing import Any

from models.boundaries import Boundary, BoundSession
from models.rate_counter import Limit, RateCounter
from models.user import normal
from models.verification_code import Scene
from wlink.calls import Call

Json = Any
Sent = Mapping[str, Json]

# What a column holds.
_LONGEST = 254

MINUTE, HOUR, DAY = 60, 3600, 86400


def _address(call: Call, sent: Sent) -> str:
    return call.address


def _user(call: Call, sent: Sent) -> str:
    return f"user {call.caller.user_id}" if call.caller else call.address


def _mailbox(call: Call, sent: Sent) -> str:
    """Whose mailbox gets the code. Strangers who register count apart from the owner."""
    if sent["scene"] == Scene.REGISTER and sent.get("email"):
        return f"register {normal(sent['email'])}"[:_LONGEST]
    return _user(call, sent)


LIMITS: dict[str, tuple[tuple[Callable[[Call, Sent], str], Limit], ...]] = {
    "change_password": ((_user, Limit(10, 5 * MINUTE)),),
    "login": ((_address, Limit(60, MINUTE)),),
    "reset_password": ((_address, Limit(20, MINUTE)),),
    "send_password_reset_email": ((_address, Limit(20, MINUTE)),),
    "check_password_reset_token": ((_address, Limit(30, MINUTE)),),
    "verify_tencent_captcha": ((_address, Limit(60, MINUTE)),),
    "send_email_code": (
        (_address, Limit(20, HOUR)),
        (_mailbox, Limit(5, HOUR)),
        (_mailbox, Limit(20, DAY)),
    ),
    "check_email_registered": ((_address, Limit(5, MINUTE)), (_address, Limit(30, DAY))),
    "issue_upload_credentials": ((_user, Limit(20, HOUR)),),
    # Each writes a row, and has a payment begun at the gateway or a mail sent.
    "create_deposit_draft": ((_user, Limit(60, HOUR)),),
    "create_payee": ((_user, Limit(60, HOUR)),),
    "update_payee": ((_user, Limit(60, HOUR)),),
}


def count(call: Call, name: str, sent: Sent) -> None:
    """Counts a call of the operation, in a transaction of its own: so what is refused later has
    been counted, too. Raises Problem RATE_LIMITED.
    """
    if name not in LIMITS or not call.services.settings.rate_limits:
        return

    def write(session: BoundSession) -> None:
        for counted, limit in LIMITS[name]:
            counter = f"{name} {limit.times}/{limit.seconds}"
            RateCounter.count(session, counter, counted(call, sent), limit, call.now)

    call.services.database.write(Boundary(call.site.tenant_id), write)
