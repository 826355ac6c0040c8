"""Who the broker is."""

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, select

from models.boundaries import InTenant
from models.columns import row_id
from models.texts import Texts, texts


class CompanySetting(InTenant, table=True):
    """One row per tenant. The name is there in English at least; everything else may be empty."""

    __tablename__ = "company_setting"
    __table_args__ = (UniqueConstraint("tenant_id"),)

    id: int = row_id()
    broker_name: Texts = texts()
    company_logo_url: str = Field(default="", max_length=2008)
    login_page_logo_url: str = Field(default="", max_length=2008)
    watermark_logo_url: str = Field(default="", max_length=2008)
    email: str = Field(default="", max_length=254)
    support_phone: str = Field(default="", max_length=32)

    @classmethod
    def of_tenant(cls, session: Session) -> "CompanySetting":
        """The setting of the session's tenant."""
        return session.exec(select(cls)).one()
