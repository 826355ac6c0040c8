"""Clients whom the broker knows."""

from backoffice.desk import Desk
from backoffice.settings import require_known
from contract.errors import RefusedError
from models.audit_entry import Deed
from models.client_profile import ApplyStatus, ClientProfile
from models.codes import Country
from models.tenant import Portal
from models.user import User


def approve_client(desk: Desk, email: str, country: str = "") -> None:
    """He may have live accounts: the broker has seen for itself who he is, and where he lives if a
    country is given. Raises RefusedError.
    """
    profile = _profile(desk, email)
    if profile.apply_status is ApplyStatus.APPROVED:
        raise RefusedError("he is approved already")
    before = _told(profile)
    profile.apply_status, profile.kyc_approved_at = ApplyStatus.APPROVED, desk.now
    profile.country = _known(desk, country) or profile.country
    desk.note(Deed.CLIENT_APPROVED, f"user {profile.user_id}", before, _told(profile))


def set_country(desk: Desk, email: str, country: str) -> None:
    """Where he lives by now: what he is offered depends on it. Raises RefusedError."""
    profile = _profile(desk, email)
    before = _told(profile)
    profile.country = _known(desk, country)
    desk.note(Deed.USER_CHANGED, f"user {profile.user_id}", before, _told(profile))


def _profile(desk: Desk, email: str) -> ClientProfile:
    user = User.by_email(desk.session, Portal.CLIENT, email)
    if user is None:
        raise RefusedError("there is no such client")
    return ClientProfile.of_user_id(desk.session, user.id)


def _known(desk: Desk, country: str) -> str:
    require_known(desk, Country, [country] if country else [])
    return country


def _told(profile: ClientProfile) -> dict[str, str]:
    return {"apply_status": profile.apply_status.value, "country": profile.country}
