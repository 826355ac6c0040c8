"""A broker's cashier: clients who pay in, take out and move money, and the operators who decide."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar
from uuid import uuid4

import pytest
from httpx2 import Response
from sqlmodel import select

from backoffice import cash_orders, content, payouts, settings
from backoffice.cash_orders import DEPOSIT, TRANSFER, WITHDRAWAL, Kind
from backoffice.cashier_forms import ChannelForm
from backoffice.channels import CHANNEL
from backoffice.desk import Desk
from backoffice.rates import RateForm, set_rate
from cashier import checks as cashier_checks
from gateways.storage import own_folder
from ledger import book, verification
from ledger.book import Movement
from ledger.verification import verify
from models.boundaries import BoundSession
from models.cashier_setting import CashierSetting
from models.deposit_order import DepositOrder
from models.ledger_account import AccountKind
from models.money import Denomination, Money
from models.trading_account import TradingAccount
from models.transfer_order import TransferOrder
from models.user import User
from models.withdrawal_order import WithdrawalOrder
from tests import channels
from tests.server import Broker
from tests.trading import Floor, told
from trading import checks as trading_checks
from trading import snapshots
from trading.ledger_accounts import on_account

Json = Any
Result = TypeVar("Result")

CHECKS = (*verification.CHECKS, *trading_checks.CHECKS, *cashier_checks.CHECKS)
BANK: Json = {
    "account_holder_name": "Wei Zhang",
    "bank_country": "CN",
    "bank_name": "Bank of China",
    "bank_no": "6217850800012345678",
    "branch_name": "Shanghai Pudong branch",
    "bsc_code": "104290003033",
}
LETTERS = {"D": DEPOSIT, "W": WITHDRAWAL, "T": TRANSFER}


@dataclass
class Till:
    """Channels without fees in dollars, and a client with an empty live account. What he calls
    answers with what he was told; `call` of the floor answers with everything.
    """

    floor: Floor
    operator: User | None = field(default=None)

    def __post_init__(self) -> None:
        self.desk(self._offer)

    def _offer(self, desk: Desk) -> None:
        settings.change(desk, "offer", {"currencies": ["USD", "CNY", "JPY", "USDT"]})
        settings.change(desk, "cashier", {"holds_withdrawals_hours": 0})
        bank = {"method": "bank_transfer", "min_amount": "10", "currencies": ["USD", "CNY"]}
        self.offline, self.card, self.bank = (
            content.publish(desk, CHANNEL, ChannelForm(**given))
            for given in (channels.DEPOSIT, channels.CARD, channels.WITHDRAWAL | bank)
        )

    @property
    def broker(self) -> Broker:
        return self.floor.broker

    @cached_property
    def account(self) -> int:
        """The client's first live account."""
        return self.floor.open_live()

    @cached_property
    def second(self) -> int:
        """His second one."""
        assert self.account
        return self.floor.open_live()

    def fund(self, amount: str, number: int = 0) -> None:
        """Money has been on an account for long: nobody orders it just now."""
        account = self.floor.account(number or self.account)
        port, now = self.floor.port(account), self.broker.server.clock()
        port.balance_operation(account.login, Decimal(amount), "long ago")
        figures = port.account(account.login)

        def write(session: BoundSession) -> None:
            row = TradingAccount.locked(session, account.id)
            snapshots.keep(session, row, figures, now)
            given = Money.read(amount, Denomination.of(session, row.currency))
            payments = book.account(session, AccountKind.PAYMENTS, given.unit)
            received = [Movement(payments, on_account(session, row), given)]
            book.post(session, f"long ago {uuid4()}", received, now)

        self.broker.write(write)

    def credit(self, amount: str, number: int = 0) -> None:
        """Money comes to an account by a deposit that is approved."""
        self.approve(self.paid_in(amount, number))

    def wants_to_pay_in(self, amount: str = "500.00", number: int = 0, **changed: Json) -> Json:
        """What a request for a deposit says."""
        return {
            "deposit_amount": amount,
            "remittance_id": self.offline,
            "trading_account_id": number or self.account,
        } | changed

    def draft(self, amount: str = "500.00", number: int = 0, **changed: Json) -> str:
        """The number of a new deposit."""
        body = self.wants_to_pay_in(amount, number, **changed)
        order: str = told(self.floor.call("create_deposit_draft", body))["order_number"]
        return order

    def receipt(self, name: str = "receipt.png", user: User | None = None) -> str:
        """The address of a file in the client's folder."""
        folder = own_folder(self.broker.tenant_id, (user or self.floor.user).id)
        place = self.broker.server.services.settings.data / "uploads" / folder
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(b"a picture")
        return f"https://files.example/{folder}{name}"

    def submit(self, order: str, receipt: str = "") -> Response:
        """The client shows a receipt."""
        body = {"order_number": order, "receipt_url": receipt or self.receipt()}
        return self.floor.call("submit_deposit", body)

    def paid_in(self, amount: str = "500.00", number: int = 0) -> str:
        """The number of a deposit that waits for the operators."""
        order = self.draft(amount, number)
        told(self.submit(order))
        return order

    def wants_to_withdraw(self, amount: str = "100.00", number: int = 0, **changed: Json) -> Json:
        """What a request for a withdrawal says, with the quote of a channel that costs nothing."""
        return {
            "bank_transfer_info": {**BANK, "account_holder_name": self.floor.user.full_name},
            "currency": "USD",
            "exchange_rate": "1.00000000",
            "fee": "0.00",
            "method": "bank_transfer",
            "remittance_amount": amount,
            "remittance_id": self.bank,
            "trading_account_id": number or self.account,
            "withdrawal_amount": amount,
        } | changed

    def withdraw(self, amount: str = "100.00", number: int = 0, **changed: Json) -> str:
        """The number of a new withdrawal, which is debited."""
        body = self.wants_to_withdraw(amount, number, **changed)
        order: str = told(self.floor.call("create_withdrawal", body))["order_number"]
        self.work()
        return order

    def wants_to_transfer(self, amount: str = "100.00", **changed: Json) -> Json:
        """What a request for a transfer says."""
        return {
            "amount": amount,
            "remark": "to the other account",
            "source_trading_account_id": self.account,
            "target_trading_account_id": self.second,
        } | changed

    def transfer(self, amount: str = "100.00", **changed: Json) -> str:
        """The number of a new transfer, which is debited."""
        told(self.floor.call("create_transfer", self.wants_to_transfer(amount, **changed)))
        self.work()
        number: str = self.floor.rows(TransferOrder)[-1].order_number
        return number

    def work(self) -> None:
        """The worker does what is due."""
        self.broker.server.deliver()

    def claim(self, order: str) -> None:
        self.desk(lambda desk: cash_orders.claim(desk, kind_of(order), order))

    def approve(self, order: str) -> None:
        """An operator claims an order and approves it; the worker does its part."""
        self.claim(order)
        self.decide(cash_orders.approve, order)

    def reject(self, order: str, reason: str = "We need a proof.") -> None:
        """He claims it and refuses it; the worker does its part."""
        self.claim(order)
        self.decide(cash_orders.reject, order, reason)

    def decide(self, how: Callable[..., None], order: str, *further: Json) -> None:
        """What an operator does with an order; the worker does its part."""
        orders = self.broker.server.services.orders
        self.desk(lambda desk: how(desk, orders, kind_of(order), order, *further))
        self.work()

    def pay_out(self, order: str, reference: str = "SEPA 4711") -> None:
        """He has paid out a withdrawal."""
        orders = self.broker.server.services.orders
        self.desk(lambda desk: payouts.pay(desk, orders, order, reference))

    def desk(self, work: Callable[..., Result]) -> Result:
        """A transaction of an operator's."""
        return self.broker.desk(work)

    def set(self, **changed: Json) -> None:
        """Changes how the cashier works."""
        self.broker.set(CashierSetting, **changed)
        self.broker.server.clock.forward(seconds=1)

    def costs(self, channel: int, **changed: Json) -> None:
        """A channel is published anew."""
        given = ChannelForm.of(channels.row(self.broker, channel)).as_json()
        channels.rewrite(self.broker, channel, given, **changed)

    def rate(self, base: str, quote: str, rate: str, **markups: str) -> None:
        """What one currency is worth in another."""
        form = RateForm.model_validate({"base": base, "quote": quote, "rate": rate, **markups})
        self.desk(lambda desk: set_rate(desk, form))

    def order(self, number: str) -> Any:
        """An order as it is kept."""
        table: Any = kind_of(number).table

        def read(session: BoundSession) -> Any:
            return session.exec(select(table).where(table.order_number == number)).one()

        return self.broker.server.services.database.read(self.broker.boundary, read)

    def deposits(self) -> list[DepositOrder]:
        return self.floor.rows(DepositOrder)

    def withdrawals(self) -> list[WithdrawalOrder]:
        return self.floor.rows(WithdrawalOrder)

    def balance(self, number: int = 0) -> str:
        """What stands on an account at its server."""
        account: TradingAccount = self.floor.account(number or self.account)
        return f"{self.floor.port(account).account(account.login).balance:f}"

    def violations(self) -> list[str]:
        """What is wrong with the books."""

        def read(session: BoundSession) -> list[str]:
            return list(verify(session, CHECKS))

        return self.broker.server.services.database.read(self.broker.boundary, read)


def kind_of(order: str) -> Kind:
    """The kind of an order, which its number begins with."""
    return LETTERS[order[0]]


@pytest.fixture
def till(floor: Floor) -> Iterator[Till]:
    """Whatever a story does, the books are sound at its end."""
    found = Till(floor)
    yield found
    assert found.violations() == []
