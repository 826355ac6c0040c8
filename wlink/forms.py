"""Forms that operators write as YAML."""

import sys
from pathlib import Path
from typing import Any, TypeVar

import yaml

from backoffice.desk import Desk
from backoffice.fields import Form
from contract.errors import RefusedError

Json = Any
AnyForm = TypeVar("AnyForm", bound=Form)

STANDARD_INPUT = Path("-")
_MOST_CHARACTERS = 2_000_000


def filled_in(form: type[AnyForm], path: Path, desk: Desk) -> AnyForm:
    """The form that a file holds; `-` is standard input. Moments without a zone are meant in the
    broker's. Raises RefusedError, or pydantic's ValidationError.
    """
    return form.model_validate(_mapping(path), context={"zone": desk.tenant().timezone})


def assignments(pairs: list[str]) -> dict[str, Json]:
    """What `name=value` and `name.language=text` set. A value is YAML where that makes it a number,
    a list, or true; nothing behind a language takes its text away. Raises RefusedError.
    """
    given: dict[str, Json] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise RefusedError(f"{name} needs a value: {name}=...")
        field, dot, language = name.partition(".")
        if dot:
            given.setdefault(field, {})[language] = text or None
        else:
            given[field] = _value(text)
    return given


def as_yaml(content: Json) -> str:
    """Content as an operator would write it."""
    text: str = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
    return text.rstrip()


def _value(text: str) -> Json:
    """Text stays text, +86 and 2.8.1 included: only lists and truths are read."""
    if text in ("true", "false"):
        return text == "true"
    if text.startswith("["):
        return _loaded(text)
    return text


def _mapping(path: Path) -> Json:
    if path == STANDARD_INPUT:
        text = sys.stdin.read(_MOST_CHARACTERS)
    else:
        with path.open(encoding="utf-8") as file:
            text = file.read(_MOST_CHARACTERS)
    content = _loaded(text)
    if not isinstance(content, dict):
        raise RefusedError(f"{path} does not hold a form")
    return content


def _loaded(text: str) -> Json:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        where = f" in line {place.line + 1}" if place else ""
        raise RefusedError(f"this is no YAML{where}") from None
