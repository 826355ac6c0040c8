"""Why the ledger refuses; nothing was written then. Who calls says it in the words of a Problem."""


class LedgerError(Exception):
    """A refusal."""


class NotEnoughError(LedgerError):
    """Less than nothing would be available on an account."""


class TooMuchError(LedgerError):
    """More would be on an account than it can count."""


class AlreadyPostedError(LedgerError):
    """The key has been used; whatever was to be done under it is done."""


class AlreadyResolvedError(LedgerError):
    """The hold has been posted or voided."""


class AlreadyReversedError(LedgerError):
    """The posting has been reversed."""


class NotReversibleError(LedgerError):
    """Only postings are reversed: a hold is voided, and a reversal posted anew."""


class UnknownTransactionError(LedgerError):
    """There is no transaction, or no hold, with the key."""
