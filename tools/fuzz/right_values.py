"""Values that an operation accepts at this moment: chance would never find them."""

import secrets
from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import uuid4

from models.user import User
from models.verification_code import Scene
from tools.fuzz.broker import Broker, example

Json = Any


class Asker(NamedTuple):
    """Who sends a request. `user` is somebody whom nobody else uses; he is logged in if
    `is_known`.
    """

    broker: Broker
    user: User
    is_known: bool


def _login(asker: Asker, sent: Json) -> Json:
    asker.broker.restore(asker.user)
    return {"email": asker.user.email, "password": asker.broker.password}


def _change_password(asker: Asker, sent: Json) -> Json:
    asker.broker.restore(asker.user)
    return {
        "old_password": asker.broker.password,
        "new_password": _strong(),
        "email_code": asker.broker.email_code(asker.user, Scene.PASSWORD_CHANGE),
    }


def _reset_password(asker: Asker, sent: Json) -> Json:
    return {"token": asker.broker.reset_token(asker.user), "password": _strong()}


def _strong() -> str:
    return f"Quarry-lantern-{secrets.token_hex(4)}"


def _email(asker: Asker, sent: Json) -> Json:
    return {"email": asker.user.email}


def _reset_token(asker: Asker, sent: Json) -> Json:
    return {"token": asker.broker.reset_token(asker.user)}


def _ticket(asker: Asker, sent: Json) -> Json:
    return {
        "app_id": example("verify_tencent_captcha")["app_id"],
        "ticket": f"pass-{uuid4().hex}",
    }


def _code_request(asker: Asker, sent: Json) -> Json:
    """Whoever is logged in gets it at his own address; registering takes a new one."""
    if not asker.is_known or sent["scene"] == Scene.REGISTER:
        return {"scene": Scene.REGISTER.value, "email": f"{uuid4().hex}@example.com"}
    asker.broker.forget_code(asker.user, Scene(sent["scene"]))
    return {"email": asker.user.email}


def _message(asker: Asker, sent: Json) -> Json:
    return {"id": asker.broker.message(asker.user)}


def _tool_column(asker: Asker, sent: Json) -> Json:
    return {"column_id": asker.broker.tool_column()}


# By operationId; from who asks and what would be sent to what is to be sent instead. Operations
# that are not here accept what the contract allows.
RIGHT_VALUES: dict[str, Callable[[Asker, Json], Json]] = {
    "change_password": _change_password,
    "check_trading_tool_popup_read": _tool_column,
    "check_email_registered": _email,
    "check_password_reset_token": _reset_token,
    "get_client_message": _message,
    "get_ib_message": _message,
    "get_trading_tool": _tool_column,
    "hide_client_message": _message,
    "hide_ib_message": _message,
    "login": _login,
    "mark_client_message_read": _message,
    "mark_ib_message_read": _message,
    "mark_trading_tool_popup_read": _tool_column,
    "reset_password": _reset_password,
    "send_email_code": _code_request,
    "send_password_reset_email": _email,
    "verify_tencent_captcha": _ticket,
}
