"""Values that an operation accepts at this moment: chance would never find them."""

import secrets
from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import uuid4

from models.payout_method import PayoutMethod
from models.user import User
from models.verification_code import Scene
from tools.fuzz import cash
from tools.fuzz.broker import LEVERAGE, OTHER_LEVERAGE, TRADING_PASSWORD, Broker, example

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


def _pair(asker: Asker, sent: Json) -> Json:
    return {"from_currency": "CNY", "to_currency": "HKD"}


def _channel(asker: Asker, sent: Json) -> Json:
    return {"remittance_id": asker.broker.channel()}


def _wanted_account(asker: Asker, sent: Json) -> Json:
    return {
        "trading_account_type_id": asker.broker.account_type(is_demo=sent.get("is_demo", False)),
        "trading_platform": "MT4",
        "leverage": LEVERAGE,
        "password": TRADING_PASSWORD,
        "observe_password": f"{TRADING_PASSWORD}2",
    }


def _account(asker: Asker, sent: Json) -> Json:
    return {"id": asker.broker.trading_account(asker.user, is_demo=False)}


def _other_leverage(asker: Asker, sent: Json) -> Json:
    return {**_account(asker, sent), "leverage": OTHER_LEVERAGE}


def _other_password(asker: Asker, sent: Json) -> Json:
    return {**_account(asker, sent), "password": f"{TRADING_PASSWORD}9"}


def _play_money(asker: Asker, sent: Json) -> Json:
    number = asker.broker.trading_account(asker.user, is_demo=True)
    return {"trading_account_id": number, "amount": "12.50"}


def _new_payee(asker: Asker, sent: Json) -> Json:
    """The one info, of all that may be sent."""
    asker.broker.forget_payees(asker.user)
    infos = {method.info_name: None for method in PayoutMethod}
    return {**infos, **example("create_payee")}


def _payee(asker: Asker, sent: Json) -> Json:
    return {"id": asker.broker.payee(asker.user)}


def _changed_payee(asker: Asker, sent: Json) -> Json:
    return {**_new_payee(asker, sent), **_payee(asker, sent), "payment_method": None}


def _deposit(asker: Asker, sent: Json) -> Json:
    return cash.deposit(asker.broker, asker.user)


def _draft(asker: Asker, sent: Json) -> Json:
    return {"order_number": cash.draft(asker.broker, asker.user)}


def _receipt(asker: Asker, sent: Json) -> Json:
    return {**_draft(asker, sent), "receipt_url": cash.receipt(asker.broker, asker.user)}


def _withdrawal(asker: Asker, sent: Json) -> Json:
    return cash.withdrawal(asker.broker, asker.user)


def _transfer(asker: Asker, sent: Json) -> Json:
    return cash.transfer(asker.broker, asker.user)


# By operationId; from who asks and what would be sent to what is to be sent instead, where None
# leaves a field out. Operations that are not here accept what the contract allows.
RIGHT_VALUES: dict[str, Callable[[Asker, Json], Json]] = {
    "cancel_deposit": _draft,
    "change_leverage": _other_leverage,
    "change_password": _change_password,
    "change_trading_password": _other_password,
    "create_account_application": _wanted_account,
    "create_deposit_draft": _deposit,
    "create_payee": _new_payee,
    "create_trading_account": _wanted_account,
    "create_transfer": _transfer,
    "create_withdrawal": _withdrawal,
    "delete_payee": _payee,
    "deposit_to_demo_account": _play_money,
    "check_trading_tool_popup_read": _tool_column,
    "check_email_registered": _email,
    "check_password_reset_token": _reset_token,
    "get_client_message": _message,
    "get_deposit_draft": _draft,
    "get_exchange_rate": _pair,
    "get_ib_message": _message,
    "get_leverage_change_status": _account,
    "get_leverage_options": _account,
    "get_payee": _payee,
    "get_trading_account": _account,
    "get_trading_tool": _tool_column,
    "hide_client_message": _message,
    "hide_ib_message": _message,
    "list_channel_currencies": _channel,
    "login": _login,
    "mark_client_message_read": _message,
    "mark_ib_message_read": _message,
    "mark_trading_tool_popup_read": _tool_column,
    "reset_password": _reset_password,
    "send_email_code": _code_request,
    "send_password_reset_email": _email,
    "submit_deposit": _receipt,
    "update_payee": _changed_payee,
    "verify_tencent_captcha": _ticket,
}
