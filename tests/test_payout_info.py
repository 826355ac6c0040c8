"""What is kept of a payee, and what is shown of its number."""

import pytest
from cryptography.exceptions import InvalidTag

from cashier.payees import opened
from cashier.payout_info import ending, fingerprint, masked
from models.payee import Payee
from models.payout_method import PayoutMethod
from tests.payees import BANK, INFOS, Account, account

__all__ = ["account"]


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("1234", "34"),
        ("12 34-5", "45"),
        ("123456", "456"),
        ("1234567", "567"),
        ("12-34-56-78", "5678"),
        ("GB82 WEST 1234 5698 7654 32", "5432"),
    ],
)
def test_of_a_short_number_no_more_than_half_is_shown(number: str, shown: str) -> None:
    info = {**INFOS[BANK], "bank_no": number}
    assert ending(PayoutMethod.BANK_TRANSFER, info) == shown
    assert masked(PayoutMethod.BANK_TRANSFER, info)["bank_no"] == f"**** {shown}"


def test_a_payee_can_be_found_by_what_it_pays_to(account: Account) -> None:
    number = account.saved()
    box, database = account.broker.server.services.box, account.broker.server.services.database
    print_ = fingerprint(box, PayoutMethod.BANK_TRANSFER, INFOS[BANK])

    def found(user_id: int) -> int | None:
        payee = database.read(
            account.broker.boundary,
            lambda session: Payee.of_fingerprint(session, user_id, print_),
        )
        return payee.id if payee else None

    assert found(account.user.id) == number
    assert found(account.user.id + 1) is None
    account.delete(number)
    assert found(account.user.id) is None


def test_what_was_sealed_for_one_client_opens_for_no_other(account: Account) -> None:
    account.saved()
    (payee,) = account.rows()
    box = account.broker.server.services.box
    assert opened(box, payee) == INFOS[BANK]
    for name in ("user_id", "tenant_id"):
        moved = Payee(**(payee.model_dump() | {name: 10_000}))
        with pytest.raises(InvalidTag):
            opened(box, moved)
