"""What an operator writes of payment channels, and of how the cashier works."""

from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from backoffice.fields import (
    Form,
    Instructions,
    LanguageTag,
    Name,
    Url,
    in_digits,
    written_out,
)
from backoffice.setting_forms import Codes
from models.channel import ChannelMethod, Direction, FeeType

# Of the account's currency, US dollars.
_PLACES = 2
# Digits that the contract has room for, before the point and behind it.
_WHOLE_DIGITS, _DECIMALS = 13, 8
_AND_REST = r"(/[^\s\"'<>\\@?#]*)?$"
# Where a key is sent to: in clear only to this machine.
_GATEWAY = (
    rf"^(https://[A-Za-z0-9.-]+(:[0-9]{{1,5}})?|http://(127\.0\.0\.1|localhost)(:[0-9]{{1,5}})?)"
    rf"{_AND_REST}|^$"
)

Sum = Annotated[
    Decimal, BeforeValidator(in_digits(_WHOLE_DIGITS, _PLACES)), Field(gt=0), written_out
]
Fee = Annotated[Decimal, BeforeValidator(in_digits(_WHOLE_DIGITS, _DECIMALS)), written_out]
GatewayAddress = Annotated[str, StringConstraints(max_length=2008, pattern=_GATEWAY)]
Limit = Annotated[int, Field(ge=0, le=1_000_000_000)]


def _none_if_empty(value: Any) -> Any:
    return None if value == "" else value


OptionalLimit = Annotated[Limit | None, BeforeValidator(_none_if_empty)]


class ChannelForm(Form):
    """A way on which money comes in or goes out: what it takes, from where, within which limits and
    for which fee. Sums are in the account's currency. Without the address of a gateway an online
    channel is the built-in stand-in's, where nobody pays anything.
    """

    name: dict[LanguageTag, Name]
    direction: Direction
    method: ChannelMethod
    icon_url: Url = ""
    account_info: dict[LanguageTag, Instructions] = Field(default={})
    currencies: Annotated[Codes, Field(min_length=1, max_length=400)]
    countries: Annotated[Codes, Field(max_length=400)] = Field(default=[])
    min_amount: Sum
    max_amount: Sum
    fee_type: FeeType = FeeType.FIXED
    fee_value: Fee = Decimal(0)
    gateway_address: GatewayAddress = ""
    sort_order: int = Field(default=0, ge=0, le=1_000_000)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.method.direction is not self.direction:
            raise ValueError(f"{self.method} is no method of a {self.direction}")
        if self.gateway_address and not self.method.is_online:
            raise ValueError(f"{self.method} has no gateway")
        if self.min_amount > self.max_amount:
            raise ValueError("min_amount must not be above max_amount")
        return self

    @model_validator(mode="after")
    def _has_a_fee(self) -> Self:
        """100 percent would leave nothing; a fixed fee is a sum of money."""
        if self.fee_type is FeeType.PERCENT and self.fee_value >= 100:
            raise ValueError("fee_value must be below 100 percent")
        if self.fee_type is FeeType.FIXED and self.fee_value != round(self.fee_value, _PLACES):
            raise ValueError(f"a fixed fee_value has at most {_PLACES} digits behind a point")
        return self


class CashierForm(Form):
    """How the broker's people deal with what clients bring, take and move. Limits are in whole
    units of the account's currency; without `second_person_above` one person is enough, and without
    `withdraws_daily_up_to` a client takes out what he has.
    """

    approves_payments_at_once: bool
    approves_transfers_up_to: Limit
    debits_on_approval: bool
    second_person_above: OptionalLimit
    withdraws_daily_up_to: OptionalLimit
    holds_withdrawals_hours: int = Field(ge=0, le=720)
    allows_third_parties: bool
    draft_hours: int = Field(ge=1, le=720)
