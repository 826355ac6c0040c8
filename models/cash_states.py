"""How far money has come on its way to a trading account, off it, back to it, and to the payee."""

from enum import StrEnum

from models.machines import Machine


class CreditState(StrEnum):
    """Money that an approved order puts on a trading account. Given up is what its server will not
    take: it goes another way.
    """

    NONE = "none"
    CREDITING = "crediting"
    CREDITED = "credited"
    CREDIT_FAILED = "credit_failed"
    GIVEN_UP = "given_up"


class DebitState(StrEnum):
    """Money that an order takes off a trading account; at first none where that waits for an
    operator.
    """

    NONE = "none"
    DEBITING = "debiting"
    DEBITED = "debited"
    REFUSED = "refused"


class RefundState(StrEnum):
    """Money that goes back to the trading account which it was taken off. Given up is what its
    server will not take: the broker pays it out.
    """

    NONE = "none"
    REFUNDING = "refunding"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"
    GIVEN_UP = "given_up"


class PayoutState(StrEnum):
    """Money on its way to the payee."""

    NONE = "none"
    PAYING = "paying"
    PAID = "paid"
    FAILED = "failed"
    REFUNDED = "refunded"


CREDIT = Machine(
    starts=frozenset([CreditState.NONE]),
    edges={
        CreditState.NONE: frozenset([CreditState.CREDITING]),
        CreditState.CREDITING: frozenset([CreditState.CREDITED, CreditState.CREDIT_FAILED]),
        # An operator has it tried again, or gives it up.
        CreditState.CREDIT_FAILED: frozenset([CreditState.CREDITING, CreditState.GIVEN_UP]),
    },
)
DEBIT = Machine(
    starts=frozenset([DebitState.NONE, DebitState.DEBITING]),
    edges={
        DebitState.NONE: frozenset([DebitState.DEBITING]),
        # Back to none where an operator has agreed, and the server has not.
        DebitState.DEBITING: frozenset([DebitState.DEBITED, DebitState.REFUSED, DebitState.NONE]),
    },
)
REFUND = Machine(
    starts=frozenset([RefundState.NONE]),
    edges={
        RefundState.NONE: frozenset([RefundState.REFUNDING]),
        RefundState.REFUNDING: frozenset([RefundState.REFUNDED, RefundState.REFUND_FAILED]),
        RefundState.REFUND_FAILED: frozenset([RefundState.REFUNDING, RefundState.GIVEN_UP]),
    },
)
PAYOUT = Machine(
    starts=frozenset([PayoutState.NONE]),
    edges={
        PayoutState.NONE: frozenset([PayoutState.PAYING]),
        PayoutState.PAYING: frozenset([PayoutState.PAID, PayoutState.FAILED]),
        # The bank has sent it back.
        PayoutState.PAID: frozenset([PayoutState.FAILED]),
        # An operator has it paid again, or gives the money back.
        PayoutState.FAILED: frozenset([PayoutState.PAYING, PayoutState.REFUNDED]),
    },
)
