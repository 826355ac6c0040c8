"""What Schemathesis must be told about the real server: who may call, what is right at the moment,
and which refusals no schema can foretell. Loaded through SCHEMATHESIS_HOOKS.
"""

import json
import os
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.generation.meta import TestPhase
from schemathesis.openapi.checks import RejectedPositiveData

import tools.fuzz.hooks  # noqa: F401  # registers the formats
from models.tenant import Portal
from models.user import User
from tools.fuzz.broker import PARTNER_HEADERS, prepared
from tools.fuzz.reached import ANSWERS
from tools.fuzz.right_values import RIGHT_VALUES, Asker
from wlink.services import services
from wlink.settings import settings

Json = Any
Case = schemathesis.Case[Any]

_FUZZED = (TestPhase.FUZZING, TestPhase.STATEFUL)
_broker = prepared(services(settings()))
_people = {portal: _broker.somebody(portal) for portal in (Portal.CLIENT, Portal.IB)}
_callers: dict[str, User] = {}
_turn = count()
_times: Counter[str] = Counter()
_answers = Path(os.environ[ANSWERS])


def _bearer(portal: Portal) -> dict[str, str]:
    header = f"Bearer {_broker.token(_people[portal])}"
    _callers[header] = _people[portal]
    return {"Authorization": header}


_CLIENT, _IB = partial(_bearer, Portal.CLIENT), partial(_bearer, Portal.IB)
# From the security schemes that belong together to all the ways of having what they ask for.
_WAYS: dict[frozenset[str], tuple[Callable[[], dict[str, str] | None], ...]] = {
    frozenset(["user"]): (_CLIENT, _IB),
    frozenset(["client"]): (_CLIENT,),
    frozenset(["ib"]): (_IB,),
    frozenset(["tenant", "partner"]): (lambda: PARTNER_HEADERS,),
    frozenset(): (lambda: None,),
}


@schemathesis.auth(refresh_interval=None)
class Login:
    """A new session for every case: logging out and changing passwords end sessions."""

    def get(self, case: Case, context: schemathesis.AuthContext) -> dict[str, str] | None:
        """The headers of one kind of caller after the other; none, where that is allowed, too."""
        needs: list[dict[str, Json]] = context.operation.definition.raw["security"]
        choice = [headers for need in needs for headers in _WAYS[frozenset(need)]]
        return choice[next(_turn) % len(choice)]() if choice else None

    def set(self, case: Case, data: dict[str, str], context: schemathesis.AuthContext) -> None:
        """Puts them into the case."""
        case.headers.update(data)


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: Case, kwargs: dict[str, Json]) -> None:
    """Makes every third valid case of an operation one that is right at this moment, too."""
    name = _name(case)
    if name not in RIGHT_VALUES or not _is_valid_fuzz(case):
        return
    _times[name] += 1
    if _times[name] % 3:
        return
    caller = _callers.get(str(case.headers.get("Authorization")))
    asker = Asker(_broker, caller or _people[Portal.CLIENT], caller is not None)
    if isinstance(case.body, dict):
        case.body = _right(name, asker, case.body)
    else:
        case.query = _right(name, asker, case.query)


def _right(name: str, asker: Asker, sent: Json) -> Json:
    right = {**sent, **RIGHT_VALUES[name](asker, sent)}
    return {field: value for field, value in right.items() if value is not None}


@schemathesis.hook
def after_call(
    context: schemathesis.HookContext, case: Case, response: schemathesis.Response
) -> None:
    """Notes the answer."""
    own_method = response.request.method == case.operation.method.upper()
    noted = {
        "operation": _name(case),
        "status": response.status_code,
        "is_valid_fuzz": own_method and _is_valid_fuzz(case),
    }
    with _answers.open("a", encoding="utf-8") as file:
        file.write(json.dumps(noted) + "\n")


@schemathesis.hook
def filter_failure(
    context: schemathesis.HookContext,
    failure: Failure,
    case: Case,
    response: schemathesis.Response,
) -> bool:
    """Whether a failure is one. A valid request may be refused for reasons that the contract names
    and no schema can tell: the old password is wrong, say. Everything else stays a failure.
    """
    if not isinstance(failure, RejectedPositiveData):
        return True
    problem = response.json()
    code = problem.get("code")
    if code == "VALIDATION_ERROR":
        errors = problem["errors"]
        return not (_is_wrong_address(case, errors) or _is_unknown_place(case, errors))
    return code not in case.operation.definition.raw["x-problems"]


def _is_wrong_address(case: Case, errors: Json) -> bool:
    """Who registers must give an address, and who is logged in no other than his own (wlink 14):
    what one field must be depends on another, and on who calls.
    """
    if _name(case) != "send_email_code" or not isinstance(case.body, dict):
        return False
    registers, has_email = case.body["scene"] == "register", "email" in case.body
    rule = "required" if registers else "const"
    return registers != has_email and errors == [{"pointer": "/body/email", "rule": rule}]


def _is_unknown_place(case: Case, errors: Json) -> bool:
    """Countries and networks are those that there are, each network has addresses of its own, and a
    bank account that money is withdrawn to is the client's (wlink 60, 65, 69).
    """
    places = {"bank_country": "enum", "network": "enum", "wallet_address": "pattern"}
    places["account_holder_name"] = "const"
    found = [(error["pointer"].rpartition("/")[2], error["rule"]) for error in errors]
    named = ("create_payee", "update_payee", "create_withdrawal")
    return _name(case) in named and set(found) <= set(places.items())


def _is_valid_fuzz(case: Case) -> bool:
    """Whether chance has made it, as the contract wants it."""
    meta = case.meta
    return meta is not None and meta.generation.mode.is_positive and meta.phase.name in _FUZZED


def _name(case: Case) -> str:
    name: str = case.operation.definition.raw["operationId"]
    return name
