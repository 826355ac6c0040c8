"""A cashier and its reference, side by side: what is common to everything that may happen there."""

import json
import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from hypothesis import event
from hypothesis.stateful import RuleBasedStateMachine, invariant

from backoffice.desk import Desk
from contract.errors import RefusedError
from simulator.answering import Answer, Delivery, Request
from simulator.stand_in import Asked
from tests.cash_branch import App, Branch, Outside, arrived, close
from tests.cashier import CHECKS
from tests.reference_cashier import ReferenceCashier
from tests.reference_looks import LOOKS, seen
from tests.reference_money import NoError, Order, text_of
from tests.server import Server
from tests.trading import LIVE

Json = Any

HOUR = 3600


class Granted(NamedTuple):
    """A request that may be repeated."""

    client: int
    name: str
    body: Json
    key: str
    answer: bytes
    at: datetime


def refused(wanted: Callable[[], object]) -> str | None:
    """The code; None where it is not."""
    try:
        wanted()
    except NoError as error:
        return error.code
    return None


def cents(text: str) -> int:
    return int(Decimal(text) * 100)


class CashMachine(RuleBasedStateMachine):
    """After every step both agree. `client` is who has done something last."""

    server: Server
    apps: list[App]
    outside: Outside

    def begin(self, accounts: list[int], at_once: bool, up_to: int, waits: bool) -> None:
        self.branch = Branch(self.server, self.apps, accounts)
        self.reference = ReferenceCashier(
            up_to * 100, waits, owners=self.branch.owners, at_once=at_once
        )
        self.branch.till.set(
            approves_payments_at_once=at_once,
            approves_transfers_up_to=up_to,
            debits_on_approval=waits,
            draft_hours=5,
        )
        self.granted: list[Granted] = []
        self.client = self.looks = 0
        self.kept: Json = None
        self.outside.read()
        for account in self.branch.owners:
            self.trade(account, 1000_00)
            self.look_at(account)

    @property
    def now(self) -> datetime:
        return self.branch.clock()

    def pick(self, pick: int, fits: Callable[[Order], object]) -> Order | None:
        """An order that fits, but for one time in ten."""
        known = list(self.reference.orders.values())
        fitting = [each for each in known if fits(each)]
        found = fitting if fitting and pick < 90 else known
        return found[pick % len(found)] if found else None

    def caller(self, pick: int, client: int) -> int:
        """The client, but for one time in ten somebody else, if there is somebody."""
        self.client = (client + (pick >= 90)) % len(self.branch.clients)
        return self.client

    def ask(
        self, client: int, name: str, body: Json, wanted: Callable[[], object], *, is_keyed: bool
    ) -> Json:
        """Both grant it to a client, or both refuse it, and for the same reason."""
        key = f"request-{len(self.granted)}" if is_keyed else ""
        answer = self.branch.call(client, name, body, key)
        code = "" if answer.status_code == 200 else answer.json()["code"]
        assert code == (refused(wanted) or ""), (name, body, answer.text)
        event(f"{name}: {code or 'granted'}")
        if key and not code:
            self.granted.append(Granted(client, name, body, key, answer.content, self.now))
        return None if code else answer.json()

    def operate(
        self, name: str, order: Order, wanted: Callable[[], None], work: Callable[[Desk], None]
    ) -> None:
        """The same for an operator."""
        self.client = order.client
        try:
            self.branch.broker.desk(work)
            is_refused = False
        except RefusedError:
            is_refused = True
        assert (refused(wanted) is not None) is is_refused, (name, order.states)
        event(f"{name}: {'refused' if is_refused else 'done'}")

    def go_by(self, seconds: int) -> None:
        """Time does; then the worker does what is due, unless the time is below zero."""
        if seconds >= 0:
            self.wait(seconds)
            self.deliver()

    def wait(self, seconds: int) -> None:
        """Sessions do not last for ever."""
        self.branch.clock.forward(seconds=seconds)
        if seconds >= HOUR:
            self.branch.log_in()

    def deliver(self) -> None:
        """The worker does what is due."""
        self.branch.till.work()
        trading, payments = self.outside.read()
        self.reference.worked(self.now, self._asked(payments))
        self._hear(trading)

    def _asked(self, payments: list[tuple[Asked, Answer]]) -> set[str]:
        """The payments that a gateway has told of."""
        references = {each.reference: each for each in self.reference.orders.values()}
        asked = set()
        for request, answer in payments:
            reference = request.path.split("/")[-1 if request.method == "GET" else -2]
            is_told = answer.delivery is Delivery.ARRIVES and answer.status in (200, 400)
            if is_told:
                asked.add(reference)
            if answer.status == 200 and request.path.endswith("/expire"):
                references[reference].is_open = False
        return asked

    def _hear(self, trading: list[tuple[Request, Answer]]) -> None:
        own = f"/servers/{self.branch.broker.tenant_id}.{LIVE}/"
        for request, answer in trading:
            if not request.path.startswith(own):
                continue
            is_told = arrived(request, answer)
            if answer.action == "balance_operation":
                self._heard_of_money(request, answer, is_told)
            elif is_told and answer.status == 200:
                self._heard_figures(request, json.loads(answer.body))

    def _heard_of_money(self, request: Request, answer: Answer, is_told: bool) -> None:
        account = self.branch.logins[request.path.split("/")[4]]
        body = json.loads(request.body)
        key, amount = body["comment"], cents(body["amount"])
        if key == "by hand":
            self.reference.at_server[account] += amount
            return
        if answer.status == 200:
            self.reference.booked(key, account, amount)
        if is_told and answer.status in (200, 422):
            self.reference.answered(key, answer.status == 200)

    def _heard_figures(self, request: Request, told: Json) -> None:
        """Of one account or several; or what is known of an operation that is looked for."""
        for each in told.get("accounts", [told]):
            if "balance" in each:
                account = self.branch.logins[each["login"]]
                self.reference.known[account] = cents(each["balance"])
        if told.get("deals"):
            self.reference.answered(request.query["comment"], True)

    def trade(self, account: int, amount: int) -> None:
        """An account wins or loses money, which we are not told."""
        floor = self.branch.floor
        floor.control("PUT", LIVE, "/faults")
        login = next(each for each, number in self.branch.logins.items() if number == account)
        path = f"/accounts/{login}/operations"
        floor.control("POST", LIVE, path, amount=text_of(amount), comment="by hand")
        self._hear(self.outside.read()[0])

    def look_at(self, account: int) -> None:
        """A client looks at an account: so we are told what stands on it."""
        self.client = self.branch.owners[account]
        query = {"id": account}
        token = self.branch.tokens[self.client]
        answer = self.branch.broker.call("get_trading_account", token=token, query=query)
        self._hear(self.outside.read()[0])
        assert cents(answer.json()["balance"]) == self.reference.known[account]

    @invariant()
    def both_agree(self) -> None:
        reference = self.reference
        kept = self.branch.kept()
        orders = {
            each.number: (each.states, each.amount, each.fee, each.is_late)
            for each in reference.orders.values()
        }
        names = {*reference.posted, *reference.held}
        ledger = {name: (reference.posted[name], reference.held[name]) for name in names}
        ledger = {name: both for name, both in ledger.items() if both != (0, 0)}
        events = reference.events + Counter(received=len(reference.waiting))
        assert kept == (orders, ledger, events)
        if kept != self.kept:
            assert self.branch.violations() == []
        self.kept = kept

    @invariant()
    def clients_are_shown_what_there_is(self) -> None:
        """One thing after the other: each look takes its time."""
        self.looks += 1
        self.see(self.client, LOOKS[self.looks % len(LOOKS)])

    def see(self, client: int, name: str) -> None:
        answer = self.branch.call(client, name)
        assert answer.status_code == 200, answer.text
        assert seen(name, answer.json()) == self.reference.shown(name, client, self.now), name

    def teardown(self) -> None:
        """At last nothing is in doubt any more."""
        if sys.exception() is None and hasattr(self, "branch"):
            self._settle()
        if hasattr(self, "branch"):
            close(self.branch.parts)

    def _settle(self) -> None:
        branch, reference = self.branch, self.reference
        branch.floor.control("PUT", LIVE, "/faults")
        for parts in (branch.parts, *(app.parts for app in branch.apps)):
            parts.payments.gateways.stand_in.coming.clear()
        for minutes in [15] * 5 + [6 * 60, 15, 15]:
            branch.clock.forward(minutes=minutes)
            self.deliver()
        branch.log_in()
        self.both_agree()
        assert branch.violations(CHECKS) == []
        assert not any(each.is_waiting for each in reference.moves.values())
        assert not any(each.is_unwanted for each in reference.orders.values())
        assert "drafted" not in [each.status for each in reference.orders.values()]
        for account in branch.owners:
            self.look_at(account)
            assert reference.known[account] == reference.at_server[account]
        for client in range(len(branch.clients)):
            for name in LOOKS:
                self.see(client, name)
