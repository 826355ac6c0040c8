"""How an application of a client's is decided."""

from enum import StrEnum

from models.machines import Machine


class AuditStatus(StrEnum):
    """Waiting, claimed by an operator, or decided."""

    PENDING = "pending"
    AUDITING = "auditing"
    APPROVED = "approved"
    DISAPPROVED = "disapproved"

    @property
    def is_open(self) -> bool:
        """Whether it still waits for a decision."""
        return self in OPEN


OPEN = (AuditStatus.PENDING, AuditStatus.AUDITING)

# An operator claims it, or gives it back; only what is claimed is decided. What the broker approves
# without looking starts as approved.
AUDIT = Machine(
    starts=frozenset([AuditStatus.PENDING, AuditStatus.APPROVED]),
    edges={
        AuditStatus.PENDING: frozenset([AuditStatus.AUDITING]),
        AuditStatus.AUDITING: frozenset(
            [AuditStatus.PENDING, AuditStatus.APPROVED, AuditStatus.DISAPPROVED]
        ),
    },
)
