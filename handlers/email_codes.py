"""What is kept of a code."""

from gateways.secret_box import SecretBox
from models.tenant import Portal, Site
from models.verification_code import Scene


def code_seal(
    box: SecretBox, site: Site, portal: Portal, scene: Scene, email: str, code: str
) -> str:
    """Bound to all that the code is good for."""
    return box.signature("email-code", site.tenant_id, portal, scene, email, code)
