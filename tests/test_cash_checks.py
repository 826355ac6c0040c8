"""Each check of orders finds what it is there for, and nothing else."""

from typing import Any

import pytest
from sqlalchemy import text

from backoffice import cash_orders, payouts, stuck_money
from cashier.checks import CHECKS
from models.boundaries import Boundary, BoundSession
from simulator.faults import Fault
from tests.cashier import Till
from tests.server import Server
from tests.test_trading_checks import drop_guards
from tests.trading import LIVE, Floor, told

Json = Any
Statement = tuple[str, dict[str, Json]]

POSTED, OPERATIONS = "orders_are_posted_once", "operations_are_those_of_orders"
IN_VAIN = "debits_were_refused"
TOGETHER, TRANSIT = "states_go_together", "what_is_in_transit_belongs_to_orders"
TABLES = {"D": "deposit_order", "W": "withdrawal_order", "T": "transfer_order"}


class Busy:
    """A broker with orders in every state, by names; whatever a test does to them is undone."""

    def __init__(self, server: Server) -> None:
        self.till = till = Till(Floor(server.broker()))
        self.orders: dict[str, str] = {"credited": till.paid_in("1000.00")}
        till.approve(self.orders["credited"])
        self._pay_in()
        self._withdraw()
        self._transfer()
        self._withdraw_on_approval()
        till.floor.open_demo()

    def _pay_in(self) -> None:
        till, orders = self.till, self.orders
        orders["drafted"] = till.draft()
        orders["declined"] = till.paid_in()
        till.reject(orders["declined"])
        orders["uncredited"] = till.paid_in("70.00", till.second)
        self._refuse_next()
        till.approve(orders["uncredited"])
        orders["paid_back"] = till.paid_in("70.00", till.second)
        self._refuse_next()
        till.approve(orders["paid_back"])
        self._give_up("paid_back")

    def _withdraw(self) -> None:
        till, orders = self.till, self.orders
        for name in ("paid", "unpaid", "given_back", "paying", "came_back", "paid_again"):
            orders[name] = till.withdraw("20.00")
            till.approve(orders[name])
        for name in ("paid", "came_back", "paid_again"):
            till.pay_out(orders[name])
        for name in ("unpaid", "given_back"):
            self.till.desk(lambda desk, at=orders[name]: payouts.fail(desk, at, "Closed."))
        services = till.broker.server.services.orders
        for name in ("came_back", "paid_again"):
            number = orders[name]
            till.desk(lambda desk, at=number: payouts.come_back(desk, services, at, "Unknown."))
        till.desk(lambda desk: payouts.pay_again(desk, orders["paid_again"]))
        till.pay_out(orders["paid_again"])
        till.desk(lambda desk: payouts.refund(desk, services, orders["given_back"]))
        till.work()
        orders["paid_instead"] = till.withdraw("20.00")
        self._refuse_next()
        till.reject(orders["paid_instead"])
        self._give_up("paid_instead")
        orders["refunded"] = till.withdraw("20.00")
        till.reject(orders["refunded"])
        self._refuse_next()
        orders["refused"] = till.withdraw("20.00")

    def _transfer(self) -> None:
        till, orders = self.till, self.orders
        orders["moved"] = till.transfer("30.00")
        till.approve(orders["moved"])
        orders["returned"] = till.transfer("30.00")
        till.reject(orders["returned"])
        orders["went_back"] = till.transfer("30.00")
        self._refuse_next()
        till.approve(orders["went_back"])
        self._give_up("went_back")
        orders["stuck"] = till.transfer("30.00")
        self._refuse_next()
        till.approve(orders["stuck"])
        orders["waiting"] = till.transfer("30.00")

    def _withdraw_on_approval(self) -> None:
        till, orders = self.till, self.orders
        till.set(debits_on_approval=True)
        orders["agreed_twice"] = till.withdraw("10.00", till.second)
        self._refuse_next()
        till.approve(orders["agreed_twice"])
        till.decide(cash_orders.approve, orders["agreed_twice"])
        orders["kept"] = till.withdraw("10.00", till.second)
        till.reject(orders["kept"])
        orders["promised"] = till.withdraw("10.00", till.second)

    def _give_up(self, name: str) -> None:
        self.till.decide(stuck_money.give_up, self.orders[name], "Paid in another way.")

    def _refuse_next(self) -> None:
        self.till.floor.suffers(LIVE, Fault.REFUSE, actions=["balance_operation"])

    def row(self, name: str, **columns: Json) -> Statement:
        """An order gets other columns, past every guard."""
        number = self.orders[name]
        written = ", ".join(f"{column} = :{column}" for column in columns)
        update = f"UPDATE {TABLES[number[0]]} SET {written} WHERE order_number = :number"
        return update, {"number": number, **columns}

    def posting(self, name: str, ending: str, becomes: str = "elsewhere") -> Statement:
        """A transaction of the ledger's is there under another name."""
        key = f"{self.orders[name][0]}:{self.orders[name]}{ending}"
        update = "UPDATE ledger_transaction SET key = :becomes WHERE key = :key"
        return update, {"key": key, "becomes": becomes}

    def operation(self, name: str, ending: str, **columns: Json) -> Statement:
        """What was to be done gets other columns."""
        written = ", ".join(f"{column} = :{column}" for column in columns)
        key = f"{self.orders[name][0]}:{self.orders[name]}{ending}"
        update = f"UPDATE trading_operation SET {written} WHERE key = :at"
        return update, {"at": key, **columns}

    def found(self, *statements: Statement) -> dict[str, list[str]]:
        """By check: what is found afterwards, also by whoever looks at all brokers."""
        own = self._found(self.till.broker.boundary, statements)
        everywhere = self._found(None, statements)
        for check, lines in own.items():
            assert set(lines) <= set(everywhere[check])
        return own

    def _found(
        self, boundary: Boundary | None, statements: tuple[Statement, ...]
    ) -> dict[str, list[str]]:
        engine = self.till.broker.server.services.database.engine
        with BoundSession(engine, boundary) as session:
            drop_guards(session)
            for statement, values in statements:
                changed: Any = session.connection().execute(text(statement), values)
                assert changed.rowcount == 1, statement
            found = {check.__name__: list(check(session)) for check in CHECKS}
            session.rollback()
        return {check: lines for check, lines in found.items() if lines}


@pytest.fixture(scope="module")
def busy(server: Server) -> Busy:
    return Busy(server)


def test_whatever_clients_and_operators_do_is_sound(busy: Busy) -> None:
    assert busy.found() == {}
    assert busy.till.violations() == []
    assert told(busy.till.floor.call("check_pending_withdrawal")) == {"has_pending": True}


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("credited", " received"),
        ("uncredited", " received"),
        ("paid", " approved"),
        ("given_back", " approved"),
        ("paid", " paid"),
        ("given_back", " taken back"),
        ("paid_back", " paid back"),
        ("paid_instead", " paid back"),
        ("came_back", " returned 1"),
        ("paid_again", " paid again 1"),
    ],
)
def test_what_should_be_in_the_ledger_and_is_not_is_found(
    busy: Busy, name: str, ending: str
) -> None:
    line = f"order {busy.orders[name]}: whether the ledger has{ending} disagrees with its states"
    assert busy.found(busy.posting(name, ending)) == {POSTED: [line]}


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("declined", " received"),
        ("drafted", " received"),
        ("refunded", " approved"),
        ("refused", " approved"),
        ("paying", " paid"),
        ("unpaid", " paid"),
        ("unpaid", " taken back"),
        ("paid", " taken back"),
        ("credited", " paid back"),
        ("refunded", " paid back"),
        ("moved", " paid back"),
        ("came_back", " paid again 1"),
    ],
)
def test_what_is_in_the_ledger_and_should_not_be_is_found(
    busy: Busy, name: str, ending: str
) -> None:
    number = busy.orders[name]
    other = busy.posting("moved", ":out hold", f"{number[0]}:{number}{ending}")
    line = f"order {number}: whether the ledger has{ending} disagrees with its states"
    assert busy.found(other) == {POSTED: [line]}


MOVEMENTS = [
    ("credited", "", "credited"),
    ("uncredited", "", "credit_failed"),
    ("paid", ":out", "debited"),
    ("refused", ":out", "refused"),
    ("refunded", ":refund", "refunded"),
    ("given_back", ":refund", "refunded"),
    ("waiting", ":out", "debited"),
    ("agreed_twice", ":out1", "debited"),
    ("moved", ":in", "credited"),
    ("stuck", ":in", "credit_failed"),
    ("returned", ":refund", "refunded"),
    ("paid_back", "", "given_up"),
    ("paid_instead", ":refund", "given_up"),
    ("went_back", ":in", "given_up"),
    ("went_back", ":refund", "refunded"),
]


@pytest.mark.parametrize(("name", "ending", "state"), MOVEMENTS)
@pytest.mark.parametrize(
    "columns", [{"key": "Z:other"}, {"amount": 1}, {"state": "unknown"}], ids=str
)
def test_an_operation_that_is_not_that_of_its_order_is_found(
    busy: Busy, name: str, ending: str, state: str, columns: Json
) -> None:
    line = f"order {busy.orders[name]} is {state}, and its operation is not"
    assert busy.found(busy.operation(name, ending, **columns)) == {OPERATIONS: [line]}


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("declined", ""),
        ("paid", ":refund"),
        ("refused", ":refund"),
        ("waiting", ":in"),
        ("kept", ":out"),
        ("promised", ":out"),
        ("returned", ":in"),
        ("moved", ":refund"),
    ],
)
def test_an_operation_that_no_order_asks_for_is_found(busy: Busy, name: str, ending: str) -> None:
    number = busy.orders[name]
    key = f"{number[0]}:{number}{ending}"
    spare = next(
        each for each in busy.till.floor.operations() if not each.key.startswith(("D", "W", "T"))
    )
    renamed = "UPDATE trading_operation SET key = :becomes WHERE key = :key"
    line = f"order {number} is none, and its operation is not"
    assert busy.found((renamed, {"key": spare.key, "becomes": key})) == {OPERATIONS: [line]}


@pytest.mark.parametrize(
    ("name", "column", "state"),
    [
        ("credited", "status", "disapproved"),
        ("declined", "status", "approved"),
        ("paid", "status", "auditing"),
        ("paid", "status", "disapproved"),
        ("refused", "status", "approved"),
        ("refused", "status", "pending"),
        ("refunded", "status", "approved"),
        ("paying", "debit_state", "debiting"),
        ("paid", "refund_state", "refunded"),
        ("given_back", "refund_state", "none"),
        ("refunded", "payout_state", "paying"),
        ("waiting", "credit_state", "credited"),
        ("moved", "status", "disapproved"),
        ("returned", "status", "approved"),
        ("waiting", "status", "approved"),
        ("waiting", "status", "disapproved"),
        ("waiting", "debit_state", "refused"),
        ("moved", "refund_state", "refunding"),
        ("moved", "debit_state", "debiting"),
        ("waiting", "debit_state", "none"),
        ("promised", "debit_state", "debited"),
        ("promised", "debit_state", "debiting"),
        ("agreed_twice", "debit_state", "none"),
        ("kept", "refund_state", "refunded"),
        ("kept", "debit_state", "debiting"),
        ("refused", "debit_state", "none"),
        ("went_back", "refund_state", "none"),
        ("went_back", "credit_state", "credited"),
    ],
)
def test_states_that_cannot_be_together_are_found(
    busy: Busy, name: str, column: str, state: str
) -> None:
    found = busy.found(busy.row(name, **{column: state}))
    line = f"order {busy.orders[name]}: its states do not go together"
    assert found[TOGETHER] == [line]


@pytest.mark.parametrize(
    "columns",
    [{"refused_debits": 5}, {"debits_on_approval": False}],
    ids=["too many", "none on approval"],
)
def test_a_debit_that_was_not_tried_in_vain_is_found(busy: Busy, columns: Json) -> None:
    line = "was refused by its trading server, and its operation was not"
    found = busy.found(busy.row("agreed_twice", **columns))
    assert found[IN_VAIN] == [f"order {busy.orders['agreed_twice']} {line}"]
    operation = busy.operation("agreed_twice", ":out", state="confirmed")
    assert busy.found(operation)[IN_VAIN] == [f"order {busy.orders['agreed_twice']} {line}"]


def test_money_that_waits_for_approval_has_not_gone_and_come_back(busy: Busy) -> None:
    line = f"order {busy.orders['kept']}: its states do not go together"
    gone = {"debit_state": "debited", "refund_state": "refunded"}
    assert busy.found(busy.row("kept", **gone))[TOGETHER] == [line]


@pytest.mark.parametrize("name", ["uncredited", "stuck", "waiting"])
def test_money_in_transit_that_is_not_the_orders_is_found(busy: Busy, name: str) -> None:
    found = busy.found(busy.row(name, amount=1))
    (line,) = found[TRANSIT]
    assert "is in transit, and its orders say" in line
    assert found.keys() == {TRANSIT, OPERATIONS}


def test_money_in_transit_of_which_the_ledger_knows_nothing_is_found(busy: Busy) -> None:
    account = busy.till.second
    hidden = "UPDATE ledger_account SET subject = 'x' WHERE kind = 'clearing' AND subject = :of"
    found = busy.found((hidden, {"of": f"trading_account {account}"}))
    assert found == {
        TRANSIT: [
            "x: 7000 is in transit, and its orders say 0",
            f"trading_account {account}: nothing is in transit, and its orders say 7000",
        ]
    }
