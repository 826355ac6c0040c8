"""What trading servers are asked to do is done once, whichever worker dies, is late, or is one of
several.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import httpx2
import pytest

from contract.errors import CannotStartError
from gateways.trading import TradingPort
from models.trading_operation import OperationState
from models.trading_server import TradingServer
from tests.backstage import Backstage, floor, stage
from tests.trading import Floor
from tests.wishes import Story, Wish, each_single, each_traced, each_wish, top_up
from trading.ports import Ports
from wlink.settings import settings

__all__ = ["floor", "stage"]

pytestmark = pytest.mark.long

LOST_LEASE = {"seconds": 61}


class KilledError(BaseException):
    """The worker's process ends here."""


def be_killed() -> None:
    raise KilledError


@each_traced
def test_who_follows_a_worker_that_was_killed_looks_first(
    floor: Floor, stage: Backstage, traced: Wish
) -> None:
    story = traced.story(floor, stage)
    stage.after[traced.action] = be_killed
    with pytest.raises(KilledError):
        stage.work()
    assert story.operation.state is OperationState.SENT
    stage.turned.forward(**LOST_LEASE)
    stage.work()
    assert stage.asked[:2] == [traced.action, traced.look]
    story.confirm_once(traced)


@each_wish
def test_what_a_worker_that_was_killed_had_not_sent_yet_is_sent(
    floor: Floor, stage: Backstage, wish: Wish
) -> None:
    story = wish.story(floor, stage)
    stage.before[wish.action] = be_killed
    with pytest.raises(KilledError):
        stage.work()
    assert story.operation.state is OperationState.SENT
    assert wish.stand(story) == wish.before
    since = stage.turned()
    story.work_until(OperationState.NEW)
    assert stage.turned() - since >= timedelta(seconds=60)
    story.confirm_once(wish, times=2)


@each_wish
def test_whoever_marks_it_has_not_called_yet(floor: Floor, stage: Backstage, wish: Wish) -> None:
    story = wish.story(floor, stage)
    seen: list[OperationState] = []
    stage.before[wish.action] = lambda: seen.append(story.operation.state)
    stage.work()
    assert seen == [OperationState.SENT]


def slow_worker(story: Story, moment: dict[str, Callable[[], None]], action: str) -> None:
    """A worker whose claim ends while he is at the server; meanwhile another one works."""

    def others_work() -> None:
        story.stage.turned.forward(**LOST_LEASE)
        story.stage.work()

    moment[action] = others_work
    story.stage.work()


@each_single
def test_a_worker_that_comes_late_with_what_was_found_changes_nothing(
    floor: Floor, stage: Backstage, single: Wish
) -> None:
    story = single.story(floor, stage)
    slow_worker(story, stage.after, single.action)
    assert stage.asked[:2] == [single.action, single.look]
    story.confirm_once(single)


@each_single
def test_a_worker_that_is_slow_on_his_way_is_not_overtaken(
    floor: Floor, stage: Backstage, single: Wish
) -> None:
    """The other one finds nothing, and does not believe it yet."""
    story = single.story(floor, stage)
    slow_worker(story, stage.before, single.action)
    assert stage.asked[:2] == [single.action, single.look]
    assert story.operation.state is OperationState.CONFIRMED
    story.confirm_once(single)


@each_single
def test_a_worker_that_comes_back_with_nothing_leaves_what_others_found_out(
    floor: Floor, stage: Backstage, single: Wish
) -> None:
    """His answer is lost after the other one has sent it again, and was refused."""
    story = single.story(floor, stage)

    def others_work() -> None:
        stage.fail("refuse", action=single.action)
        stage.turned.forward(**LOST_LEASE)
        story.work_until(OperationState.REJECTED)
        raise httpx2.ConnectTimeout("he never got through")

    stage.before[single.action] = others_work
    stage.work()
    stage.turned.forward(days=1)
    stage.work()
    assert single.stand(story) == single.refused
    assert stage.asked.count(single.action) == 2, "his, which did not get through, and the other's"


@each_single
def test_a_refusal_that_comes_late_is_not_that_of_what_others_have_sent(
    floor: Floor, stage: Backstage, single: Wish
) -> None:
    story = single.story(floor, stage)

    def others_work() -> None:
        stage.fail("lose", "refuse", action=single.action)
        stage.turned.forward(**LOST_LEASE)
        story.work_until(OperationState.NEW)
        story.work_until(OperationState.UNKNOWN)

    stage.before[single.action] = others_work
    stage.work()
    story.confirm_once(single, times=2)


@each_single
def test_a_worker_that_was_held_up_before_his_call_does_not_make_it(
    floor: Floor, stage: Backstage, single: Wish, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer than the time of doubt: others have looked, and have sent it."""
    story, way = single.story(floor, stage), Ports.of

    def held_up(ports: Ports, server: TradingServer) -> TradingPort:
        monkeypatch.setattr(Ports, "of", way)
        stage.turned.forward(**LOST_LEASE)
        story.work_until(OperationState.CONFIRMED)
        return way(ports, server)

    monkeypatch.setattr(Ports, "of", held_up)
    stage.work()
    story.confirm_once(single)


def test_workers_on_one_operation_at_once_send_it_once(floor: Floor, stage: Backstage) -> None:
    number, delivery = floor.open_demo(), stage.parts.delivery
    for _ in range(10):
        top_up(floor, number, "1.00")
        (operation,) = stage.unfinished()
        start = Barrier(4)

        def deliver(key: str = operation.key, start: Barrier = start) -> None:
            start.wait(30)
            delivery.deliver(floor.broker.tenant_id, key)

        with ThreadPoolExecutor(4) as pool:
            tried = [pool.submit(deliver) for _ in range(4)]
        told = {type(each.exception()).__name__ for each in tried}
        assert told <= {"NoneType", "StillUnknownError"}
        assert stage.paid(floor.account(number), operation.key) == [1]
        stage.work()
        assert stage.operation(operation.key).state is OperationState.CONFIRMED
    assert stage.asked.count("balance_operation") == 11, "the starting balance is one"


def test_nobody_waits_for_an_answer_for_as_long_as_the_doubt_lasts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WLINK_TRADING_DOUBT_SECONDS", "10")
    with pytest.raises(CannotStartError, match="less than WLINK_TRADING_DOUBT_SECONDS"):
        settings()
    monkeypatch.setenv("WLINK_TRADING_CALL_SECONDS", "9.5")
    assert settings().trading_call_seconds == 9.5
