"""The networks over which USDT is paid."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import SchemaError
from sqlmodel import col, select

from backoffice.desk import Desk
from backoffice.fields import Form
from contract.errors import RefusedError
from models.audit_entry import Deed
from models.crypto_network import TETHER, CryptoNetwork, addresses
from models.locking import fresh
from models.upsert import inserted

Json = Any


def _matches_addresses(pattern: str) -> str:
    try:
        addresses(pattern)
    except SchemaError:
        raise ValueError("is no regular expression without look-arounds and references") from None
    return pattern


# As the contract has room for it.
NetworkName = Annotated[
    str, StringConstraints(max_length=32, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ()._/-]*$")
]
Pattern = Annotated[
    str, StringConstraints(max_length=200, pattern=r"^[ -~]+$"), AfterValidator(_matches_addresses)
]


class NetworkForm(Form):
    """A network, and a regular expression for the whole of an address on it. Without a place in the
    order it keeps the one that it has.
    """

    name: NetworkName
    address_pattern: Pattern
    sort_order: int | None = Field(default=None, ge=0, le=1_000_000)


def add_network(desk: Desk, form: NetworkForm) -> None:
    """Clients may choose it from now on. One that is there gets what the form says, and is enabled
    again.
    """
    given = form.model_dump(exclude_none=True, exclude={"name"}) | {"is_enabled": True}
    key = {"currency": TETHER, "name": form.name}
    is_new = inserted(desk.session, CryptoNetwork, key, **given)
    row = _locked(desk, form.name)
    before = None if is_new else _written(row)
    for name, value in given.items():
        setattr(row, name, value)
    desk.note(Deed.NETWORK_SET, _subject(row), before, _written(row))


def disable_network(desk: Desk, name: str) -> None:
    """Nobody can choose it any more. Raises RefusedError."""
    row = _locked(desk, name)
    before = {"is_enabled": row.is_enabled}
    row.is_enabled = False
    desk.note(Deed.NETWORK_DISABLED, _subject(row), before, {"is_enabled": False})


def networks(desk: Desk) -> list[CryptoNetwork]:
    """All of them, enabled or not, in display order."""
    in_order = (col(CryptoNetwork.sort_order), col(CryptoNetwork.id))
    return list(desk.session.exec(select(CryptoNetwork).order_by(*in_order)))


def _locked(desk: Desk, name: str) -> CryptoNetwork:
    named = (CryptoNetwork.currency == TETHER, CryptoNetwork.name == name)
    row = desk.session.exec(fresh(select(CryptoNetwork).where(*named))).first()
    if row is None:
        raise RefusedError(f"there is no network {name}")
    return row


def _written(row: CryptoNetwork) -> Json:
    return {**NetworkForm.of(row).as_json(), "is_enabled": row.is_enabled}


def _subject(row: CryptoNetwork) -> str:
    return f"network {row.currency} {row.name}"
