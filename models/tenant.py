"""Brokers, and the hosts that their portals are reached by."""

from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import Field, SQLModel

from models.boundaries import InTenant
from models.columns import row_id, word


class Portal(StrEnum):
    """Whom a page is for; also the kind of a user."""

    CLIENT = "client"
    IB = "ib"
    BROKER = "broker"


class Tenant(SQLModel, table=True):
    """A broker. At most one serves the hosts that nobody else has: localhost, say."""

    id: int = row_id()
    code: str = Field(max_length=32, unique=True)
    name: str = Field(max_length=100)
    default_language: str = Field(max_length=20)
    timezone: str = Field(max_length=64)
    serves_unknown_hosts: bool = Field(default=False)


class TenantDomain(InTenant, table=True):
    """A host of a tenant, without a port, and the portal that it shows. `is_main` is the one that
    links in mails lead to.
    """

    __tablename__ = "tenant_domain"

    id: int = row_id()
    host: str = Field(max_length=253, unique=True)
    portal: Portal = word(Portal)
    is_main: bool = Field(default=True)


@dataclass(frozen=True)
class Site:
    """The portal that a request has come to. `address` is where its pages are, without a slash at
    the end; links in mails begin with it. `language` is that of texts for whoever asks for none;
    `zone` is the time zone of all moments that are shown.
    """

    tenant_id: int
    broker: str
    portal: Portal
    address: str
    language: str
    zone: str
