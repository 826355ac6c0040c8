"""Hundreds of operations on trading servers that fail at every third request: nothing is lost,
nothing is done twice.
"""

from collections import Counter

import pytest

from models.account_type import AccountType
from models.boundaries import BoundSession
from models.trading_account import TradingAccount
from models.trading_operation import OperationState, TradingOperation
from models.trading_server import Platform
from models.trading_setting import TradingSetting
from simulator.faults import Fault
from tests.backstage import Backstage, floor, stage
from tests.trading import OBSERVE, TRADE, Floor
from trading.account_passwords import AccountPasswords
from trading.leverages import apply_for_leverage
from trading.openings import Wanted, open_demo_account
from trading.play_money import top_up

__all__ = ["floor", "stage"]

ACCOUNTS, OPENINGS, TOP_UPS, LEVERAGES = 80, 30, 240, 30
KINDS = [kind for kind in Fault if kind is not Fault.NONE]


def open_accounts(floor: Floor, number: int) -> None:
    """Nobody has seen to it yet."""
    parts, user = floor.broker.server.services, floor.user
    wanted = Wanted(floor.demo_type, Platform("MT4"), "USD", 100, AccountPasswords(TRADE, OBSERVE))

    def write(session: BoundSession) -> None:
        for _ in range(number):
            open_demo_account(session, parts.orders, user.id, wanted, parts.clock())

    parts.database.write(floor.broker.boundary, write)


def ask_for_much(floor: Floor, accounts: list[TradingAccount]) -> None:
    """Each top-up is of another amount; each account gets another leverage, too."""
    parts = floor.broker.server.services

    def write(session: BoundSession) -> None:
        for number in range(TOP_UPS):
            account = accounts[number % len(accounts)]
            amount = f"{number + 1}.{number % 100:02}"
            top_up(session, parts.orders, account, amount, parts.clock())
        for account in accounts[:LEVERAGES]:
            apply_for_leverage(session, parts.orders, account, 200, "", parts.clock())

    parts.database.write(floor.broker.boundary, write)


def allow_much(floor: Floor) -> None:
    """As many demo accounts as there is a wish for; they begin with nothing."""
    floor.broker.set(TradingSetting, most_demo_accounts=1000, most_demo_deposits=10_000_000)

    def allow(session: BoundSession) -> None:
        kind = AccountType.present(session, floor.demo_type)
        kind.most_per_user, kind.starting_balance = 1000, 0

    floor.broker.server.services.database.write(floor.broker.boundary, allow)


@pytest.mark.long
def test_nothing_is_lost_or_done_twice_though_every_third_request_fails(
    floor: Floor, stage: Backstage
) -> None:
    allow_much(floor)
    open_accounts(floor, ACCOUNTS)
    stage.work()
    opened = floor.accounts()
    stage.asked.clear()
    stage.fail_often(0.3, KINDS, seed=20260115)
    open_accounts(floor, OPENINGS)
    ask_for_much(floor, opened)
    rounds = 0
    while stage.unfinished():
        stage.work_later()
        rounds += 1
        assert rounds < 2000
    stage.fail_no_more()
    operations = floor.rows(TradingOperation)
    assert len(operations) == ACCOUNTS + OPENINGS + TOP_UPS + LEVERAGES
    assert Counter(each.state for each in operations)[OperationState.REJECTED] >= 10
    assert (stage.deeds_that_are_wrong(), stage.balances_that_are_wrong()) == ([], [])
    assert stage.differences() == []
