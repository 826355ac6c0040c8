"""The Prefer header (RFC 7240) as mocks understand it: `Prefer: code=409, example=KYC_REQUIRED`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Preference:
    """Which answer the caller wants to see."""

    code: str | None = None
    example: str | None = None


def preference(header: str) -> Preference:
    """The first of each name counts; what is not known is ignored."""
    wanted: dict[str, str] = {}
    for part in header.split(","):
        name, _, value = part.partition("=")
        wanted.setdefault(name.strip().lower(), value.strip().strip('"'))
    return Preference(wanted.get("code"), wanted.get("example"))
