"""Problems as the mock sends them: the wording of the catalogue, in the form of the document."""

import logging
import re
from secrets import token_hex
from typing import Any

import orjson
from connexion.exceptions import ProblemException
from connexion.lifecycle import ConnexionRequest, ConnexionResponse
from jsonschema import ValidationError
from starlette.exceptions import HTTPException

from contract.operations import LWORK_PREFIX
from contract.problems import Entry, catalogue

Json = Any

_log = logging.getLogger("wlink.mock")
_CODES = {
    400: "VALIDATION_ERROR",
    401: "UNAUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    406: "NOT_ACCEPTABLE",
    413: "PAYLOAD_TOO_LARGE",
    415: "UNSUPPORTED_MEDIA_TYPE",
}
_PARAMETER = re.compile(r"Missing (\w+) parameter '([\w-]+)'")
_WAIT_SECONDS = "60"


class Refusal(ProblemException):
    """The mock answers with this code of the catalogue."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(status=catalogue()[code].status, title=code)  # type: ignore[no-untyped-call]  # Connexion annotates its classes in part


def answer(request: ConnexionRequest, error: Exception) -> ConnexionResponse:
    """The answer to whatever went wrong."""
    lwork = request.url.path.startswith(LWORK_PREFIX)
    status = error.status_code if isinstance(error, HTTPException) else 500
    status = error.status if isinstance(error, ProblemException) else status
    code = error.code if isinstance(error, Refusal) else _CODES.get(status, "INTERNAL_ERROR")
    if lwork and code == "UNAUTHENTICATED":
        code = "LW_TENANT_AUTH_FAILED"
    headers = dict(getattr(error, "headers", None) or {})
    violations = _violations(error) if code == _CODES[400] else None
    result = response(catalogue()[code], lwork, headers, violations)
    if status >= 500:
        _log.error("request %s failed", headers["X-Request-Id"], exc_info=error)
    return result


def response(
    entry: Entry, lwork: bool, headers: dict[str, str], violations: Json = None
) -> ConnexionResponse:
    """The problem with its headers; without violations, those of the catalogue's example."""
    request_id = token_hex(12)
    body = dict(entry.envelope if lwork and entry.envelope else entry.problem)
    body["requestId" if lwork and entry.envelope else "request_id"] = request_id
    if violations is not None:
        body["errors"] = violations
    headers["X-Request-Id"] = request_id
    if entry.status == 401:
        headers["WWW-Authenticate"] = 'ApiKey realm="lwork"' if lwork else 'Bearer realm="wlink"'
    if entry.status in (429, 503) or entry.code == "IDEMPOTENCY_IN_PROGRESS":
        headers["Retry-After"] = _WAIT_SECONDS
    return ConnexionResponse(
        status_code=entry.status,
        body=orjson.dumps(body),
        content_type="application/json" if lwork else "application/problem+json",
        mimetype="application/json" if lwork else "application/problem+json",
        headers=headers,
    )


def _violations(error: Exception) -> list[dict[str, str]]:
    """Where the request is wrong, as far as Connexion tells; never what was sent there."""
    cause = error.__context__
    if isinstance(cause, ValidationError):
        path = "/".join(["/body", *map(str, cause.absolute_path)])
        return [{"pointer": path, "rule": str(cause.validator)}]
    missing = _PARAMETER.search(str(getattr(error, "detail", "")))
    if missing:
        return [{"pointer": f"/{missing[1]}/{missing[2]}", "rule": "required"}]
    return [{"pointer": "", "rule": "parameter"}]
