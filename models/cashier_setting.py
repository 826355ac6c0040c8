"""How a tenant's people deal with the money that clients bring, take and move."""

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, select

from models.boundaries import InTenant
from models.columns import Number, row_id
from models.money import Money


class CashierSetting(InTenant, table=True):
    """One row per tenant. Limits are in whole units of the account's currency.

    `approves_payments_at_once`: what was paid online with the right amount needs no operator.
    `approves_transfers_up_to`: nor does a transfer up to this amount; 0 for none.
    `debits_on_approval`: other withdrawals and transfers leave the account when an operator
    approves them, not when they are asked for.
    `second_person_above`: the operator who claimed an order above it may not approve it himself.
    `withdraws_daily_up_to`: so much a client takes out in 24 hours, without a limit if it is None.
    `holds_withdrawals_hours`: so long nothing is paid out to a payee that is new or was changed,
    nor after the client's password was.
    `allows_third_parties`: payees may belong to somebody else than the client.
    `draft_hours`: so long an offline deposit waits for its receipt.
    """

    __tablename__ = "cashier_setting"
    __table_args__ = (UniqueConstraint("tenant_id"),)

    id: int = row_id()
    approves_payments_at_once: bool = Field(default=True)
    approves_transfers_up_to: int = Field(default=0)
    debits_on_approval: bool = Field(default=False)
    second_person_above: int | None = Field(default=None)
    withdraws_daily_up_to: int | None = Field(default=None, sa_type=Number)
    holds_withdrawals_hours: int = Field(default=24)
    allows_third_parties: bool = Field(default=False)
    draft_hours: int = Field(default=72)

    @classmethod
    def of_tenant(cls, session: Session) -> "CashierSetting":
        """The setting of the session's tenant."""
        return session.exec(select(cls)).one()

    def lets_through(self, transfer: Money) -> bool:
        """Whether a transfer of this amount needs no operator."""
        return transfer <= Money.whole(self.approves_transfers_up_to, transfer.unit)
