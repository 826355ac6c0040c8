"""What trading servers are asked to do is done once, however they fail."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from backoffice import trading_operations
from gateways.trading import PasswordKind
from models.boundaries import BoundSession
from models.outbox_entry import EntryState, OutboxEntry
from models.trading_operation import OperationState, TradingOperation
from tests.backstage import Backstage, floor, stage
from tests.trading import TRADE, Floor
from tests.wishes import (
    NEW_TRADE,
    Story,
    Wish,
    ask_for_top_up,
    change_password,
    each_money,
    each_password,
    each_single,
    each_traced,
    each_wish,
    top_up,
)
from trading.delivery import NotYetError, OtherAmountError
from trading.outcomes import Outcomes

__all__ = ["floor", "stage"]

# Every case of a long table.
pytestmark = pytest.mark.long

APPLIED = ("lose", "hang_applied", "twice")
NOT_APPLIED = ("hang", "error")


@each_wish
def test_what_is_wanted_is_done(floor: Floor, stage: Backstage, wish: Wish) -> None:
    story = wish.story(floor, stage)
    assert wish.stand(story) == wish.before
    stage.work()
    story.confirm_once(wish)


@each_wish
def test_what_is_refused_is_taken_back(floor: Floor, stage: Backstage, wish: Wish) -> None:
    story = wish.story(floor, stage)
    stage.fail("refuse", action=wish.action)
    stage.work()
    stage.turned.forward(days=1)
    stage.work()
    assert wish.stand(story) == wish.refused
    assert (story.operation.state, story.operation.refusal) == (OperationState.REJECTED, 10006)
    assert stage.asked.count(wish.action) == 1


@each_wish
def test_a_server_that_cannot_be_reached_is_asked_later(
    floor: Floor, stage: Backstage, wish: Wish
) -> None:
    story = wish.story(floor, stage)
    with stage.unreachable():
        for _ in range(3):
            stage.work_later()
    assert stage.asked == []
    entry = stage.entry(story.key)
    assert (entry.state, entry.fault) == (EntryState.WAITING, "TradingUnavailableError")
    assert story.operation.state is OperationState.NEW
    assert wish.stand(story) == wish.before
    story.confirm_once(wish)
    assert stage.asked[0] == wish.action


@each_traced
@pytest.mark.parametrize("fault", APPLIED)
def test_what_was_done_and_not_confirmed_is_found(
    floor: Floor, stage: Backstage, traced: Wish, fault: str
) -> None:
    story = traced.story(floor, stage)
    stage.fail(fault, action=traced.action)
    stage.work()
    assert story.operation.state is OperationState.UNKNOWN
    stage.work_later()
    assert stage.asked[:2] == [traced.action, traced.look]
    story.confirm_once(traced)


@each_traced
@pytest.mark.parametrize("fault", NOT_APPLIED)
def test_what_was_not_done_is_asked_for_again_after_a_time_of_doubt(
    floor: Floor, stage: Backstage, traced: Wish, fault: str
) -> None:
    story = traced.story(floor, stage)
    stage.fail(fault, action=traced.action)
    stage.work()
    assert story.operation.state is OperationState.UNKNOWN
    stage.work_later()
    looked_from = stage.turned()
    story.work_until(OperationState.NEW)
    assert timedelta(seconds=60) <= stage.turned() - looked_from < timedelta(seconds=120)
    assert stage.asked == [traced.action] + [traced.look] * stage.asked.count(traced.look)
    story.confirm_once(traced, times=2)


@each_single
def test_three_looks_are_needed_however_long_they_take(
    floor: Floor, stage: Backstage, single: Wish
) -> None:
    story = single.story(floor, stage)
    stage.fail("error", action=single.action)
    stage.work()
    for _ in range(3):
        assert story.operation.state is OperationState.UNKNOWN
        stage.turned.forward(hours=1)
        stage.work()
    assert story.operation.state is OperationState.NEW
    story.confirm_once(single, times=2)


@each_single
def test_looks_that_are_not_answered_are_none(floor: Floor, stage: Backstage, single: Wish) -> None:
    story = single.story(floor, stage)
    stage.fail("lose", action=single.action)
    stage.work()
    stage.fail("error", "refuse", "hang", "lose", "twice", action=single.look)
    for _ in range(5):
        stage.turned.forward(hours=1)
        stage.work()
        assert (story.operation.state, story.operation.looks) == (OperationState.UNKNOWN, 0)
    story.confirm_once(single)


@each_password
@pytest.mark.parametrize("fault", ["lose", "hang"])
def test_what_leaves_no_trace_is_asked_for_again_after_a_time_of_doubt(
    floor: Floor, stage: Backstage, password: Wish, fault: str
) -> None:
    """Not before: what is late and comes after the next operation would undo that."""
    story = password.story(floor, stage)
    stage.fail(fault, action=password.action)
    stage.work()
    since = stage.turned()
    assert story.operation.state is OperationState.UNKNOWN
    story.work_until(OperationState.NEW)
    assert stage.turned() - since >= timedelta(seconds=60)
    assert stage.asked == [password.action]
    story.confirm_once(password, times=2)


@each_money
def test_another_amount_under_our_key_is_for_the_operator(
    floor: Floor, stage: Backstage, money: Wish
) -> None:
    story = money.story(floor, stage)
    in_doubt(story, money)
    floor.port(story.account).balance_operation(story.account.login, Decimal(7), story.key)
    for _ in range(5):
        stage.turned.forward(hours=1)
        stage.work()
        assert stage.entry(story.key).fault == OtherAmountError.__name__
        assert story.operation.state is OperationState.UNKNOWN
    assert stage.asked.count(money.action) == 2, "ours, and the one by hand"
    assert [found.difference for found in stage.differences()] == ["amount differs"]
    floor.broker.desk(
        lambda desk: trading_operations.mark_not_done(desk, outcomes(floor), story.key)
    )
    assert (story.operation.state, story.operation.refusal) == (OperationState.REJECTED, -1)
    stage.turned.forward(hours=1)
    stage.work()
    assert stage.paid(story.account, story.key) == [Decimal(7)]
    assert money.stand(story)[:2] == money.refused[:2]
    assert [found.difference for found in stage.differences()] == ["missing here"]


def in_doubt(story: Story, wish: Wish) -> None:
    """The server has not done it, and we do not know."""
    story.stage.fail("error", action=wish.action)
    story.stage.work()
    assert story.operation.state is OperationState.UNKNOWN


def outcomes(floor: Floor) -> Outcomes:
    return floor.broker.server.services.outcomes


@each_money
def test_what_the_operator_has_seen_done_is_posted_once(
    floor: Floor, stage: Backstage, money: Wish
) -> None:
    story = money.story(floor, stage)
    stage.fail("lose", action=money.action)
    stage.work()
    floor.broker.desk(
        lambda desk: trading_operations.mark_done(desk, outcomes(floor), story.key, "")
    )
    story.confirm_once(money)
    assert stage.differences() == []


def test_operations_of_an_account_keep_their_order(floor: Floor, stage: Backstage) -> None:
    number = floor.open_demo()
    stage.asked.clear()
    stage.fail("error", action="set_password")
    for password in (NEW_TRADE, TRADE + "z"):
        change_password(floor, number, "trade", password)
    stage.work()
    first, second = floor.rows(TradingOperation)[-2:]
    assert (first.state, second.state) == (OperationState.UNKNOWN, OperationState.NEW)
    assert stage.entry(second.key).fault == NotYetError.__name__
    while stage.unfinished():
        stage.work_later()
    account = floor.account(number)
    assert stage.asked.count("set_password") == 3
    assert stage.knows(account, "trade", TRADE + "z")


def test_what_has_waited_for_another_operation_is_due_when_that_is_through(
    floor: Floor, stage: Backstage
) -> None:
    number = floor.open_demo()
    for password in (NEW_TRADE, TRADE + "z"):
        change_password(floor, number, "trade", password)
    second = floor.rows(TradingOperation)[-1]
    hold_back(stage, second.outbox_key)
    stage.work()
    assert [each.state for each in floor.rows(TradingOperation)[-2:]] == [
        OperationState.CONFIRMED,
        OperationState.CONFIRMED,
    ]
    assert stage.knows(floor.account(number), "trade", TRADE + "z")


def hold_back(stage: Backstage, key: str) -> None:
    """The worker would come to it in an hour."""

    def write(session: BoundSession) -> None:
        entry = session.exec(select(OutboxEntry).where(OutboxEntry.key == key)).one()
        entry.due_at += timedelta(hours=1)

    stage.parts.database.write(stage.boundary, write)


def test_what_arrives_late_does_not_undo_what_was_wanted_next(
    floor: Floor, stage: Backstage
) -> None:
    number = floor.open_demo()
    stage.fail("hang", action="set_password")
    for password in (NEW_TRADE, TRADE + "z"):
        change_password(floor, number, "trade", password)
    given_up = stage.turned()
    stage.work()
    while stage.unfinished() and stage.turned() - given_up < timedelta(seconds=30):
        stage.work_later()
    account = floor.account(number)
    floor.port(account).set_password(account.login, PasswordKind.TRADE, NEW_TRADE)
    while stage.unfinished():
        stage.work_later()
    assert stage.knows(account, "trade", TRADE + "z")


def test_payments_to_an_account_keep_their_order(floor: Floor, stage: Backstage) -> None:
    number = ask_for_top_up(floor, "1.00")
    stage.fail("error", action="balance_operation")
    for amount in ("2.00", "3.00"):
        top_up(floor, number, amount)
    while stage.unfinished():
        stage.work_later()
    deals = floor.port(floor.account(number)).deals(login=floor.account(number).login)
    assert [deal.amount for deal in deals.items] == [5000, 1, 2, 3]


def test_accounts_do_not_wait_for_each_other(floor: Floor, stage: Backstage) -> None:
    stuck, free = floor.open_demo(), floor.open_demo()
    stage.fail("error", action="balance_operation")
    top_up(floor, stuck, "1.00")
    stage.work()
    top_up(floor, free, "2.00")
    stage.work()
    assert [each.trading_account_id for each in stage.unfinished()] == [stuck]
    while stage.unfinished():
        stage.work_later()


def test_a_refusal_without_a_reason_is_none(
    floor: Floor, stage: Backstage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Zero is the server's number for success: whoever says both is not understood."""
    number = ask_for_top_up(floor)
    monkeypatch.setattr("simulator.answering.REJECTED", 0)
    stage.fail("refuse", action="balance_operation")
    stage.work()
    (operation,) = stage.unfinished()
    assert operation.state is OperationState.UNKNOWN
    while stage.unfinished():
        stage.work_later()
    assert stage.paid(floor.account(number), operation.key) == [Decimal("250.50")]
