"""Everything that a trading server may be asked to do: who asks for it, and how one sees at both
ends whether it was done, was refused, or is yet to come.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from backoffice import applications, trading_accounts
from gateways.inbox import Inbox
from models.account_application import AccountApplication
from models.ledger_account import AccountKind, LedgerAccount
from models.leverage_application import LeverageApplication
from models.outbox_entry import EntryState
from models.trading_account import TradingAccount
from models.trading_operation import Kind, OperationState, TradingOperation
from tests.backstage import Backstage
from tests.trading import OBSERVE, TRADE, Floor
from wlink.worker import Worker

Json = Any
NEW_TRADE, NEW_OBSERVE = "Trade-2026y", "Watch-2026y"
OPENED = "your trading account is open"


@dataclass
class Story:
    """One operation, as it stands in our tables and at the server."""

    floor: Floor
    stage: Backstage
    key: str

    @property
    def operation(self) -> TradingOperation:
        return self.stage.operation(self.key)

    @property
    def account(self) -> TradingAccount:
        return self.floor.account(self.operation.trading_account_id)

    def letters(self) -> list[str]:
        """Their subjects, but for that of an account which is open."""
        parts = self.stage.parts
        mails = Inbox(parts.database, parts.box, parts.clock).newest(1000)
        own = [mail for mail, _ in mails if mail.tenant_id == self.floor.broker.tenant_id]
        subjects = [mail.subject.partition(": ")[2] for mail in own]
        return [subject for subject in subjects if subject != OPENED]

    def work_until(self, state: OperationState) -> None:
        """The worker tries again and again."""
        for _ in range(20):
            if self.operation.state is state:
                return
            self.stage.work_later()
        raise AssertionError(f"it is still {self.operation.state}")

    def confirm_once(self, wish: "Wish", times: int = 1) -> None:
        """It comes true, and the server was asked for it so often; nothing more happens."""
        self.work_until(OperationState.CONFIRMED)
        self.stage.turned.forward(days=1)
        self.stage.work()
        assert wish.stand(self) == wish.done
        assert self.stage.asked.count(wish.action) == times
        assert self.stage.entry(self.key).state is EntryState.DONE


@dataclass(frozen=True)
class Wish:
    """`action` is the simulator's word for it. `ask` says what is wanted, and for which account;
    `stand` tells how that stands, which is one of the three.
    """

    kind: Kind
    action: str
    ask: Callable[[Floor], int]
    stand: Callable[[Story], Json]
    before: Json
    done: Json
    refused: Json

    @property
    def look(self) -> str:
        """The action by which one finds out whether it was done."""
        looks = {"open_account": "find_login", "balance_operation": "find_balance_operations"}
        return looks.get(self.action, "account")

    def story(self, floor: Floor, stage: Backstage) -> Story:
        """Somebody asks for it; nobody has seen to it yet."""
        number = self.ask(floor)
        stage.asked.clear()
        *_, last = (
            each
            for each in floor.rows(TradingOperation)
            if (each.trading_account_id, each.kind) == (number, self.kind)
        )
        return Story(floor, stage, last.key)


def ask_for_demo_account(floor: Floor) -> int:
    body = floor.wanted(is_demo=True, trading_account_type_id=floor.demo_type)
    return _agreed(floor, "create_trading_account", body)


def ask_for_live_account(floor: Floor) -> int:
    number, orders = floor.apply(), floor.broker.server.services.orders
    floor.claim(applications.ACCOUNT, number)
    floor.broker.desk(lambda desk: applications.approve(desk, orders, applications.ACCOUNT, number))
    return floor.newest()


def ask_for_starting_balance(floor: Floor) -> int:
    """It follows from an account that was opened."""
    number, worker = ask_for_demo_account(floor), Worker(floor.broker.server.services)
    while not any(each.kind is Kind.STARTING_BALANCE for each in floor.rows(TradingOperation)):
        assert worker.step()
    return number


def ask_for_top_up(floor: Floor, amount: str = "250.50") -> int:
    number = floor.open_demo()
    top_up(floor, number, amount)
    return number


def top_up(floor: Floor, number: int, amount: str) -> None:
    body = {"trading_account_id": number, "amount": amount}
    _agreed(floor, "deposit_to_demo_account", body)


def ask_for_leverage(floor: Floor) -> int:
    number = floor.open_demo()
    _agreed(floor, "change_leverage", {"id": number, "leverage": 200, "remark": "more"})
    return number


def ask_for_trade_password(floor: Floor) -> int:
    number = floor.open_demo()
    change_password(floor, number, "trade", NEW_TRADE)
    return number


def ask_for_observe_password(floor: Floor) -> int:
    number = floor.open_demo()
    change_password(floor, number, "observe", NEW_OBSERVE)
    return number


def change_password(floor: Floor, number: int, kind: str, password: str) -> None:
    body = {"id": number, "password": password, "type": kind}
    _agreed(floor, "change_trading_password", body)


def ask_to_disable(floor: Floor) -> int:
    number, orders = floor.open_demo(), floor.broker.server.services.orders
    floor.broker.desk(lambda desk: trading_accounts.disable(desk, orders, number))
    return number


def ask_to_enable(floor: Floor) -> int:
    number, orders = ask_to_disable(floor), floor.broker.server.services.orders
    floor.broker.server.deliver()
    floor.broker.desk(lambda desk: trading_accounts.enable(desk, orders, number))
    return number


def _agreed(floor: Floor, name: str, body: Json) -> int:
    answer = floor.call(name, body)
    assert answer.status_code == 200, answer.text
    return int(answer.json().get("id", 0))


def stand_of_demo_account(story: Story) -> Json:
    there = story.stage.opened(story.account, story.key)
    here = [story.account.login] if story.account.login else []
    assert here in ([], there), "the login is the server's"
    is_sealed = story.operation.passwords is not None
    return str(story.account.status), len(there), is_sealed, story.letters()


def stand_of_live_account(story: Story) -> Json:
    (application,) = story.floor.rows(AccountApplication)
    return str(application.provision_state), *stand_of_demo_account(story)


def stand_of_money(story: Story) -> Json:
    """What is held, what the ledger says was put on the account, and what was moved there."""
    found = story.floor.rows(LedgerAccount)
    held = sum(each.held for each in found if each.kind is AccountKind.PLAY_MONEY)
    posted = sum(each.posted for each in found if each.kind is AccountKind.TRADING)
    there = story.stage.paid(story.account, story.key)
    balance = story.stage.figures(story.account)["balance"]
    return held, posted, [str(amount) for amount in there], balance


def stand_of_leverage(story: Story) -> Json:
    (application,) = story.floor.rows(LeverageApplication)
    there = story.stage.figures(story.account)["leverage"]
    return str(application.apply_state), story.account.leverage, there, story.letters()


def stand_of_passwords(story: Story) -> Json:
    kind, new, old = (
        ("trade", NEW_TRADE, TRADE)
        if story.operation.kind is Kind.TRADE_PASSWORD
        else ("observe", NEW_OBSERVE, OBSERVE)
    )
    is_right = [story.stage.knows(story.account, kind, each) for each in (old, new)]
    return is_right, story.operation.passwords is not None, story.letters()


def stand_of_status(story: Story) -> Json:
    is_enabled = story.stage.figures(story.account)["is_enabled"]
    return str(story.account.status), is_enabled, story.letters()


_REFUSED = "your demo account could not be opened"
_LEVERAGE = "the leverage of your trading account"
_CHANGED = "a password of your trading account has been changed"
_SAME = "the password of your trading account"

WISHES = {
    "demo account": Wish(
        *(Kind.OPEN, "open_account", ask_for_demo_account, stand_of_demo_account),
        before=("opening", 0, True, []),
        done=("open", 1, False, []),
        refused=("archived", 0, False, [_REFUSED]),
    ),
    "live account": Wish(
        *(Kind.OPEN, "open_account", ask_for_live_account, stand_of_live_account),
        before=("opening", "opening", 0, True, []),
        done=("opened", "open", 1, False, []),
        refused=("open_failed", "opening", 0, True, []),
    ),
    "starting balance": Wish(
        *(Kind.STARTING_BALANCE, "balance_operation", ask_for_starting_balance, stand_of_money),
        before=(500000, 0, [], "0.00"),
        done=(0, 500000, ["5000.00"], "5000.00"),
        refused=(0, 0, [], "0.00"),
    ),
    "top-up": Wish(
        *(Kind.TOP_UP, "balance_operation", ask_for_top_up, stand_of_money),
        before=(25050, 500000, [], "5000.00"),
        done=(0, 525050, ["250.50"], "5250.50"),
        refused=(0, 500000, [], "5000.00"),
    ),
    "leverage": Wish(
        *(Kind.LEVERAGE, "set_leverage", ask_for_leverage, stand_of_leverage),
        before=("applying", 100, 100, []),
        done=("applied", 200, 200, [_LEVERAGE]),
        refused=("apply_failed", 100, 100, []),
    ),
    "trade password": Wish(
        *(Kind.TRADE_PASSWORD, "set_password", ask_for_trade_password, stand_of_passwords),
        before=([True, False], True, []),
        done=([False, True], False, [_CHANGED]),
        refused=([True, False], False, [_SAME]),
    ),
    "observe password": Wish(
        *(Kind.OBSERVE_PASSWORD, "set_password", ask_for_observe_password, stand_of_passwords),
        before=([True, False], True, []),
        done=([False, True], False, [_CHANGED]),
        refused=([True, False], False, [_SAME]),
    ),
    "disable": Wish(
        *(Kind.DISABLE, "set_enabled", ask_to_disable, stand_of_status),
        before=("open", True, []),
        done=("disabled", False, []),
        refused=("open", True, []),
    ),
    "enable": Wish(
        *(Kind.ENABLE, "set_enabled", ask_to_enable, stand_of_status),
        before=("disabled", False, []),
        done=("open", True, []),
        refused=("disabled", False, []),
    ),
}


_MONEY = (Kind.STARTING_BALANCE, Kind.TOP_UP)
_PASSWORDS = (Kind.TRADE_PASSWORD, Kind.OBSERVE_PASSWORD)


def _each(name: str, *kinds: Kind) -> pytest.MarkDecorator:
    fitting = {word: wish for word, wish in WISHES.items() if wish.kind in kinds}
    return pytest.mark.parametrize(name, fitting.values(), ids=fitting)


each_wish = _each("wish", *Kind)
# What must not be carried out twice.
each_single = _each("single", Kind.OPEN, *_MONEY)
each_money = _each("money", *_MONEY)
# What can be found out afterwards, and what cannot.
each_traced = _each("traced", *(kind for kind in Kind if kind not in _PASSWORDS))
each_password = _each("password", *_PASSWORDS)
