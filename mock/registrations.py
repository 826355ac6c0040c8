"""How far a client's registration has come; its four statuses always fit together."""

from dataclasses import dataclass

_MODULES = (
    "identity contact job family questionnaire authentication authentication_accessory agreement"
)


@dataclass(frozen=True)
class Registration:
    """The statuses of operation 61, and which modules are complete."""

    identity_status: str
    agreement_status: str
    kyc_status: str
    apply_status: str
    modules: tuple[str, ...]

    @property
    def approved(self) -> bool:
        """Whether an operator, or the electronic check, has said yes."""
        return self.apply_status == "approved"

    @property
    def outcome(self) -> str:
        """As the registration form shows it: pending until it is decided."""
        return self.apply_status if self.approved or self.rejected else "pending"

    @property
    def rejected(self) -> bool:
        """Whether it was refused and waits for better data."""
        return self.apply_status == "disapproved"


_COMPLETE = tuple(_MODULES.split())
APPROVED = Registration("filled", "agreed", "approved", "approved", _COMPLETE)
STAGES = (
    APPROVED,
    APPROVED,
    Registration("filling", "filling", "filling", "filling", ()),
    Registration("filled", "filling", "filling", "filling", ("identity", "contact")),
    Registration("filled", "agreed", "filled", "applying", _COMPLETE),
    Registration("filled", "agreed", "disapproved", "disapproved", _COMPLETE),
)
NEW = STAGES[2]
