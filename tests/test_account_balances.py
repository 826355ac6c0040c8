"""What can be moved from the caller's live accounts, as their servers say this moment."""

from typing import Any

import pytest
from sqlmodel import select

from models.trading_account import FundingType
from models.trading_operation import Kind, OperationState, TradingOperation, new_key
from tests.server import problem
from tests.trading import DEMO, LIVE, Floor, floor, told

__all__ = ["floor"]

Json = Any

NAME = "list_account_balances"


def balances(floor: Floor, *types: str) -> dict[int, str]:
    """By account."""
    answer = told(floor.call(NAME, type=list(types) or ["normal"]))
    assert answer["total"] == len(answer["list"])
    return {each["trading_account_id"]: each["balance"] for each in answer["list"]}


def test_a_balance_is_asked_of_the_server(floor: Floor) -> None:
    number = floor.open_live()
    floor.pay_in(number, "1234.50")
    assert told(floor.call(NAME, type=["normal"])) == {
        "list": [
            {
                "balance": "1234.50",
                "server_name": LIVE,
                "server_type": "MT4-Live",
                "trading_account": floor.account(number).login,
                "trading_account_id": number,
            }
        ],
        "total": 1,
    }
    assert floor.account(number).balance == 123_450, "and is the last snapshot now"


def test_neither_credit_nor_what_open_trades_need_can_be_moved(floor: Floor) -> None:
    number = floor.open_live()
    floor.pay_in(number, "1000")
    path = f"/accounts/{floor.account(number).login}"
    floor.control("PUT", LIVE, f"{path}/credit", credit="300.00")
    assert balances(floor) == {number: "1000.00"}
    floor.control("POST", LIVE, f"{path}/positions", symbol="EURUSD", type="BUY", volume="0.1")
    login = floor.account(number).login
    there = floor.port(floor.account(number)).account(login)
    assert there.margin > 0
    assert balances(floor) == {number: f"{there.free_margin - there.credit:.2f}"}


def test_what_is_about_to_leave_is_taken_off_until_it_has_left(floor: Floor) -> None:
    number = floor.open_live()
    floor.pay_in(number, "100")
    for state, left in (
        *(("new", "30.00"), ("sent", "30.00"), ("unknown", "30.00")),
        *(("confirmed", "100.00"), ("rejected", "100.00")),
    ):
        leaving(floor, number, 7000, state)
        assert balances(floor) == {number: left}, state
    leaving(floor, number, 10_001, "new")
    assert balances(floor) == {number: "0.00"}, "nobody owes us what he cannot take"


def leaving(floor: Floor, number: int, minor: int, state: str) -> None:
    """One payment from the account is in a state; those before it are through."""
    now = floor.broker.server.clock()

    def write(session: Any) -> None:
        operation = TradingOperation(
            key=new_key("W"),
            kind=Kind.TOP_UP,
            trading_account_id=number,
            amount=-minor,
            created_at=now,
            moved_at=now,
        )
        session.add(operation)
        session.flush()
        way = {"new": (), "sent": ("sent",)}.get(state, ("sent", state))
        for each in way:
            operation.move("state", OperationState(each), now)

    database = floor.broker.server.services.database
    database.write(floor.broker.boundary, lambda session: finish(session, now))
    database.write(floor.broker.boundary, write)


def finish(session: Any, now: Any) -> None:
    for operation in session.exec(select(TradingOperation)).all():
        if operation.is_finished:
            continue
        if operation.state is OperationState.NEW:
            operation.move("state", OperationState.SENT, now)
        operation.move("state", OperationState.CONFIRMED, now)


def test_only_live_open_accounts_have_something_to_move(floor: Floor) -> None:
    number, disabled = floor.open_live(), floor.open_live()
    floor.disable(disabled)
    floor.open_demo()
    floor.apply()
    assert list(balances(floor)) == [number]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"type": ["normal"]}, "n"),
        ({"type": ["deposit_only", "normal"]}, "nd"),
        ({"type[]": ["withdrawal_only", "normal"]}, "nw"),
        ({"type": "deposit_only,withdrawal_only"}, "dw"),
        ({"type": "normal,deposit_only,withdrawal_only"}, "ndw"),
    ],
    ids=str,
)
def test_accounts_are_listed_by_what_may_be_done_with_their_money(
    floor: Floor, asked: Json, found: str
) -> None:
    by_letter = {}
    for funding in FundingType:
        number = floor.open_live()
        floor.change(number, funding_type=funding)
        by_letter[number] = "-" if funding is FundingType.NONE else funding[0]
    answer = told(floor.call(NAME, **asked))
    assert "".join(by_letter[each["trading_account_id"]] for each in answer["list"]) == found


@pytest.mark.parametrize("asked", [{}, {"type": "none"}, {"type": ""}, {"type": "normal,normal,x"}])
def test_other_types_are_refused(floor: Floor, asked: Json) -> None:
    assert problem(floor.call(NAME, **asked)) == (400, "VALIDATION_ERROR")


def test_an_old_figure_is_no_answer(floor: Floor) -> None:
    number = floor.open_live()
    with floor.down(DEMO):
        assert balances(floor) == {number: "0.00"}
    with floor.down(LIVE):
        answer = floor.call(NAME, type=["normal"])
        assert problem(answer) == (503, "TRADING_SERVER_UNAVAILABLE")
        assert balances(floor, "deposit_only") == {}, "nobody needs to be asked"
    assert balances(floor) == {number: "0.00"}


def test_nobody_sees_the_balances_of_others(floor: Floor) -> None:
    floor.open_live()
    other = floor.broker.login(floor.broker.user("other@example.com"))
    answer = told(floor.call(NAME, token=other, type=["normal"]))
    assert answer == {"list": [], "total": 0}
