"""Whom a withdrawal is paid to: what is checked of him, and what is kept of him."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag

from backoffice import networks, payouts
from cashier.withdrawal_requests import opened
from models.withdrawal_order import WithdrawalOrder
from tests import channels
from tests.cashier import BANK, Till
from tests.outgoing import deeds, refused, violations
from tests.payees import PATTERNS
from tests.server import Server, problem
from tests.trading import Floor, told

Json = Any

WIRE: Json = {
    "account_holder_name": "Lin Mei",
    "bank_country": "SG",
    "bank_name": "DBS Bank",
    "bank_no": "003-920281-5",
    "beneficiary_address": "88 Century Avenue, Shanghai",
    "swift_code": "DBSSSGSG",
}
WALLET: Json = {
    "currency": "USDT",
    "network": "TRC20",
    "wallet_address": "TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE",
}
OWN: Json = {**BANK, "account_holder_name": "Lin Mei"}


@pytest.fixture(scope="module")
def payer(server: Server) -> Iterator[Till]:
    """Somebody who can be paid in every way; what he orders is rejected."""
    till = Till(Floor(server.broker()))
    till.fund("500.00")
    for name, pattern in PATTERNS.items():
        form = networks.NetworkForm(name=name, address_pattern=pattern)
        till.broker.desk(partial(networks.add_network, form=form))
    yield till
    assert (till.balance(), till.violations()) == ("500.00", [])


def by_wire(till: Till, **info: Json) -> Json:
    """What changes a request into one for a wire."""
    number = channels.publish(till.broker, channels.WITHDRAWAL)
    return {
        **{"method": "international_wire_transfer", "remittance_id": number},
        "bank_transfer_info": None,
        "international_wire_info": WIRE | info,
    }


def to_wallet(till: Till, **info: Json) -> Json:
    """The same for a wallet."""
    till.rate("USD", "USDT", "1")
    channel = {**channels.WITHDRAWAL, "method": "cryptocurrency", "currencies": ["USDT", "USD"]}
    return {
        **{"method": "cryptocurrency", "remittance_id": channels.publish(till.broker, channel)},
        **{"currency": "USDT", "remittance_amount": "100.000000"},
        "bank_transfer_info": None,
        "cryptocurrency_info": WALLET | info,
    }


def ask(till: Till, changed: Json) -> Any:
    """He sends it; what is None is left out."""
    body = till.wants_to_withdraw(**changed)
    return till.floor.call("create_withdrawal", {k: v for k, v in body.items() if v is not None})


def granted(till: Till, changed: Json) -> str:
    """What is left on the account while it has it; then it is rejected."""
    number = told(ask(till, changed))["order_number"]
    till.work()
    left = till.balance()
    till.reject(number)
    return left


@pytest.mark.parametrize("way", [by_wire, to_wallet], ids=["wire", "wallet"])
def test_every_method_pays(payer: Till, way: Any) -> None:
    assert granted(payer, way(payer)) == "400.00"


@pytest.mark.parametrize("missing", ["bank_transfer_info", "international_wire_info"])
def test_a_method_wants_its_own_info(payer: Till, missing: str) -> None:
    changed = by_wire(payer) if missing == "international_wire_info" else {}
    answer = ask(payer, changed | {missing: None})
    assert problem(answer) == (400, "METHOD_INFO_REQUIRED")
    assert violations(answer) == [(f"/body/{missing}", "required")]


def test_a_method_wants_no_other_info(payer: Till) -> None:
    others = {"cryptocurrency_info": WALLET, "international_wire_info": WIRE}
    answer = ask(payer, others)
    assert problem(answer) == (400, "METHOD_INFO_REQUIRED")
    assert sorted(violations(answer)) == [
        ("/body/cryptocurrency_info", "additionalProperties"),
        ("/body/international_wire_info", "additionalProperties"),
    ]


@pytest.mark.parametrize("name", ["lin mei", "  LIN   MEI "])
def test_a_name_is_the_same_however_it_is_written(payer: Till, name: str) -> None:
    granted(payer, {"bank_transfer_info": {**OWN, "account_holder_name": name}})


@pytest.mark.parametrize("name", ["Mei Lin", "Lin Mei Trading Ltd", "LinMei"])
def test_nobody_else_is_paid_unless_the_broker_lets(payer: Till, name: str) -> None:
    changed = {"bank_transfer_info": {**OWN, "account_holder_name": name}}
    answer = ask(payer, changed)
    assert problem(answer) == (400, "VALIDATION_ERROR")
    assert violations(answer) == [("/body/bank_transfer_info/account_holder_name", "const")]
    assert name not in answer.text
    wire = ask(payer, by_wire(payer, account_holder_name=name))
    assert violations(wire) == [("/body/international_wire_info/account_holder_name", "const")]
    payer.set(allows_third_parties=True)
    granted(payer, changed)
    payer.set(allows_third_parties=False)


@pytest.mark.parametrize("method", ["bank_transfer_info", "international_wire_info"])
def test_a_bank_is_in_a_country_that_there_is(payer: Till, method: str) -> None:
    info = {"bank_country": "ZZ"}
    is_wire = method == "international_wire_info"
    answer = ask(payer, by_wire(payer, **info) if is_wire else {method: OWN | info})
    assert problem(answer) == (400, "VALIDATION_ERROR")
    assert violations(answer) == [(f"/body/{method}/bank_country", "enum")]


@pytest.mark.parametrize(
    ("changed", "where", "rule"),
    [
        ({"network": "BEP20"}, "network", "enum"),
        ({"wallet_address": WALLET["wallet_address"] + "x"}, "wallet_address", "pattern"),
        ({"network": "ERC20"}, "wallet_address", "pattern"),
    ],
)
def test_a_wallet_is_on_its_network(payer: Till, changed: Json, where: str, rule: str) -> None:
    answer = ask(payer, to_wallet(payer, **changed))
    assert problem(answer) == (400, "VALIDATION_ERROR")
    assert violations(answer) == [(f"/body/cryptocurrency_info/{where}", rule)]


def test_a_network_that_was_taken_back_is_none(payer: Till) -> None:
    form = networks.NetworkForm(name="Gone", address_pattern=PATTERNS["TRC20"])
    payer.broker.desk(lambda desk: networks.add_network(desk, form))
    payer.broker.desk(lambda desk: networks.disable_network(desk, "Gone"))
    answer = ask(payer, to_wallet(payer, network="Gone"))
    assert violations(answer) == [("/body/cryptocurrency_info/network", "enum")]


def test_a_wallet_gets_the_currency_of_the_order(payer: Till) -> None:
    answer = ask(payer, to_wallet(payer, currency="USD"))
    assert problem(answer) == (409, "CURRENCY_MISMATCH")


def test_over_a_network_goes_its_own_currency_and_no_other(payer: Till) -> None:
    changed = {**to_wallet(payer, currency="USD"), "currency": "USD"}
    answer = ask(payer, changed | {"remittance_amount": "100.00"})
    assert problem(answer) == (400, "VALIDATION_ERROR")
    assert violations(answer) == [("/body/cryptocurrency_info/network", "enum")]


def test_where_it_goes_is_sealed_and_shown_to_whoever_pays(payer: Till) -> None:
    order = payer.withdraw("100.00")
    box = payer.broker.server.services.box
    row: WithdrawalOrder = payer.order(order)
    assert BANK["bank_no"].encode() not in row.payee
    found, info = payer.desk(lambda desk: payouts.payee(desk, box, order))
    assert (found.order_number, info) == (order, OWN)
    assert deeds(payer)[-1] == ("payee_shown", f"withdrawal {order}", None)
    assert not any(BANK["bank_no"] in str(deed) for deed in deeds(payer))
    payer.reject(order)


def test_the_payee_of_one_order_is_not_that_of_another(payer: Till) -> None:
    """Whoever can write to the database cannot have an order paid to the payee of another one."""
    orders = [payer.withdraw("100.00")]
    payer.reject(orders[0])
    orders.append(payer.withdraw("100.00"))
    payer.reject(orders[1])
    first, second = map(payer.order, orders)
    second.payee = first.payee
    with pytest.raises(InvalidTag):
        opened(payer.broker.server.services.box, second)


def test_there_is_no_payee_of_an_order_that_there_is_not(payer: Till) -> None:
    box = payer.broker.server.services.box
    order = payer.withdraw("100.00")
    other = payer.broker.server.broker()
    for broker, number in ((payer.broker, "W1"), (other, order)):
        shown = partial(payouts.payee, box=box, order_number=number)
        assert refused(partial(broker.desk, shown)) == f"there is no withdrawal {number}"
    payer.reject(order)
