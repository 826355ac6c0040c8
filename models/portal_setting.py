"""How a portal looks before anybody has logged in."""

from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, select

from models.boundaries import InTenant
from models.columns import row_id, word
from models.tenant import Portal
from models.texts import Texts, texts


class LoginLayout(StrEnum):
    """Where the login form stands."""

    CENTERED = "centered"
    ALIGN_LEFT = "align_left"
    ALIGN_RIGHT = "align_right"


class PortalSetting(InTenant, table=True):
    """One row for each portal of a tenant. `version` is that of its pages."""

    __tablename__ = "portal_setting"
    __table_args__ = (UniqueConstraint("tenant_id", "portal"),)

    id: int = row_id()
    portal: Portal = word(Portal)
    version: str = Field(default="1.0.0", max_length=32)
    login_background_url: str = Field(default="", max_length=2008)
    login_copy: Texts = texts()
    login_layout: LoginLayout = word(LoginLayout, LoginLayout.CENTERED)

    @classmethod
    def of_portal(cls, session: Session, portal: Portal) -> "PortalSetting":
        """The setting of a portal of the session's tenant."""
        return session.exec(select(cls).where(cls.portal == portal)).one()
