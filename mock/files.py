"""Addresses of files that an answer points to. They lie on domains that belong to nobody."""

from mock.records import Record

_STATIC = "https://static.trade-max.example"
_PROGRAMS = {"android": ".apk", "ios": ".ipa", "macos": ".dmg", "windows": ".exe"}
_UPLOADS = "https://wlink-uploads.oss-ap-southeast-1.example"


def picture(record: Record, name: str) -> str:
    """A picture, or the program of a download, that belongs to the record."""
    for system, ending in _PROGRAMS.items():
        if name == f"{system}_download_url":
            return f"{_STATIC}/{system}/{record.identity}{ending}"
    return f"{_STATIC}/{name.removesuffix('_url').replace('_', '-')}/{record.identity}.png"


def document(record: Record, name: str) -> str:
    """A signed document in the caller's upload folder."""
    return f"{_UPLOADS}/tenant/1/user/{record.user_id}/{name}.pdf"


def upload(record: Record, name: str) -> str:
    """A photograph in the caller's upload folder."""
    return f"{_UPLOADS}/tenant/1/user/{record.user_id}/{name}.jpg"


def download(record: Record) -> str:
    """An export that expires."""
    token = record.draw.text("download", 32, "0123456789abcdef")
    return f"https://files.trade-max.example/exports/{record.kind}.csv?token={token}"
