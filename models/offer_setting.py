"""What a broker offers: where, in which languages, in which currencies."""

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, Session, select

from models.boundaries import InTenant
from models.columns import row_id


class OfferSetting(InTenant, table=True):
    """One row per tenant: codes in display order. No countries stands for all of them, in the order
    of their codes.
    """

    __tablename__ = "offer_setting"
    __table_args__ = (UniqueConstraint("tenant_id"),)

    id: int = row_id()
    languages: list[str] = Field(sa_type=JSON)
    currencies: list[str] = Field(sa_type=JSON)
    countries: list[str] = Field(sa_type=JSON)

    @classmethod
    def of_tenant(cls, session: Session) -> "OfferSetting":
        """The setting of the session's tenant."""
        return session.exec(select(cls)).one()
