"""Whose money it is, as the ledger sees it."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from models.boundaries import InTenant
from models.columns import Number, row_id, word
from models.money import Denomination


class AccountKind(StrEnum):
    """What an account is for."""

    # What came in and went out on payment channels: the world outside.
    PAYMENTS = "payments"
    # What was put on and taken off a trading account; its profits and losses happen elsewhere.
    TRADING = "trading"
    # Where the money of demo accounts comes from.
    PLAY_MONEY = "play_money"
    # In transit between the world and a trading account.
    CLEARING = "clearing"
    # Approved, and not yet paid out.
    PAYABLE = "payable"
    FEES = "fees"
    # Owed to introducing brokers.
    REBATES = "rebates"
    # What remains where something was rounded.
    ROUNDING = "rounding"

    @property
    def may_be_negative(self) -> bool:
        """Whether less than nothing may be on it."""
        return self in SIGNED


SIGNED = (
    AccountKind.PAYMENTS,
    AccountKind.TRADING,
    AccountKind.PLAY_MONEY,
    AccountKind.ROUNDING,
)


class LedgerAccount(InTenant, table=True):
    """`subject` is what it belongs to ("trading_account 12"), or nothing where the tenant has one
    of the kind. `posted` and `held` are in minor units, and the sums of its entries; what is held
    is still part of what is posted. `places` are those that the currency had when the account was
    made: minor units go on meaning what they meant, whatever the world changes.
    """

    __tablename__ = "ledger_account"
    __table_args__ = (
        UniqueConstraint("tenant_id", "kind", "subject", "currency"),
        # What entries refer to.
        UniqueConstraint("id", "tenant_id", "currency"),
        CheckConstraint("held >= 0", "ck_ledger_account_held"),
        CheckConstraint("may_be_negative OR posted - held >= 0", "ck_ledger_account_available"),
        CheckConstraint(
            "posted = CAST(posted AS BIGINT) AND held = CAST(held AS BIGINT)",
            "ck_ledger_account_whole",
        ),
    )

    id: int = row_id()
    kind: AccountKind = word(AccountKind)
    subject: str = Field(max_length=64)
    currency: str = Field(foreign_key="currency.code", max_length=20)
    places: int
    posted: int = Field(default=0, sa_type=Number)
    held: int = Field(default=0, sa_type=Number)
    may_be_negative: bool

    @property
    def unit(self) -> Denomination:
        """That of its amounts."""
        return Denomination(self.currency, self.places)
