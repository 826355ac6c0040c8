"""What clients may ask for, in any order."""

from datetime import timedelta
from typing import Any

from models.transfer_order import TransferOrder
from tests.cash_machine import CashMachine
from tests.cashier import BANK
from tests.reference_money import RATES, NoError, Order, arrives, fee_of, pays, text_of

Json = Any

KEPT_FOR = timedelta(hours=71)


class Clients(CashMachine):
    """They draft deposits, withdraw, transfer, and repeat themselves."""

    def account(self, pick: int) -> int:
        return list(self.branch.owners)[pick % len(self.branch.owners)]

    def free(self, pick: int) -> int:
        """One that nothing is asked for, but for one time in ten."""
        orders = self.reference.orders.values()
        taken = {each.account for each in orders if each.is_undecided}
        left = [each for each in self.branch.owners if each not in taken]
        return left[pick % len(left)] if left and pick < 90 else self.account(pick)

    def draft(self, pick: int, by: int, amount: int) -> None:
        """Of an offline channel or, twice as often, of a card."""
        channel = ("offline", "card", "card")[by % 3]
        account = self.account(pick)
        client = self.caller(by, self.branch.owners[account])
        body = {
            "deposit_amount": text_of(amount),
            "remittance_id": self.branch.channels[channel],
            "trading_account_id": account,
        }

        def wanted() -> None:
            self.reference.require_draft(client, account, channel, amount)
            if channel == "card" and not self._is_page_made():
                raise NoError("PAYMENT_GATEWAY_ERROR")

        told = self.ask(client, "create_deposit_draft", body, wanted, is_keyed=by % 2 == 0)
        if told:
            self._drafted(told, client, account, channel, amount)

    def _is_page_made(self) -> bool:
        """Whether the gateway has said so."""
        _, payments = self.outside.read()
        return any(answer.status == 200 and answer.delivery == "arrives" for _, answer in payments)

    def _drafted(self, told: Json, client: int, account: int, channel: str, amount: int) -> None:
        order = Order(
            *(told["order_number"], client, account, amount, fee_of(channel, amount), self.now),
            states={"status": "drafted", "credit_state": "none"},
            ends=self.now + timedelta(hours=5),
            reference=told["pay_url"].rpartition("/")[2],
            pays=pays(channel, amount),
        )
        self.reference.orders[order.number] = order
        if order.reference:
            page = self.branch.stand_in.session(order.reference, self.now)
            assert page is not None
            assert page.amount == order.pays

    def submit(self, order: Order, by: int) -> None:
        """Now and then with another receipt than before."""
        client = self.caller(by, order.client)
        name = "other.png" if by % 5 == 0 else "receipt.png"
        receipt = self.branch.till.receipt(name, self.branch.clients[client])
        body = {"order_number": order.number, "receipt_url": receipt}
        self.ask(
            *(client, "submit_deposit", body),
            lambda: self.reference.submit(client, order, receipt, self.now),
            is_keyed=by % 2 == 0,
        )

    def cancel(self, order: Order, by: int) -> None:
        client = self.caller(by, order.client)
        self.ask(
            *(client, "cancel_deposit", {"order_number": order.number}),
            lambda: self.reference.cancel(client, order, self.now),
            is_keyed=by % 2 == 0,
        )

    def withdraw(self, pick: int, by: int, amount: int) -> None:
        """By the quote that is right or, now and then, by one that is a cent off."""
        account, currency, off = self.free(pick), ("USD", "CNY")[by % 2], int(by % 8 == 0)
        client = self.caller(by, self.branch.owners[account])
        body = self.branch.till.wants_to_withdraw(
            text_of(amount),
            account,
            currency=currency,
            exchange_rate=f"{float(RATES[currency]):.8f}",
            fee=text_of(fee_of("bank", amount)),
            remittance_amount=text_of(max(arrives(amount, currency) + off, 0)),
            bank_transfer_info=BANK
            | {"account_holder_name": self.branch.clients[client].full_name},
        )
        told = self.ask(
            *(client, "create_withdrawal", body),
            lambda: self.reference.require_withdrawal(client, account, amount, not off),
            is_keyed=by % 4 > 1,
        )
        if told:
            states = {
                "status": "pending",
                "debit_state": "",
                "refund_state": "none",
                "payout_state": "none",
            }
            fee, number = fee_of("bank", amount), told["order_number"]
            self.reference.begin(Order(number, client, account, amount, fee, self.now, states))

    def transfer(self, pick: int, by: int, amount: int) -> None:
        """To another one of his accounts, or to any."""
        account = self.free(pick)
        client = self.caller(by, self.branch.owners[account])
        everything = list(self.branch.owners)
        others = [each for each in everything if self.branch.owners[each] == client]
        fitting = [each for each in others if each != account] if by % 8 else everything
        target = (fitting or everything)[by % len(fitting or everything)]
        body = {
            "amount": text_of(amount),
            "remark": "to the other account",
            "source_trading_account_id": account,
            "target_trading_account_id": target,
        }
        told = self.ask(
            *(client, "create_transfer", body),
            lambda: self.reference.require_transfer(client, account, target, amount),
            is_keyed=by % 2 == 0,
        )
        if told:
            states = {
                "status": "pending",
                "debit_state": "",
                "credit_state": "none",
                "refund_state": "none",
            }
            number = self.branch.floor.rows(TransferOrder)[-1].order_number
            order = Order(number, client, account, amount, 0, self.now, states, target)
            self.reference.begin(order)

    def ask_again(self, pick: int, by: int, amount: int) -> None:
        """A request that was granted: it has the same answer, and no other effect. Under its name
        no other one is granted.
        """
        known = [each for each in self.granted if self.now - each.at < KEPT_FOR]
        if not known:
            return
        self.client, name, body, key, before, _ = known[pick % len(known)]
        is_changed = by % 3 == 0 and name.startswith("create")
        changed = {"remark": "something else"} if is_changed else {}
        answer = self.branch.call(self.client, name, body | changed, key)
        if is_changed:
            assert answer.json()["code"] == "IDEMPOTENCY_KEY_REUSED"
        else:
            assert (answer.content, answer.headers["Idempotent-Replayed"]) == (before, "true")
