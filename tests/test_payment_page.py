"""The page of the payment stand-in: for browsers without scripts; the broker hears at once."""

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from html import unescape
from typing import Any

import pytest
from httpx2 import Response

from gateways.payments import Payment, PaymentPort, PaymentState, PaymentWanted
from models.boundaries import BoundSession
from models.channel import Channel
from models.money import Denomination, Money
from models.payment_event import EventState, Outcome
from tests.payment_gateways import RETURN_URL, USD
from tests.payment_intake import Intake
from tests.server import Broker

Json = Any

HOSTILE = """<script>alert("1")</script>'&amp;</dd>"""


@dataclass
class Checkout:
    """A channel whose gateway is the stand-in, and an order that is to be paid."""

    intake: Intake
    wanted: PaymentWanted

    @cached_property
    def payment(self) -> Payment:
        return self.port.create(self.wanted)

    @property
    def port(self) -> PaymentPort:
        return self.intake.broker.server.services.payments.of(self.intake.channel)

    @property
    def path(self) -> str:
        return f"/stand-in/payments/{self.payment.reference}"

    def page(self) -> Response:
        return self.intake.broker.server.http.get(self.path)

    def press(self, button: str) -> str:
        """What the page says then."""
        answer = self.intake.broker.server.http.post(self.path, data={"button": button})
        assert answer.status_code == 200
        found = re.search("<strong>(.*?)</strong>", answer.text)
        return found[1] if found else ""

    def state(self) -> PaymentState:
        return self.port.query(self.payment.reference).state


def checkout_of(broker: Broker, **changed: Json) -> Checkout:
    intake = Intake(broker, address="")
    usual: Json = {
        "order_number": f"D{intake.channel.id}",
        "amount": Money(10_250, USD),
        "title": "Deposit",
        "expires_at": broker.server.clock() + timedelta(hours=1),
        "return_url": RETURN_URL,
    }
    return Checkout(intake, PaymentWanted(**usual | changed))


@pytest.fixture
def checkout(broker: Broker) -> Checkout:
    return checkout_of(broker)


def buttons(page: Response) -> list[str]:
    return re.findall('<button name="button" value="([a-z_]+)">', page.text)


def test_the_page_says_what_is_to_be_paid_for_what(checkout: Checkout) -> None:
    assert checkout.payment.pay_url == f"http://127.0.0.1:8000{checkout.path}"
    page = checkout.page()
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    for shown in ("102.50 USD", "Deposit", checkout.wanted.order_number, f'href="{RETURN_URL}"'):
        assert shown in page.text
    assert buttons(page) == ["pay", "pay_other", "decline"]


@pytest.mark.parametrize(
    ("code", "places", "shown"), [("JPY", 0, "5 JPY"), ("KWD", 3, "0.010 KWD"), ("ISK", 0, "5.00")]
)
def test_the_page_shows_amounts_of_any_currency(
    broker: Broker, code: str, places: int, shown: str
) -> None:
    amount = Money(10 if places else 5, Denomination(code, places))
    assert shown in checkout_of(broker, amount=amount).page().text


def test_who_pays_is_told_at_once_and_the_broker_hears_of_it(checkout: Checkout) -> None:
    assert checkout.press("pay") == "The shop was told."
    (kept,) = checkout.intake.events()
    assert (kept.outcome, kept.order_number) == (Outcome.PAID, checkout.wanted.order_number)
    assert kept.reference == checkout.payment.reference
    assert kept.is_of(checkout.wanted.amount)
    assert checkout.state() is PaymentState.PAID
    assert buttons(checkout.page()) == ["repeat"]
    checkout.intake.broker.server.deliver()
    assert checkout.intake.events()[0].state is EventState.UNMATCHED


def test_another_amount_is_another_amount(checkout: Checkout) -> None:
    assert "112.75 USD" in checkout.page().text
    checkout.press("pay_other")
    (kept,) = checkout.intake.events()
    assert kept.amount_minor == 11_275
    assert not kept.is_of(checkout.wanted.amount)


def test_who_is_declined_may_try_again(checkout: Checkout) -> None:
    assert "declined" in checkout.press("decline")
    assert checkout.intake.events() == []
    assert checkout.state() is PaymentState.OPEN
    checkout.press("pay")
    assert len(checkout.intake.events()) == 1


def test_the_broker_may_be_told_again_and_nobody_pays_twice(checkout: Checkout) -> None:
    checkout.press("pay")
    assert checkout.press("pay") == "It can no longer be paid."
    assert checkout.press("repeat") == "The shop was told."
    assert len(checkout.intake.events()) == 1


def test_what_has_ended_cannot_be_paid(checkout: Checkout) -> None:
    assert checkout.state() is PaymentState.OPEN
    checkout.intake.broker.server.clock.forward(hours=1)
    assert buttons(checkout.page()) == []
    assert "expired" in checkout.page().text
    assert checkout.press("pay") == "It can no longer be paid."
    assert checkout.press("repeat") == "It can no longer be paid."
    assert checkout.intake.events() == []


def test_nothing_on_the_page_is_more_than_text(broker: Broker) -> None:
    back = 'https://x/"><script>alert(1)</script>'
    checkout = checkout_of(broker, title=HOSTILE, return_url=back)
    for page in (checkout.page(), broker.server.http.post(checkout.path, data={"button": HOSTILE})):
        assert "<script" not in page.text
        assert HOSTILE in unescape(page.text)
        assert page.text.count("<a ") == 1
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "script-src" not in policy
        assert "frame-ancestors 'none'" in policy
        assert page.headers["cache-control"] == "no-store"


def test_no_page_is_there_but_those_of_sessions(checkout: Checkout, broker: Broker) -> None:
    http = broker.server.http
    for path in ("/stand-in/payments/cs_none", "/stand-in/payments/", "/stand-in/payments/a/b"):
        assert http.get(path).status_code == 404
        assert http.post(path, data={"button": "pay"}).status_code == 404
    assert http.put(checkout.path).status_code == 405
    assert http.post(checkout.path, content=b"button=pay&x=" + b"x" * 2000).status_code == 200
    assert http.post(checkout.path).status_code == 200
    assert checkout.state() is PaymentState.OPEN


def test_a_channel_that_has_a_gateway_by_now_does_not_believe_an_old_page(
    checkout: Checkout,
) -> None:
    path, intake = checkout.path, checkout.intake

    def move(session: BoundSession) -> None:
        session.get_one(Channel, intake.channel.id).gateway_address = "https://api.stripe.com"

    intake.write(move)
    answer = intake.broker.server.http.post(path, data={"button": "pay"})
    assert "did not take it" in answer.text
    assert intake.events() == []
