"""Under which names the broker is known to those who make captchas."""

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, select

from models.boundaries import InTenant
from models.columns import Number, row_id


class CaptchaSetting(InTenant, table=True):
    """One row per tenant. Keys and ids that anybody may see; empty or 0 where there is none."""

    __tablename__ = "captcha_setting"
    __table_args__ = (UniqueConstraint("tenant_id"),)

    id: int = row_id()
    recaptcha_android_key: str = Field(default="", max_length=128)
    recaptcha_web_key: str = Field(default="", max_length=128)
    tencent_android_app_id: int = Field(default=0, sa_type=Number)
    tencent_ios_app_id: int = Field(default=0, sa_type=Number)
    tencent_web_app_id: int = Field(default=0, sa_type=Number)

    @classmethod
    def of_tenant(cls, session: Session) -> "CaptchaSetting":
        """The setting of the session's tenant."""
        return session.exec(select(cls)).one()

    @property
    def tencent_app_ids(self) -> list[int]:
        """Those that there are; that of the web pages first."""
        ids = (self.tencent_web_app_id, self.tencent_android_app_id, self.tencent_ios_app_id)
        return [app_id for app_id in ids if app_id]
