"""Operators deal with trading accounts, and with what servers have left in doubt."""

from collections.abc import Callable
from typing import Any

import pytest

from backoffice import trading_accounts, trading_operations
from backoffice.applications import ACCOUNT
from contract.errors import RefusedError
from models.audit_entry import AuditEntry
from models.outbox_entry import EntryState, OutboxEntry
from models.trading_account import AccountStatus, FundingType
from models.trading_operation import OperationState, TradingOperation
from simulator.faults import Fault
from tests.trading import DEMO, LIVE, Floor, floor, told
from trading.orders import Orders

__all__ = ["floor"]

Json = Any

A_MONTH = 31 * 86_400


def at_desk(floor: Floor, work: Callable[..., None], *arguments: Json) -> None:
    """What an operator has the worker do."""
    orders: Orders = floor.broker.server.services.orders
    floor.broker.desk(lambda desk: work(desk, orders, *arguments))


def decide(floor: Floor, mark: Callable[..., None], *arguments: Json) -> None:
    """What an operator knows of an operation."""
    outcomes = floor.broker.server.services.outcomes
    floor.broker.desk(lambda desk: mark(desk, outcomes, *arguments))


def enable(floor: Floor, number: int) -> None:
    at_desk(floor, trading_accounts.enable, number)
    floor.broker.server.deliver()


def is_enabled(floor: Floor, number: int) -> bool:
    """On the server."""
    account = floor.account(number)
    return floor.port(account).account(account.login).is_enabled


def last_entry(floor: Floor) -> tuple[str, str, Json]:
    entry = floor.rows(AuditEntry)[-1]
    return str(entry.deed), entry.subject, entry.after


def last(floor: Floor) -> TradingOperation:
    return floor.operations()[-1]


def top_up(floor: Floor, number: int) -> None:
    body = {"trading_account_id": number, "amount": "5"}
    told(floor.call("deposit_to_demo_account", body))
    floor.broker.server.deliver()


def in_doubt(floor: Floor, *faults: Fault) -> TradingOperation:
    """A payment of which nobody knows whether the server has done it."""
    number = floor.open_demo()
    floor.suffers(DEMO, *(faults or (Fault.HANG,)), actions=["balance_operation"])
    top_up(floor, number)
    assert last(floor).state is OperationState.UNKNOWN
    return last(floor)


def test_an_account_is_disabled_and_enabled_on_its_server(floor: Floor) -> None:
    number = floor.open_live()
    floor.disable(number)
    assert (floor.account(number).status, is_enabled(floor, number)) == ("disabled", False)
    assert last_entry(floor) == (
        *("account_changed", f"trading account {number}"),
        {"wanted": "disable"},
    )
    assert told(floor.call("list_trading_account_options"))["total"] == 0
    enable(floor, number)
    assert (floor.account(number).status, is_enabled(floor, number)) == ("open", True)
    assert told(floor.call("list_trading_account_options"))["total"] == 1


def test_an_account_is_switched_once_however_often_that_is_wanted(floor: Floor) -> None:
    number = floor.open_live()
    at_desk(floor, trading_accounts.disable, number)
    with pytest.raises(RefusedError, match="has not done yet"):
        at_desk(floor, trading_accounts.disable, number)
    floor.broker.server.deliver()
    enable(floor, number)
    assert floor.account(number).status is AccountStatus.OPEN
    assert {each.state for each in floor.operations()} == {OperationState.CONFIRMED}


def test_what_is_not_so_cannot_be_switched(floor: Floor) -> None:
    number = floor.open_live()
    with pytest.raises(RefusedError, match="the account is open"):
        at_desk(floor, trading_accounts.enable, number)
    floor.disable(number)
    with pytest.raises(RefusedError, match="the account is disabled"):
        at_desk(floor, trading_accounts.disable, number)
    floor.apply()
    for switch in (trading_accounts.enable, trading_accounts.disable):
        with pytest.raises(RefusedError, match="the account is opening"):
            at_desk(floor, switch, floor.newest())


def test_what_the_server_would_not_switch_is_tried_again(floor: Floor) -> None:
    number = floor.open_live()
    floor.suffers(LIVE, Fault.REFUSE, actions=["set_enabled"])
    at_desk(floor, trading_accounts.disable, number)
    floor.broker.server.deliver()
    assert floor.account(number).status is AccountStatus.OPEN
    floor.disable(number)


def test_an_account_of_another_broker_is_nobody_s_business(floor: Floor) -> None:
    theirs = Floor(floor.broker.server.broker()).open_demo()
    for work in (trading_accounts.enable, trading_accounts.disable):
        for number in (999_999, theirs):
            with pytest.raises(RefusedError, match=f"there is no trading account {number}"):
                at_desk(floor, work, number)
    with pytest.raises(RefusedError, match="there is no trading account"):
        floor.broker.desk(lambda desk: trading_accounts.set_funding(desk, theirs, FundingType.NONE))


def test_whether_money_may_be_moved_is_said_and_written_down(floor: Floor) -> None:
    number = floor.open_live()
    floor.broker.desk(
        lambda desk: trading_accounts.set_funding(desk, number, FundingType.WITHDRAWAL_ONLY)
    )
    assert floor.account(number).funding_type is FundingType.WITHDRAWAL_ONLY
    entry = floor.rows(AuditEntry)[-1]
    assert (entry.before, entry.after) == (
        {"funding_type": "normal"},
        {"funding_type": "withdrawal_only"},
    )
    answer = floor.call("list_account_balances", type=["deposit_only", "normal"])
    assert told(answer)["total"] == 0


def test_what_is_not_finished_is_listed_the_oldest_first(floor: Floor) -> None:
    def listed() -> list[str]:
        found = floor.broker.desk(trading_operations.unfinished)
        return [each.key for each in found]

    first = in_doubt(floor)
    second = in_doubt(floor)
    assert listed() == [first.key, second.key]
    floor.at_last()
    assert listed() == []


def test_what_the_worker_has_given_up_is_resumed(floor: Floor) -> None:
    number = floor.open_demo()
    with floor.down(DEMO):
        top_up(floor, number)
        floor.later(A_MONTH)
    key = last(floor).key
    assert states_of_entries(floor, last(floor).outbox_key) == [EntryState.DEAD]
    at_desk(floor, trading_operations.resume, key)
    assert last_entry(floor) == ("operation_resumed", f"operation {key}", None)
    floor.at_last()
    assert last(floor).state is OperationState.CONFIRMED


def states_of_entries(floor: Floor, key: str) -> list[EntryState]:
    return [each.state for each in floor.rows(OutboxEntry) if each.key == key]


def test_what_the_worker_sees_to_is_not_resumed(floor: Floor) -> None:
    key = in_doubt(floor).key
    with pytest.raises(RefusedError, match="the worker sees to it"):
        at_desk(floor, trading_operations.resume, key)


def test_what_the_operator_knows_to_be_done_is_done(floor: Floor) -> None:
    operation = in_doubt(floor, Fault.LOSE)
    decide(floor, trading_operations.mark_done, operation.key, "")
    assert last(floor).state is OperationState.CONFIRMED
    assert last_entry(floor) == (
        *("operation_marked", f"operation {operation.key}"),
        {"done": True, "login": ""},
    )
    floor.later()
    account = floor.account(operation.trading_account_id)
    assert floor.port(account).account(account.login).balance == 5005, "the worker leaves it alone"


def test_what_he_knows_not_to_be_done_will_not_be_done(floor: Floor) -> None:
    operation = in_doubt(floor)
    decide(floor, trading_operations.mark_not_done, operation.key)
    assert (last(floor).state, last(floor).refusal) == (OperationState.REJECTED, -1)
    assert last_entry(floor)[2] == {"done": False}
    floor.at_last()
    account = floor.account(operation.trading_account_id)
    assert floor.port(account).account(account.login).balance == 5000


def opening_in_doubt(floor: Floor) -> TradingOperation:
    """The account is there, and nobody here knows its number."""
    number = floor.apply()
    floor.suffers(LIVE, Fault.LOSE, actions=["open_account"])
    floor.approve(ACCOUNT, number)
    assert last(floor).state is OperationState.UNKNOWN
    return last(floor)


def test_an_account_that_was_opened_gets_the_number_that_the_operator_has_seen(
    floor: Floor,
) -> None:
    taken = floor.account(floor.open_live())
    operation = opening_in_doubt(floor)
    login = floor.port(taken).find_login(operation.key) or ""
    for wrong, why in (
        ("", "the account's number is needed"),
        ("Live-7", "up to 12 digits"),
        ("1" * 13, "up to 12 digits"),
        (taken.login, f"is the number of trading account {taken.id}"),
    ):
        with pytest.raises(RefusedError, match=why):
            decide(floor, trading_operations.mark_done, operation.key, wrong)
    decide(floor, trading_operations.mark_done, operation.key, login)
    account = floor.account(operation.trading_account_id)
    assert (account.status, account.login) == (AccountStatus.OPEN, login)
    assert last(floor).passwords is None
    assert told(floor.call("get_trading_account", id=account.id))["account"] == login


def test_a_number_is_needed_only_where_an_account_was_opened(floor: Floor) -> None:
    operation = in_doubt(floor)
    with pytest.raises(RefusedError, match="only there"):
        decide(floor, trading_operations.mark_done, operation.key, "123")


def test_only_what_is_in_doubt_is_marked_by_hand(floor: Floor) -> None:
    theirs = in_doubt(Floor(floor.broker.server.broker())).key
    number = floor.open_demo()
    done = last(floor).key
    body = {"id": number, "leverage": 200, "remark": ""}
    told(floor.call("change_leverage", body))
    new = last(floor).key
    for key, why in (
        (new, "it is new, not in doubt"),
        (done, "is unfinished"),
        (theirs, "is unfinished"),
        ("nothing", "no operation nothing is unfinished"),
    ):
        with pytest.raises(RefusedError, match=why):
            decide(floor, trading_operations.mark_done, key, "")
        with pytest.raises(RefusedError, match=why):
            decide(floor, trading_operations.mark_not_done, key)
