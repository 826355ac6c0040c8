"""Servers of partners, which call the lwork operations."""

from sqlmodel import Field, Session, col, select

from models.boundaries import InTenant
from models.columns import row_id
from models.login_session import token_hash


class Partner(InTenant, table=True):
    """A partner of a tenant; of the token only the hash is kept."""

    id: int = row_id()
    name: str = Field(max_length=100)
    token_hash: str = Field(max_length=64, unique=True)
    is_enabled: bool = Field(default=True)

    @classmethod
    def of_token(cls, session: Session, token: str) -> "Partner | None":
        """The enabled partner with this token."""
        found = select(cls).where(cls.token_hash == token_hash(token), col(cls.is_enabled))
        return session.exec(found).first()
