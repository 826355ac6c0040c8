"""What is wrong with a value, field by field; never the value itself."""

from itertools import islice
from typing import Any

from jsonschema_rs import Draft4Validator, ValidationError, ValidationErrorKind

from contract.problems import Violation

Json = Any

LIMIT = 100
_POINTER_LENGTH = 1000


def listed(validator: Draft4Validator, value: Json, root: str) -> list[Violation]:
    """Every violation below the pointer `root`, each once, at most 100. Looks at all of the value:
    what is large must not come here.
    """
    errors = islice(validator.iter_errors(value), LIMIT)
    found = [violation for error in errors for violation in _violations(error, root)]
    return list(dict.fromkeys(found))[:LIMIT]


def pointer(*keys: object) -> str:
    """A JSON pointer (RFC 6901), cut at 1,000 characters."""
    escaped = (str(key).replace("~", "~0").replace("/", "~1") for key in keys)
    return "".join(f"/{key}" for key in escaped)[:_POINTER_LENGTH].removesuffix("~")


def _violations(error: ValidationError, root: str) -> list[Violation]:
    place = (root, *error.instance_path)
    kind = error.kind
    if isinstance(kind, ValidationErrorKind.Required):
        return [Violation(pointer(*place, kind.property), kind.name)]
    if isinstance(kind, ValidationErrorKind.AdditionalProperties):
        return [Violation(pointer(*place, name), kind.name) for name in kind.unexpected[:LIMIT]]
    return [Violation(pointer(*place), kind.name)]
