"""Why an operator refuses something: the client reads it."""

from contract.errors import RefusedError

# As much as is kept of it.
_LONGEST_REASON = 500


def checked(reason: str) -> str:
    """Raises RefusedError."""
    if not 0 < len(reason.strip()) <= _LONGEST_REASON:
        raise RefusedError(f"a reason has 1 to {_LONGEST_REASON} characters")
    return reason
