"""The calls that could tell whether an email address has an account."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Json = Any


@dataclass(frozen=True)
class Probe:
    """One call. `body` makes it of an address; `status` is the answer, whoever the address is;
    `disabled` says that the known addresses are those of users who are kept out.
    """

    title: str
    operation: str
    status: int
    body: Callable[[str], Json]
    disabled: bool = False


def _login(password: str) -> Callable[[str], Json]:
    return lambda email: {"email": email, "password": password}


def _code(email: str) -> Json:
    return {"received_at": int(time.time()), "scene": "register", "email": email}


def _alone(email: str) -> Json:
    return {"email": email}


PROBES = (
    Probe("login, wrong password", "login", 401, _login("no such password")),
    Probe("login, empty password", "login", 400, _login("")),
    Probe("login, disabled user", "login", 401, _login("no such password"), disabled=True),
    Probe("check_email_registered", "check_email_registered", 200, _alone),
    Probe("send_email_code, register", "send_email_code", 200, _code),
    Probe("send_password_reset_email", "send_password_reset_email", 200, _alone),
)
