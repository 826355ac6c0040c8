"""Problems as they are sent: the catalogue's wording, in the form of the document."""

from http import HTTPStatus
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.types import Scope

from contract.operations import LWORK_PREFIX
from contract.problems import ENGLISH, Entry, Problem, catalogue
from dispatch.answer import JSON, Answer, request_id
from dispatch.headers import wanted_language

Json = Any

_CODES = {
    400: "VALIDATION_ERROR",
    401: "UNAUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
    429: "RATE_LIMITED",
    503: "OVERLOADED",
}
# lwork knows callers only as partners.
_LWORK_CODES = {"UNAUTHENTICATED": "LW_TENANT_AUTH_FAILED"}
_WAIT_SECONDS = "60"


def problem_of(error: Exception) -> Problem:
    """The problem itself, or an exception of Connexion's or Starlette's as one of ours; its text is
    not passed on. Raises whatever else it is.
    """
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException) and error.status_code in _CODES:
        return Problem(_CODES[error.status_code], headers=getattr(error, "headers", None))
    raise error


def rendered(problem: Problem, scope: Scope) -> Answer:
    """The answer, in the caller's language and with every header that its status asks for.
    Raises KeyError for a code that the catalogue, or lwork, does not have.
    """
    lwork = scope["path"].startswith(LWORK_PREFIX)
    code = _LWORK_CODES.get(problem.code, problem.code) if lwork else problem.code
    entry = catalogue()[code]
    headers: dict[bytes, bytes] = scope["headers_by_name"]
    texts = _texts(entry, headers)
    write = _lwork if lwork else _wlink
    body = write(entry, texts, _particulars(problem), request_id(scope))
    told = {"retry-after": _WAIT_SECONDS} if _waits(entry) else {}
    if entry.status == HTTPStatus.UNAUTHORIZED:
        told["www-authenticate"] = _challenge(lwork, headers.get(b"authorization", b""))
    told |= {name.lower(): value for name, value in problem.headers.items()}
    return Answer(
        body=orjson.dumps(body),
        status=entry.status,
        media_type=JSON if lwork else b"application/problem+json",
        headers=tuple((name.encode(), value.encode()) for name, value in told.items()),
    )


def _wlink(
    entry: Entry, texts: dict[str, str], particulars: dict[str, Json], number: str
) -> dict[str, Json]:
    """RFC 9457."""
    body = {key: entry.problem[key] for key in ("type", "title", "status", "detail", "code")}
    shown = {key: texts[key] for key in ("title", "detail")}
    return body | shown | particulars | {"request_id": number}


def _lwork(
    entry: Entry, texts: dict[str, str], particulars: dict[str, Json], number: str
) -> dict[str, Json]:
    if entry.envelope is None:
        raise KeyError(entry.code)
    body = {"result": False, "mcode": entry.envelope["mcode"], "message": texts["message"]}
    return body | particulars | {"requestId": number}


def _particulars(problem: Problem) -> dict[str, Json]:
    particulars: dict[str, Json] = {}
    if problem.errors:
        particulars["errors"] = [violation._asdict() for violation in problem.errors]
    if problem.details:
        particulars["details"] = problem.details
    return particulars


def _texts(entry: Entry, headers: dict[bytes, bytes]) -> dict[str, str]:
    """Title, detail and lwork's message in the caller's language."""
    language = wanted_language(headers)
    if language == ENGLISH:
        message = (entry.envelope or entry.problem).get("message", entry.problem["detail"])
        return {**entry.problem, "message": message}
    texts = entry.translations.get(language, entry.translations["zh-CN"])
    return {"message": texts["detail"], **texts}


def _waits(entry: Entry) -> bool:
    return entry.status in (429, 503) or entry.code == "IDEMPOTENCY_IN_PROGRESS"


def _challenge(lwork: bool, sent: bytes) -> str:
    """How to authenticate (RFC 9110, 11.6.1); a token that was sent is no good (RFC 6750, 3.1)."""
    if lwork:
        return 'ApiKey realm="lwork"'
    wrong = ', error="invalid_token"' if sent.lower().startswith(b"bearer ") else ""
    return f'Bearer realm="wlink"{wrong}'
