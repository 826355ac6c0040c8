"""Codes that show that somebody reads the caller's mail."""

from dataclasses import dataclass
from datetime import datetime

from contract.problems import Problem, Violation
from gateways.secret_box import SecretBox
from models.boundaries import BoundSession
from models.database import Transaction
from models.security_setting import SecuritySetting
from models.tenant import Portal, Site
from models.user import Caller
from models.verification_code import Scene, VerificationCode


def code_seal(
    box: SecretBox, site: Site, portal: Portal, scene: Scene, email: str, code: str
) -> str:
    """What is kept of a code: bound to its scene and the mailbox. Who asks for one does not say yet
    what he wants to move.
    """
    return box.signature("email-code", site.tenant_id, portal, scene, email, code)


@dataclass(frozen=True)
class EmailCodes:
    """The codes of one call. `transaction` is apart from that of its handler: a try is counted,
    whatever becomes of the rest.
    """

    transaction: Transaction
    box: SecretBox
    site: Site
    caller: Caller
    now: datetime

    def try_(self, scene: Scene, code: str) -> "TriedCode | None":
        """The code if it is right; None where the broker wants none. Raises Problem
        EMAIL_CODE_REQUIRED, EMAIL_CODE_INVALID or EMAIL_CODE_EXPIRED.
        """
        setting = self.transaction.read(SecuritySetting.of_tenant)
        if scene not in setting.email_verification_scenarios:
            return None
        if not code:
            errors = [Violation("/body/email_code", "required")]
            raise Problem("EMAIL_CODE_REQUIRED", errors=errors)
        tried = self._sealed(scene, code)
        fault = self.transaction.write(
            lambda session: VerificationCode.tried(session, *tried.proof, self.now)
        )
        if fault:
            raise fault
        return tried

    def _sealed(self, scene: Scene, code: str) -> "TriedCode":
        portal, email = self.caller.portal, self.caller.email
        seal = code_seal(self.box, self.site, portal, scene, email, code)
        return TriedCode((portal, scene, email, seal), self.now)


@dataclass(frozen=True)
class TriedCode:
    """A code that was right, to be used up together with what it is for."""

    proof: tuple[Portal, Scene, str, str]
    now: datetime

    def use(self, session: BoundSession) -> None:
        """Raises Problem EMAIL_CODE_INVALID if somebody has been faster."""
        VerificationCode.use(session, *self.proof, self.now)
