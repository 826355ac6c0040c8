"""Clients who save, change and delete payees at the same time."""

from functools import partial

import pytest
from sqlalchemy.exc import IntegrityError

from models.boundaries import BoundSession
from models.payee import MOST_PAYEES, Payee
from tests.payees import BANK, WIRE, Account, account
from tests.trading import at_once, together

__all__ = ["account"]

CLIENTS = 6


def add(payee: Payee, session: BoundSession) -> None:
    session.add(payee)


def test_of_many_who_save_the_same_account_at_once_one_wins(account: Account) -> None:
    codes = at_once(CLIENTS, account.create)
    assert codes == ["", *["PAYEE_DUPLICATE"] * (CLIENTS - 1)]
    assert len(account.rows()) == 1


def test_many_at_once_do_not_get_past_the_limit(account: Account) -> None:
    room = 2
    account.many(MOST_PAYEES - room)
    numbers = [f"77777{each}" for each in range(CLIENTS)]
    codes = together([partial(account.create, bank_no=number) for number in numbers])
    assert codes == [*[""] * room, *["PAYEE_LIMIT_REACHED"] * (CLIENTS - room)]
    assert account.listed()["total"] == MOST_PAYEES


def test_of_many_first_ones_at_once_one_is_the_default(account: Account) -> None:
    numbers = [f"77777{each}" for each in range(CLIENTS)]
    codes = together([partial(account.create, bank_no=number) for number in numbers])
    assert codes == [""] * CLIENTS
    assert [is_default for _, is_default in account.order()].count(True) == 1


def test_many_who_become_the_default_at_once_leave_one(account: Account) -> None:
    numbers = account.many(CLIENTS)
    calls = [partial(account.change, number, is_default=True) for number in numbers]
    assert together(calls) == [""] * CLIENTS
    assert [is_default for _, is_default in account.order()].count(True) == 1


def test_a_default_that_is_deleted_while_others_are_has_one_heir(account: Account) -> None:
    numbers = account.many(CLIENTS)
    calls = [partial(account.delete, number) for number in numbers[:-1]]
    assert together(calls) == [""] * (CLIENTS - 1)
    assert account.order() == [(numbers[-1], True)]


@pytest.mark.parametrize("method", [BANK, WIRE])
def test_the_database_itself_keeps_one_of_each_account_and_one_default(
    account: Account, method: str
) -> None:
    account.saved(method)
    (payee,) = account.rows()
    database, boundary = account.broker.server.services.database, account.broker.boundary
    free = {"id": None, "is_default": False, "fingerprint": "0" * 64}
    for changed in ({"fingerprint": payee.fingerprint}, {"is_default": True}):
        twin = Payee(**(payee.model_dump() | free | changed))
        with pytest.raises(IntegrityError):
            database.write(boundary, partial(add, twin))
    database.write(boundary, partial(add, Payee(**(payee.model_dump() | free))))
