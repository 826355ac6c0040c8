"""Deposits as tests follow them: what clients are told, and how they pay at the stand-in."""

from typing import Any
from urllib.parse import urlsplit

from httpx2 import Response

from models.payment_event import PaymentEvent
from simulator.faults import Fault
from simulator.payment_signatures import signed
from simulator.stand_in import StandIn
from tests.cashier import Till
from tests.outgoing import states
from tests.payment_gateways import event

Json = Any

OVER = {"type": "checkout.session.expired", "payment_status": "unpaid", "status": "expired"}


def card_draft(till: Till, amount: str = "500.00", **changed: Json) -> str:
    """The number of a new deposit by card."""
    return till.draft(amount, remittance_id=till.card, **changed)


def press(till: Till, order: str, button: str = "pay") -> str:
    """The client presses a button on the page on which he pays. What it says then."""
    path = urlsplit(till.order(order).pay_url).path
    page = till.broker.server.http.post(path, data={"button": button})
    assert page.status_code == 200, page.text
    return page.text.partition("<strong>")[2].partition("</strong>")[0]


def pay(till: Till, order: str, button: str = "pay") -> None:
    """The same; the shop is told, and the worker does its part."""
    assert press(till, order, button) == "The shop was told."
    till.work()


def pay_untold(till: Till, order: str) -> None:
    """He has paid, and the notice is lost."""
    assert stand_in(till).pay(till.order(order).gateway_reference, till.broker.server.clock())


def stand_in(till: Till) -> StandIn:
    """The gateway of channels that have no other one."""
    return till.broker.server.services.payments.gateways.stand_in


def tell(till: Till, order: str, **changed: Json) -> None:
    """The gateway tells of another payment than an order's own; the worker does its part."""
    number = f"{len(events(till)) + 1}"
    told = {"order_number": order, "channel": str(till.card)}
    usual = {"id": f"cs_beside_{number}", "amount_total": 500_00, "metadata": told}
    body = event(**usual | changed).replace(b"evt_1", f"evt_beside_{number}".encode())
    server = till.broker.server
    secret = server.services.payments.stand_in_secret(till.card)
    headers = {"Stripe-Signature": signed(body, secret, server.clock())}
    answer = server.http.post(f"/webhooks/payments/{till.card}", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    till.work()


def tell_over(till: Till, order: str) -> None:
    """The gateway says that an order's payment has ended unpaid; the worker does its part."""
    tell(till, order, id=till.order(order).gateway_reference, **OVER)


def gateway_suffers(till: Till, *coming: Fault) -> None:
    """These faults are the next of the gateway."""
    stand_in(till).coming.extend(coming)


def page_state(till: Till, order: str) -> str:
    """What the page says of a payment: open, complete or expired."""
    reference = till.order(order).gateway_reference
    found = stand_in(till).session(reference, till.broker.server.clock())
    assert found
    return found.status


def events(till: Till) -> list[tuple[str, str]]:
    """What has been told of payments, and what has become of it."""
    rows: list[PaymentEvent] = till.floor.rows(PaymentEvent)
    return [(str(row.outcome), str(row.state)) for row in rows]


def status(till: Till, order: str) -> str:
    """That of an order as it is kept."""
    return states(till, order)["status"]


def ask_cancel(till: Till, order: str, token: str = "") -> Response:
    """The client does not want to pay any more."""
    return till.floor.call("cancel_deposit", {"order_number": order}, token=token)


def count(till: Till) -> int:
    """How many drafts a client is told that he has."""
    answer = till.floor.call("count_deposit_drafts", page=1, size=20)
    number: int = answer.json()["count"]
    return number


def history(till: Till, language: str = "en", **query: Json) -> Json:
    """One page of what he is told of his deposits."""
    asked = {"page": 1, "size": 20} | query
    answer = till.broker.call(
        "list_deposits", token=till.floor.token, query=asked, headers={"X-Language": language}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def row(till: Till, order: str) -> Json:
    """An order as he is told of it."""
    (found,) = (each for each in history(till)["list"] if each["order_number"] == order)
    return found
