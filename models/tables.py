"""All tables together, for migrations and for tests that look at each of them."""

from sqlmodel import SQLModel

from models import (
    audit_entry,
    inbox_mail,
    login_failure,
    login_session,
    outbox_entry,
    partner,
    permission,
    rate_counter,
    reset_token,
    security_setting,
    tenant,
    used_ticket,
    user,
    verification_code,
)

MODULES = (
    audit_entry,
    inbox_mail,
    login_failure,
    login_session,
    outbox_entry,
    partner,
    permission,
    rate_counter,
    reset_token,
    security_setting,
    tenant,
    used_ticket,
    user,
    verification_code,
)
METADATA = SQLModel.metadata
