"""What the caller wants the mock to do: `Prefer: code=409, delay=200-900`, as Prism understands it
and somewhat more, or the same words in the query: `?__code=409`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, unquote_plus

Json = Any

FAULTS = ("500", "503", "429", "timeout", "close", "bad-json")
_LONGEST_DELAY = 60_000
# Postman's names for the same wishes.
_ALIASES = {b"x-mock-response-code": "code", b"x-mock-response-name": "example"}
_PARTS = re.compile(r'(?:[^,;"]|"(?:[^"\\]|\\.)*")+')


class MalformedPreferenceError(Exception):
    """A preference that is known but makes no sense; says which, and what would."""

    def __init__(self, name: str, wanted: str) -> None:
        super().__init__(f"{name} is {wanted}")


@dataclass(frozen=True)
class Steering:
    """The caller's wishes. `delay` is in milliseconds, from and to; `fault_rate` in percent. `sent`
    has the name of each, and how Preference-Applied repeats it.
    """

    code: str | None = None
    example: str | None = None
    dynamic: bool = True
    seed: str | None = None
    lenient: bool = False
    delay: tuple[int, int] | None = None
    fault: str | None = None
    fault_rate: int = 100
    sent: tuple[tuple[str, str], ...] = ()


def steering(headers: Mapping[bytes, bytes], asked: Sequence[tuple[str, str]]) -> Steering:
    """Out of Prefer, Postman's headers and what the query asked, in this order; of two wishes with
    one name the first counts, unknown ones are passed over. Raises MalformedPreferenceError.
    """
    found: dict[str, str] = {}
    for name, text in (*_preferred(headers), *asked):
        found.setdefault(name, text)
    wishes = {name: text for name, text in found.items() if name in _READERS}
    fields = {_FIELDS.get(name, name): _READERS[name](name, text) for name, text in wishes.items()}
    sent = tuple((name, _quoted(name, text)) for name, text in wishes.items())
    return Steering(**fields, sent=sent)


def parted(query: bytes) -> tuple[list[tuple[str, str]], bytes]:
    """The wishes in a query, and the rest, which is the query as the contract knows it."""
    asked, rest = [], []
    for piece in query.split(b"&"):
        name, _, text = piece.decode("latin-1").partition("=")
        if unquote(name).startswith("__"):
            asked.append((unquote(name)[2:].lower(), unquote_plus(text)))
        else:
            rest.append(piece)
    return asked, b"&".join(rest)


def _preferred(headers: Mapping[bytes, bytes]) -> Iterator[tuple[str, str]]:
    for part in _PARTS.findall(headers.get(b"prefer", b"").decode("latin-1")):
        name, _, text = part.partition("=")
        yield name.strip().lower(), _unquoted(text.strip())
    for header, name in _ALIASES.items():
        if header in headers:
            yield name, headers[header].decode("latin-1").strip()


def _unquoted(text: str) -> str:
    if not (text.startswith('"') and text.endswith('"')):
        return text
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _quoted(name: str, text: str) -> str:
    """As a preference is written (RFC 7240): in quotes what is more than one word."""
    if re.fullmatch("[!#$%&'*+.^_`|~0-9A-Za-z-]*", text):
        return f"{name}={text}" if text else name
    escaped = re.sub(r'(["\\])', r"\\\1", text)
    return f'{name}="{escaped}"'


def _code(name: str, text: str) -> str:
    if not re.fullmatch("[0-9]{3}", text):
        raise MalformedPreferenceError(name, "a status of three digits")
    return text


def _boolean(name: str, text: str) -> bool:
    """A bare `dynamic` means true."""
    if text not in ("true", "false", ""):
        raise MalformedPreferenceError(name, "true or false")
    return text != "false"


def _handling(name: str, text: str) -> bool:
    if text not in ("lenient", "strict"):
        raise MalformedPreferenceError(name, "lenient or strict")
    return text == "lenient"


def _delay(name: str, text: str) -> tuple[int, int]:
    found = re.fullmatch("([0-9]{1,5})(?:-([0-9]{1,5}))?", text)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if not first <= last <= _LONGEST_DELAY:
        wanted = f"milliseconds up to {_LONGEST_DELAY}, like 800 or 200-900"
        raise MalformedPreferenceError(name, wanted)
    return first, last


def _fault(name: str, text: str) -> str:
    if text not in FAULTS:
        raise MalformedPreferenceError(name, f"one of {', '.join(FAULTS)}")
    return text


def _rate(name: str, text: str) -> int:
    if not re.fullmatch("[0-9]{1,3}", text) or int(text) > 100:
        raise MalformedPreferenceError(name, "a percentage from 0 to 100")
    return int(text)


def _text(name: str, text: str) -> str:
    """It comes back in a header."""
    if not re.fullmatch("[ -~]{1,200}", text):
        raise MalformedPreferenceError(name, "a text of up to 200 ASCII characters")
    return text


_READERS: dict[str, Callable[[str, str], Json]] = {
    "code": _code,
    "example": _text,
    "dynamic": _boolean,
    "seed": _text,
    "handling": _handling,
    "delay": _delay,
    "fault": _fault,
    "fault-rate": _rate,
}
_FIELDS = {"handling": "lenient", "fault-rate": "fault_rate"}
