"""Who has done what that matters."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field

from models.boundaries import InTenant
from models.columns import Number, moment, row_id, word

Json = Any


class Deed(StrEnum):
    """What is written down."""

    LOGGED_IN = "logged_in"
    PASSWORD_CHANGED = "password_changed"
    PASSWORD_RESET = "password_reset"
    TENANT_OPENED = "tenant_opened"
    DOMAIN_ADDED = "domain_added"
    DOMAIN_REMOVED = "domain_removed"
    SETTING_CHANGED = "setting_changed"
    USER_CREATED = "user_created"
    USER_CHANGED = "user_changed"
    ROLE_CREATED = "role_created"
    ROLE_GIVEN = "role_given"
    ROLE_TAKEN = "role_taken"
    CONTENT_PUBLISHED = "content_published"
    CONTENT_CHANGED = "content_changed"
    CONTENT_WITHDRAWN = "content_withdrawn"
    MESSAGE_SENT = "message_sent"
    CLIENT_APPROVED = "client_approved"
    APPLICATION_CLAIMED = "application_claimed"
    APPLICATION_RELEASED = "application_released"
    APPLICATION_APPROVED = "application_approved"
    APPLICATION_REJECTED = "application_rejected"
    APPLICATION_RETRIED = "application_retried"
    APPLICATION_GIVEN_UP = "application_given_up"
    TRADING_PASSWORD_CHANGED = "trading_password_changed"
    ACCOUNT_CHANGED = "account_changed"
    OPERATION_RESUMED = "operation_resumed"
    OPERATION_MARKED = "operation_marked"
    ORDER_CLAIMED = "order_claimed"
    ORDER_RELEASED = "order_released"
    ORDER_APPROVED = "order_approved"
    ORDER_REJECTED = "order_rejected"
    ORDER_CORRECTED = "order_corrected"
    ORDER_RETRIED = "order_retried"
    ORDER_GIVEN_UP = "order_given_up"
    PAYEE_SHOWN = "payee_shown"
    PAYOUT_DONE = "payout_done"
    PAYOUT_FAILED = "payout_failed"
    PAYOUT_RETURNED = "payout_returned"
    PAYOUT_REPEATED = "payout_repeated"
    PAYOUT_REFUNDED = "payout_refunded"
    PAYMENT_SHOWN = "payment_shown"
    PAYMENT_RESOLVED = "payment_resolved"
    PAYMENT_CREDITED = "payment_credited"
    RATE_SET = "rate_set"
    RATE_DISABLED = "rate_disabled"
    NETWORK_SET = "network_set"
    NETWORK_DISABLED = "network_disabled"
    PAYEE_ADDED = "payee_added"
    PAYEE_CHANGED = "payee_changed"
    PAYEE_REMOVED = "payee_removed"


class AuditEntry(InTenant, table=True):
    """One deed, and what it was done to (`subject`: "popup 12"), before and after. Without an actor
    it was done at the console; `address` is then who was logged in there, else the network address
    that the actor came from. The entries of a tenant are numbered from 1 without a gap, and each
    `seal` covers the entry and the seal before it: gateways/audit_log.py.
    """

    __tablename__ = "audit_log"
    __table_args__ = (UniqueConstraint("tenant_id", "number"),)

    id: int = row_id()
    number: int = Field(sa_type=Number)
    actor_id: int | None = Field(default=None, foreign_key="user.id", index=True, sa_type=Number)
    deed: Deed = word(Deed)
    subject: str = Field(default="", max_length=300)
    before: Json = Field(default=None, nullable=True, sa_type=JSON)
    after: Json = Field(default=None, nullable=True, sa_type=JSON)
    address: str = Field(max_length=45)
    at: datetime = moment()
    seal: str = Field(max_length=64)


class AuditHead(InTenant, table=True):
    """The last link of a tenant's chain: so that entries are missed at its end, too."""

    __tablename__ = "audit_head"
    __table_args__ = (UniqueConstraint("tenant_id"),)

    id: int = row_id()
    number: int = Field(default=0, sa_type=Number)
    seal: str = Field(default="", max_length=64)
