"""What operators may write into which kind of field."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, available_timezones

import nh3
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
)

from models.tenant import Portal

# Where links and pictures may lead to.
_SCHEMES = {"http", "https", "mailto", "tel"}
# What cleaning leaves; `cite` would let any address through, programs included.
_ATTRIBUTES = {tag: names - {"cite"} for tag, names in nh3.ALLOWED_ATTRIBUTES.items()}
# A tag, whether it is ever closed or not: "5 < 6" is none.
_TAG = re.compile(r"<[A-Za-z/!?]")
_ONE_LINE = r"^[^\u0000-\u001f\u007f]*$"
_ANY_LINES = r"^[^\u0000]*$"


class Form(BaseModel):
    """What an operator fills in. Fields that there are not are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @classmethod
    def of(cls, row: Any, **further: Any) -> Self:
        """What an operator has written into a row, and further fields that it does not have."""
        values = {name: getattr(row, name) for name in cls.model_fields if name not in further}
        return cls.model_construct(**values, **further)

    def as_json(self, include: set[str] | None = None) -> Any:
        """As it was written; what comes from a row has words in the place of enumerations."""
        return self.model_dump(mode="json", include=include, warnings=False)


def _plain(text: str) -> str:
    if _TAG.search(text):
        raise ValueError("is plain text, without tags")
    return text


def _cleaned(at_most: int) -> Callable[[str], str]:
    """Takes out whatever could run in the reader's browser; that may make a text longer."""

    def clean(html: str) -> str:
        cleaned = nh3.clean(html, attributes=_ATTRIBUTES, url_schemes=_SCHEMES)
        if len(cleaned) > at_most:
            raise ValueError(f"is longer than {at_most} characters")
        return cleaned

    return clean


def in_digits(whole: int, decimals: int) -> Callable[[Any], Decimal]:
    """Reads a number that is written out: no sign, no exponent, no float, which is not exact."""
    digits = re.compile(rf"[0-9]{{1,{whole}}}(\.[0-9]{{1,{decimals}}})?")

    def read(text: Any) -> Decimal:
        if not isinstance(text, str) or not digits.fullmatch(text):
            raise ValueError(f"is text of at most {whole} digits, and {decimals} behind a point")
        return Decimal(text)

    return read


written_out = PlainSerializer(
    lambda number: f"{number:f}", return_type=str, when_used="json-unless-none"
)


def _utc(moment: datetime, info: ValidationInfo) -> datetime:
    """A moment without a zone is meant in the broker's, which is the context's `zone`."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo((info.context or {})["zone"]))
    return moment.astimezone(UTC)


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("is no IANA name of a time zone")
    return name


def _once(portals: list[Portal]) -> list[Portal]:
    return sorted(set(portals))


LanguageTag = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$", max_length=20)
]
Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100, pattern=_ONE_LINE),
    AfterValidator(_plain),
]
Title = Annotated[str, StringConstraints(max_length=200, pattern=_ONE_LINE), AfterValidator(_plain)]
Paragraph = Annotated[
    str, StringConstraints(max_length=1000, pattern=_ANY_LINES), AfterValidator(_plain)
]
Instructions = Annotated[
    str, StringConstraints(max_length=4000, pattern=_ANY_LINES), AfterValidator(_plain)
]
Html = Annotated[str, StringConstraints(pattern=_ANY_LINES), AfterValidator(_cleaned(20_000))]
LongHtml = Annotated[str, StringConstraints(pattern=_ANY_LINES), AfterValidator(_cleaned(100_000))]
Address = Annotated[str, StringConstraints(max_length=2008, pattern=r"^https://[^\s\"'<>\\]+$")]
Url = Annotated[str, StringConstraints(max_length=2008, pattern=r"^(https://[^\s\"'<>\\]+)?$")]
Email = Annotated[
    str, StringConstraints(max_length=254, pattern=r"^([^\s@<>]+@[^\s@<>]+\.[^\s@<>]+)?$")
]
Moment = Annotated[datetime, AfterValidator(_utc)]
Zone = Annotated[str, AfterValidator(_zone)]
Portals = Annotated[list[Portal], Field(min_length=1), AfterValidator(_once)]
