"""Addresses of files that an answer points to. They lie on domains that belong to nobody."""

from mock.records import Record

_STATIC = "https://static.trade-max.example"
_UPLOADS = "https://wlink-uploads.oss-ap-southeast-1.example"


def picture(record: Record, name: str) -> str:
    """A picture that belongs to the record."""
    return f"{_STATIC}/{name.removesuffix('_url').replace('_', '-')}/{record.identity}.png"


def icon(record: Record) -> str:
    """The icon of the channel of a deposit or withdrawal, as the list of channels shows it."""
    return f"{_STATIC}/icon/{record.money.channel['id']}.png"


def program(record: Record, system: str, ending: str) -> str:
    """A program to install."""
    return f"{_STATIC}/{system}/{record.identity}{ending}"


def document(record: Record, name: str) -> str:
    """A document in the upload folder of the user whom the record is about."""
    return f"{_UPLOADS}/tenant/1/user/{_user(record)}/{name}.pdf"


def upload(record: Record, name: str) -> str:
    """A photograph in the upload folder of the user whom the record is about."""
    return f"{_UPLOADS}/tenant/1/user/{_user(record)}/{name}.jpg"


def download(record: Record) -> str:
    """An export that expires."""
    token = record.draw.text("download", 32, "0123456789abcdef")
    return f"https://files.trade-max.example/exports/{record.kind}.csv?token={token}"


def _user(record: Record) -> int:
    return record.owner.user_id if record.owner else record.user_id
