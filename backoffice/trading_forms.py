"""What an operator writes of trading servers and types of accounts."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from backoffice.fields import Form
from models.trading_server import Platform

_LABEL = r"^[^\u0000-\u001f\u007f]*$"


def _in_order(values: list[int]) -> list[int]:
    return sorted(set(values))


Label = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_LABEL)]
# Part of an address at the bridge.
ServerName = Annotated[
    str, StringConstraints(min_length=1, max_length=50, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
]
BridgeAddress = Annotated[
    str, StringConstraints(max_length=2008, pattern=r"^(https?://[^\s\"'<>\\@?#]+)?$")
]
Leverage = Annotated[int, Field(ge=1, le=5000)]


class TradingServerForm(Form):
    """A server under the name by which clients log in to it. Without the address of a bridge it is
    a server of the simulator's.
    """

    name: ServerName
    platform: Platform
    is_demo: bool
    address: BridgeAddress = ""


class AccountTypeForm(Form):
    """Accounts that are opened in a group of a server. `starting_balance`, in whole units, is what
    demo accounts begin with; `most_per_user` are the accounts that a client may have of the type.
    """

    name: Label
    server_id: int
    group_name: Label
    leverages: Annotated[list[Leverage], Field(min_length=1), AfterValidator(_in_order)]
    starting_balance: int = Field(default=0, ge=0, le=10_000_000)
    most_per_user: int = Field(default=5, ge=0, le=1000)
    sort_order: int = Field(default=0, ge=0, le=1_000_000)


class TradingForm(Form):
    """What clients may do with trading accounts. Amounts are in whole units."""

    has_demo: bool
    most_demo_accounts: int = Field(ge=0, le=1000)
    most_demo_deposit: int = Field(ge=0, le=10_000_000)
    most_demo_deposits: int = Field(ge=0, le=1_000_000_000)
    opens_at_once: bool
    changes_leverage_at_once: bool
