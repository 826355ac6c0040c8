"""Clients whom the broker knows."""

from backoffice.desk import Desk
from contract.errors import RefusedError
from models.audit_entry import Deed
from models.client_profile import ApplyStatus, ClientProfile
from models.tenant import Portal
from models.user import User


def approve_client(desk: Desk, email: str) -> None:
    """He may have live accounts: the broker has seen for itself who he is. Raises RefusedError."""
    user = User.by_email(desk.session, Portal.CLIENT, email)
    if user is None:
        raise RefusedError("there is no such client")
    profile = ClientProfile.of_user_id(desk.session, user.id)
    if profile.apply_status is ApplyStatus.APPROVED:
        raise RefusedError("he is approved already")
    before = {"apply_status": profile.apply_status.value}
    profile.apply_status, profile.kyc_approved_at = ApplyStatus.APPROVED, desk.now
    after = {"apply_status": profile.apply_status.value}
    desk.note(Deed.CLIENT_APPROVED, f"user {user.id}", before, after)
