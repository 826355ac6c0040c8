"""Play money for demo accounts: up to the broker's caps, once, and in the books."""

from collections.abc import Iterator
from typing import Any

import pytest

from ledger import book
from ledger.verification import CHECKS, verify
from models.boundaries import BoundSession
from models.ledger_account import AccountKind
from models.money import Denomination, Money
from models.trading_operation import Kind, OperationState
from simulator.faults import Fault
from tests.server import problem
from tests.trading import DEMO, Floor, at_once, floor, told
from trading import checks

__all__ = ["floor"]

Json = Any

NAME = "deposit_to_demo_account"
USD = Denomination("USD", 2)
CLIENTS = 6
# Whatever else is wrong with them, none is an amount.
NO_AMOUNTS: tuple[Json, ...] = (
    *("NaN", "Infinity", "-Infinity", "1e400", "1e3", "-0", "-5", "+5", "\uff15", "\u0665"),
    *("9" * 40, "1." + "0" * 40, "", " ", " 5", "5 ", "5\n", "5\0", "0", "0.00", "0.001", "1.005"),
    *("1_000", "1,000", "01", ".5", "5.", "0x10", "9999999999999.999"),
    *(True, 5, 5.5, 0, None, [], ["5"], {"amount": "5"}),
)


@pytest.fixture(autouse=True)
def sound(floor: Floor) -> Iterator[None]:
    """Whatever a story does, the books are sound at its end."""
    yield
    for found in (CHECKS, checks.CHECKS):
        assert (
            in_transaction(floor, lambda session, found=found: list(verify(session, found))) == []
        )


def in_transaction(floor: Floor, work: Any) -> Any:
    return floor.broker.server.services.database.write(floor.broker.boundary, work)


def top_up(floor: Floor, number: int, amount: Json = "100") -> Any:
    return floor.call(NAME, {"trading_account_id": number, "amount": amount})


def balance(floor: Floor, number: int) -> str:
    """On the server."""
    account = floor.account(number)
    return f"{floor.port(account).account(account.login).balance:f}"


def books(floor: Floor, number: int) -> tuple[str, str]:
    """What the account was given, and what is held for it."""

    def read(session: BoundSession) -> tuple[str, str]:
        given = book.account(session, AccountKind.TRADING, USD, f"trading_account {number}")
        source = book.account(session, AccountKind.PLAY_MONEY, USD)
        return book.available(given).text, Money(source.held, USD).text

    found: tuple[str, str] = in_transaction(floor, read)
    return found


def top_ups(floor: Floor) -> list[OperationState]:
    return [each.state for each in floor.operations() if each.kind is Kind.TOP_UP]


def test_a_demo_account_is_topped_up_by_the_worker(floor: Floor) -> None:
    number = floor.open_demo()
    assert told(top_up(floor, number, "250.5")) == {}
    assert (balance(floor, number), books(floor, number)) == ("5000.00", ("5000.00", "250.50"))
    floor.broker.server.deliver()
    assert (balance(floor, number), books(floor, number)) == ("5250.50", ("5250.50", "0.00"))
    assert floor.account(number).balance == 525_050
    _, deal = floor.port(floor.account(number)).deals().items
    operation = floor.operations()[-1]
    assert (deal.comment, deal.ticket) == (operation.key, operation.ticket)


def test_what_is_no_amount_is_refused(floor: Floor) -> None:
    number = floor.open_demo()
    for amount in NO_AMOUNTS:
        answer = top_up(floor, number, amount)
        assert answer.status_code == 400, amount
        assert answer.json()["code"] in ("VALIDATION_ERROR", "AMOUNT_INVALID")
    assert top_ups(floor) == []


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity", "1e400", "5", "true"])
def test_a_number_of_json_is_no_amount_however_it_is_written(floor: Floor, amount: str) -> None:
    number, operation = floor.open_demo(), floor.broker.operations[NAME]
    headers = {
        "Host": f"client.t{floor.broker.number}.example",
        "Authorization": f"Bearer {floor.token}",
        "Content-Type": "application/json",
    }
    body = f'{{"trading_account_id": {number}, "amount": {amount}}}'
    answer = floor.broker.server.http.post(operation.path, content=body, headers=headers)
    assert problem(answer) == (400, "VALIDATION_ERROR")
    assert top_ups(floor) == []


@pytest.mark.parametrize("amount", ["0", "0.00", "0.001", "5.123"])
def test_an_amount_has_the_places_of_its_currency_and_is_above_zero(
    floor: Floor, amount: str
) -> None:
    answer = top_up(floor, floor.open_demo(), amount)
    assert problem(answer) == (400, "AMOUNT_INVALID")
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/body/amount"]


def test_live_accounts_get_no_play_money(floor: Floor) -> None:
    assert problem(top_up(floor, floor.open_live())) == (409, "NOT_A_DEMO_ACCOUNT")
    assert top_ups(floor) == []


def test_an_account_that_is_not_open_gets_none(floor: Floor) -> None:
    number = floor.open_demo()
    floor.disable(number)
    assert problem(top_up(floor, number)) == (404, "NOT_FOUND")
    waiting = told(
        floor.call(
            "create_trading_account",
            floor.wanted(is_demo=True, trading_account_type_id=floor.demo_type),
        )
    )["id"]
    assert problem(top_up(floor, waiting)) == (404, "NOT_FOUND")


def test_so_much_at_once_and_no_more(floor: Floor) -> None:
    floor.set(most_demo_deposit=500)
    number = floor.open_demo()
    answer = top_up(floor, number, "500.01")
    assert problem(answer) == (409, "AMOUNT_OUT_OF_RANGE")
    assert answer.json()["details"] == {"min": "0.01", "max": "500.00"}
    told(top_up(floor, number, "500.00"))
    told(top_up(floor, number, "500.00"))


def test_so_much_in_all_and_no_more_however_far_it_has_come(floor: Floor) -> None:
    floor.set(most_demo_deposit=500, most_demo_deposits=700)
    number = floor.open_demo()
    told(top_up(floor, number, "400"))
    assert top_up(floor, number, "300.01").json()["details"] == {"min": "0.01", "max": "300.00"}
    told(top_up(floor, number, "300"))
    answer = top_up(floor, number, "0.01")
    assert problem(answer) == (409, "AMOUNT_OUT_OF_RANGE")
    assert answer.json()["details"] == {"min": "0.01", "max": "0.00"}
    floor.broker.server.deliver()
    assert balance(floor, number) == "5700.00"
    assert problem(top_up(floor, number, "0.01")) == (409, "AMOUNT_OUT_OF_RANGE")
    assert told(top_up(floor, floor.open_demo(), "500")) == {}, "another has a cap of its own"


def test_what_the_server_refused_is_given_back_and_does_not_count(floor: Floor) -> None:
    floor.set(most_demo_deposits=700)
    number = floor.open_demo()
    floor.suffers(DEMO, Fault.REFUSE, actions=["balance_operation"])
    told(top_up(floor, number, "700"))
    floor.broker.server.deliver()
    assert top_ups(floor) == [OperationState.REJECTED]
    assert (balance(floor, number), books(floor, number)) == ("5000.00", ("5000.00", "0.00"))
    told(top_up(floor, number, "700"))
    floor.broker.server.deliver()
    assert balance(floor, number) == "5700.00"


@pytest.mark.parametrize("fault", sorted(set(Fault) - {Fault.NONE, Fault.REFUSE}))
def test_whatever_the_server_does_the_money_comes_once(floor: Floor, fault: Fault) -> None:
    number = floor.open_demo()
    floor.suffers(DEMO, fault, actions=["balance_operation"])
    told(top_up(floor, number))
    floor.broker.server.deliver()
    assert top_ups(floor) == [OperationState.UNKNOWN]
    floor.at_last()
    assert top_ups(floor) == [OperationState.CONFIRMED]
    assert (balance(floor, number), books(floor, number)) == ("5100.00", ("5100.00", "0.00"))


def test_the_last_of_the_cap_goes_to_one(floor: Floor) -> None:
    floor.set(most_demo_deposits=100)
    number = floor.open_demo()
    codes = at_once(CLIENTS, lambda: top_up(floor, number, "100"))
    assert codes == ["", *["AMOUNT_OUT_OF_RANGE"] * (CLIENTS - 1)]
    floor.broker.server.deliver()
    assert balance(floor, number) == "5100.00"
